namespace Pavise.Host.Installation;

/// <summary>
/// Installs Pavise on a node. What can be refused is refused before the first change; what is changed is written down before. Run again,
/// it changes what is new and nothing else.
/// </summary>
internal sealed class Installer(InstallOptions options, INodeControl control, TimeProvider time, TextWriter output)
{
    /// <summary>The user of the VMM.</summary>
    public const string VmmUser = "pavise-vmm";

    private const string BackupSuffix = ".pavise-backup";

    private readonly HostRoot root = options.Root;
    private InstallRecord record = InstallRecord.Empty;

    /// <summary>Installs.</summary>
    /// <exception cref="HostException">Something is missing, in the way, or failed; the message says what to do.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        IReadOnlyList<PayloadFile> files = Payload.Files(options);
        byte[] configuration = NodeConfiguration.Bytes(options);
        RequireVmm();
        ContainerdTarget target = options.Target();
        record = InstallRecord.Read(root.Map(InstallRecord.DefaultPath)) ?? InstallRecord.Empty;
        if (record.Configuration is { } other && other != target.Configuration)
        {
            throw new HostException($"Pavise is installed already, in {other}; uninstall it before it is installed in {target.Configuration}");
        }

        byte[]? before = ReadIfThere(target.Configuration);
        byte[] after = target.Generated is null
            ? ConfigurationMerge.Add(before ?? "version = 2\n"u8, target.Configuration)
            : TemplateMerge.Add(before ?? System.Text.Encoding.UTF8.GetBytes(TemplateMerge.NewFile), target.TemplatePlugin, target.Configuration);
        PayloadFile[] wanted = [.. files.Where(f => IsWanted(f.To, NodeFiles.Digest(f.From)!))];

        MakeFolder(Path.GetDirectoryName(InstallRecord.DefaultPath)!);
        record = record with { Configuration = target.Configuration, ConfigurationCreated = record.ConfigurationCreated || (before is null && record.Configuration is null) };
        Save();
        if (await control.AddUserAsync(VmmUser, cancellation))
        {
            record = record with { UserCreated = true };
            output.WriteLine($"user {VmmUser}: made");
        }

        foreach (PayloadFile file in wanted)
        {
            Put(file.To, NodeFiles.Digest(file.From)!, path => NodeFiles.Copy(file.From, path, file.Mode));
        }

        PutNodeConfiguration(configuration);
        if (before is not null && after.AsSpan().SequenceEqual(before))
        {
            output.WriteLine($"{target.Configuration}: has the runtime already; containerd goes on as it is");
            return;
        }

        if (before is not null && !RuntimeBlock.Stands(before))
        {
            Put(target.Configuration + BackupSuffix, Digest(before), path => NodeFiles.Write(path, before, File.GetUnixFileMode(root.Map(target.Configuration))));
        }

        MakeFolder(Path.GetDirectoryName(target.Configuration)!);
        await new ContainerdChange(root, control, time, output).ApplyAsync(target, before, after, mustKnow: true, options.Patience, cancellation);
    }

    /// <summary>QEMU belongs to the node, with its libraries and its updates; the installer only looks for it.</summary>
    private void RequireVmm()
    {
        if (options.Machine != "process" && !File.Exists(root.Map(options.Vmm)))
        {
            throw new HostException($"the node has no {options.Vmm}; install it there (Debian: qemu-system-x86), name another by --qemu, or choose the machine process for development");
        }

        if (options.Machine is "snp" or "tdx" && (options.Firmware is not { } firmware || !File.Exists(root.Map(firmware))))
        {
            throw new HostException($"the machine {options.Machine} needs OVMF firmware on the node: name it by --firmware{(options.Firmware is null ? "" : $" ({options.Firmware} is not there)")}");
        }
    }

    /// <summary>Whether a file has to be put there.</summary>
    /// <exception cref="HostException">Another one, not the installer's, is there.</exception>
    private bool IsWanted(string path, string digest)
    {
        string? there = NodeFiles.Digest(root.Map(path));
        if (there is null)
        {
            return true;
        }

        InstalledFile? mine = record.Files.FirstOrDefault(f => f.Path == path);
        if (there == digest)
        {
            return mine is not null && mine.Sha256 != digest;
        }

        return options.Force || mine?.Sha256 == there
            ? true
            : throw new HostException($"{path} on the node is not what this installer put there; remove it, or replace it by --force");
    }

    private void PutNodeConfiguration(byte[] bytes)
    {
        string path = Configuration.ConfigurationFile.DefaultPath;
        string? there = NodeFiles.Digest(root.Map(path));
        if (there is null || (there != Digest(bytes) && record.Files.Any(f => f.Path == path && f.Sha256 == there)))
        {
            Put(path, Digest(bytes), to => NodeFiles.Write(to, bytes, NodeFiles.Data));
        }
        else if (there != Digest(bytes))
        {
            output.WriteLine($"{path}: is the node's own and stays as it is");
        }
    }

    private void Put(string path, string digest, Action<string> put)
    {
        MakeFolder(Path.GetDirectoryName(path)!);
        record = record with { Files = [.. record.Files.Where(f => f.Path != path), new InstalledFile(path, digest)] };
        Save();
        put(root.Map(path));
        output.WriteLine($"{path}: installed");
    }

    private void MakeFolder(string folder)
    {
        if (folder.Length <= 1 || Directory.Exists(root.Map(folder)))
        {
            return;
        }

        MakeFolder(Path.GetDirectoryName(folder)!);
        Directory.CreateDirectory(root.Map(folder));
        record = record with { Folders = [.. record.Folders, folder] };
        Save();
    }

    /// <summary>Until its own folder is made there is nothing else to undo.</summary>
    private void Save()
    {
        string path = root.Map(InstallRecord.DefaultPath);
        if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            record.Write(path);
        }
    }

    private byte[]? ReadIfThere(string path) => File.Exists(root.Map(path)) ? File.ReadAllBytes(root.Map(path)) : null;

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
}
