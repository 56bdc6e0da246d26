using System.Security.Cryptography;

namespace Pavise.Attestation.Launch;

/// <summary>SHA-256 of what a measured direct boot loads.</summary>
/// <param name="Kernel">Of the kernel file as given to the hypervisor.</param>
/// <param name="Initrd">Of the initial RAM disk; of nothing when there is none.</param>
/// <param name="CommandLine">Of the command line with a zero byte behind it.</param>
public sealed record BootHashes(ReadOnlyMemory<byte> Kernel, ReadOnlyMemory<byte> Initrd, ReadOnlyMemory<byte> CommandLine)
{
    /// <summary>Hashes the three.</summary>
    public static BootHashes Of(ReadOnlySpan<byte> kernel, ReadOnlySpan<byte> initrd, string commandLine) =>
        new(SHA256.HashData(kernel), SHA256.HashData(initrd), OfCommandLine(commandLine));

    /// <summary>The hash of a command line.</summary>
    public static byte[] OfCommandLine(string commandLine) => SHA256.HashData((byte[])[.. System.Text.Encoding.UTF8.GetBytes(commandLine), 0]);
}
