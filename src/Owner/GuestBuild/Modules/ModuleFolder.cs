using System.IO.Compression;
using Pavise.Owner.GuestBuild.Elf;

namespace Pavise.Owner.GuestBuild.Modules;

/// <summary>
/// The modules of one kernel: every `NAME.ko` (or `.ko.xz`, `.ko.zst`, `.ko.gz`) below a folder. Debian's package has no `modules.dep` (depmod makes
/// it when the package is installed), and what a module needs stands in the module itself, so that is what is read.
/// </summary>
internal sealed class ModuleFolder
{
    /// <summary>Largest uncompressed module; the largest of Debian's has 5 MiB.</summary>
    private const int MaxModuleBytes = 64 * 1024 * 1024;

    private readonly Dictionary<string, string> files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KernelModule> read = new(StringComparer.Ordinal);
    private readonly string kernelVersion;
    private readonly bool keepSignatures;

    internal ModuleFolder(string folder, string kernelVersion, bool keepSignatures = false)
    {
        this.keepSignatures = keepSignatures;
        this.kernelVersion = kernelVersion;
        foreach (string file in Directory.EnumerateFiles(folder, "*.ko*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(file);
            if (name.EndsWith(".ko", StringComparison.Ordinal) || name.EndsWith(".ko.xz", StringComparison.Ordinal) || name.EndsWith(".ko.zst", StringComparison.Ordinal) || name.EndsWith(".ko.gz", StringComparison.Ordinal))
            {
                files.TryAdd(Key(name[..name.IndexOf(".ko", StringComparison.Ordinal)]), file);
            }
        }
    }

    /// <summary>The kernel treats `-` and `_` in names alike.</summary>
    internal static string Key(string name) => name.Replace('-', '_');

    internal bool Has(string name) => files.ContainsKey(Key(name));

    /// <exception cref="OwnerException">There is no such module, it is malformed, or it belongs to another kernel.</exception>
    internal async Task<KernelModule> ReadAsync(string name, CancellationToken cancel)
    {
        string key = Key(name);
        if (read.TryGetValue(key, out KernelModule? known))
        {
            return known;
        }

        if (!files.TryGetValue(key, out string? file))
        {
            throw new OwnerException($"the kernel has no module `{name}`", "use a kernel that has it as a module, such as Debian's linux-image-cloud-amd64");
        }

        ReadOnlyMemory<byte> content = await LoadAsync(file, cancel);
        ModuleInfo info;
        try
        {
            content = keepSignatures ? content : ModuleSignature.Strip(content);
            info = ModuleInfo.Parse((ElfFile.Read(content).Section(".modinfo") ?? throw new FormatException("not a kernel module")).Span);
        }
        catch (FormatException e)
        {
            throw new OwnerException($"{file}: {e.Message}", inner: e);
        }

        if (info.KernelVersion != kernelVersion)
        {
            throw new OwnerException($"{file} was made for kernel {info.KernelVersion}, not for {kernelVersion}");
        }

        string fileName = Path.GetFileName(file);
        KernelModule module = new(fileName[..fileName.IndexOf(".ko", StringComparison.Ordinal)], content, info);
        read.Add(key, module);
        return module;
    }

    private static async Task<byte[]> LoadAsync(string file, CancellationToken cancel)
    {
        byte[] content = Path.GetExtension(file) switch
        {
            ".xz" => await ExternalTool.BytesAsync("xz", ["--decompress", "--stdout", "--", file], MaxModuleBytes, cancel),
            ".zst" => await ExternalTool.BytesAsync("zstd", ["--decompress", "--stdout", "--quiet", "--", file], MaxModuleBytes, cancel),
            ".gz" => await InflateAsync(file, cancel),
            _ => await File.ReadAllBytesAsync(file, cancel),
        };
        return content.Length <= MaxModuleBytes ? content : throw new OwnerException($"{file} has more than {MaxModuleBytes} bytes");
    }

    private static async Task<byte[]> InflateAsync(string file, CancellationToken cancel)
    {
        await using GZipStream packed = new(File.OpenRead(file), CompressionMode.Decompress);
        return await BoundedRead.AllAsync(packed, MaxModuleBytes, file, cancel);
    }
}
