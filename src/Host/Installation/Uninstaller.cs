using System.Text;

namespace Pavise.Host.Installation;

/// <summary>Undoes what the record says, and nothing else: files that somebody changed since stay, and so does the image cache.</summary>
internal sealed class Uninstaller(InstallOptions options, INodeControl control, TimeProvider time, TextWriter output)
{
    private readonly HostRoot root = options.Root;

    /// <summary>Uninstalls.</summary>
    /// <exception cref="HostException">pVMs run, or a step failed; what the record still names can be undone by another run.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        string[] running = RunningSandboxes.Find(root);
        if (running.Length > 0 && !options.Force)
        {
            throw new HostException($"{running.Length} pVMs run on this node ({string.Join(", ", running.Take(3))}{(running.Length > 3 ? ", …" : "")}); delete their pods first, or end them by --force");
        }

        string recordPath = root.Map(InstallRecord.DefaultPath);
        InstallRecord record = InstallRecord.Read(recordPath) ?? InstallRecord.Empty;
        await RestoreAsync(record, cancellation);
        foreach (InstalledFile file in record.Files.Reverse())
        {
            Remove(file);
        }

        if (record.UserCreated)
        {
            await control.RemoveUserAsync(Installer.VmmUser, cancellation);
            output.WriteLine($"user {Installer.VmmUser}: removed");
        }

        File.Delete(recordPath);
        foreach (string folder in record.Folders.Reverse())
        {
            NodeFiles.RemoveIfEmpty(root.Map(folder));
        }

        string cache = new Configuration.HostConfiguration().Cache;
        if (Directory.Exists(root.Map(cache)))
        {
            output.WriteLine($"{cache}: the cache of root images stays; remove it when no other node program uses it");
        }
    }

    private async Task RestoreAsync(InstallRecord record, CancellationToken cancellation)
    {
        ContainerdTarget target = options.Target();
        target = target with { Configuration = record.Configuration ?? target.Configuration };
        string path = root.Map(target.Configuration);
        if (!File.Exists(path) || File.ReadAllBytes(path) is not { } before || !RuntimeBlock.Stands(before))
        {
            return;
        }

        byte[] after = target.Generated is null ? ConfigurationMerge.Remove(before, target.Configuration) : TemplateMerge.Remove(before);
        byte[] created = Encoding.UTF8.GetBytes(target.Generated is null ? ConfigurationMerge.NewFile : TemplateMerge.NewFile);
        bool gone = record.ConfigurationCreated && after.AsSpan().SequenceEqual(created);
        await new ContainerdChange(root, control, time, output).ApplyAsync(target, before, gone ? null : after, mustKnow: false, options.Patience, cancellation);
    }

    private void Remove(InstalledFile file)
    {
        string path = root.Map(file.Path);
        switch (NodeFiles.Digest(path))
        {
            case null:
                break;
            case { } digest when digest == file.Sha256:
                File.Delete(path);
                output.WriteLine($"{file.Path}: removed");
                break;
            default:
                output.WriteLine($"{file.Path}: was changed since its installation and stays");
                break;
        }
    }
}
