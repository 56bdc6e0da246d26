using System.Security.Cryptography;
using Pavise.Owner.GuestBuild.Archive;
using Pavise.Owner.GuestBuild.Manifest;

namespace Pavise.Owner.GuestBuild;

/// <summary>The parts of an image in memory, a pure function of the kernel and the files.</summary>
internal sealed record GuestImage(byte[] Kernel, byte[] Initrd, GuestManifest Manifest)
{
    /// <summary>Empty folders on which PID 1 mounts, besides those that hold files.</summary>
    private static readonly string[] MountPoints = ["proc", "sys", "dev", "run", "tmp"];

    internal static GuestImage Make(string flavour, byte[] kernel, string kernelVersion, IReadOnlyList<GuestFile> files)
    {
        IEnumerable<string> folders = files.SelectMany(f => Parents(f.Path)).Concat(MountPoints).Distinct();
        using MemoryStream initrd = new();
        CpioWriter.Write(initrd, [.. folders.Select(f => CpioEntry.Folder(f)), .. files.Select(f => CpioEntry.File(f.Path, f.Content, f.Mode))]);
        byte[] archive = initrd.ToArray();
        GuestManifest manifest = new(
            flavour,
            kernelVersion,
            new(GuestManifest.KernelName, Hash(kernel), kernel.Length),
            new(GuestManifest.InitrdName, Hash(archive), archive.Length),
            CommandLines.All,
            [.. files.Select(f => new ManifestFile($"/{f.Path}", Hash(f.Content.Span), f.Content.Length, Octal(f.Mode)))]);
        return new(kernel, archive, manifest);
    }

    internal static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    internal static string Octal(int mode) => Convert.ToString(mode, 8).PadLeft(4, '0');

    private static IEnumerable<string> Parents(string path)
    {
        for (int slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[..slash];
        }
    }
}
