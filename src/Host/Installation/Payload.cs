namespace Pavise.Host.Installation;

/// <summary>A file to install.</summary>
/// <param name="From">Where it is now.</param>
/// <param name="To">Where it goes, on the node.</param>
/// <param name="Mode">Its mode.</param>
internal sealed record PayloadFile(string From, string To, UnixFileMode Mode);

/// <summary>What an installer brings.</summary>
internal static class Payload
{
    private static readonly string[] Programs = ["pavise-runtime", "containerd-shim-pavise-v2"];
    private static readonly string[] GuestFiles = ["vmlinuz", "initrd.img", "manifest.json", "sbom.spdx.json"];
    private static readonly string[] Flavours = ["development", "production"];

    /// <summary>The files, programs first.</summary>
    /// <exception cref="HostException">The payload is not complete.</exception>
    public static IReadOnlyList<PayloadFile> Files(InstallOptions options)
    {
        List<PayloadFile> files = [.. Programs.Select(p => new PayloadFile(Path.Combine(options.Payload, "bin", p), $"{options.ProgramFolder}/{p}", NodeFiles.Program))];
        foreach (string flavour in Flavours.Where(f => Directory.Exists(Path.Combine(options.Payload, "guest", f)) || f == options.Flavour))
        {
            files.AddRange(GuestFiles.Select(g => new PayloadFile(Path.Combine(options.Payload, "guest", flavour, g), $"{options.GuestFolder}/{flavour}/{g}", NodeFiles.Data)));
        }

        string[] missing = [.. files.Where(f => !File.Exists(f.From)).Select(f => f.From)];
        return missing.Length == 0 ? files : throw new HostException($"the installer is not complete; missing: {string.Join(", ", missing)}. Run ./build, or name its folder by --payload");
    }
}
