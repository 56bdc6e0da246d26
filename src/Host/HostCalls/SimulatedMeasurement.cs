using System.Security.Cryptography;
using System.Text;
using Pavise.Host.Protos;

namespace Pavise.Host.HostCalls;

/// <summary>
/// What a simulated launch measures to: SHA-384 of the label <c>pavise-sim-launch-v1</c>, a zero byte, and the SHA-256 of each file that is launched and of the
/// command line with a zero byte behind it. `pavise measure` computes the same from a guest image; the host says it of itself, so it proves nothing.
/// </summary>
internal static class SimulatedMeasurement
{
    private static ReadOnlySpan<byte> Label => "pavise-sim-launch-v1\0"u8;

    /// <summary>The measurement of a launch, 48 bytes. What a visor appends to the command line by itself does not count.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static byte[] Of(LaunchRequest request) => request.GuestProgram.Length > 0
        ? SHA384.HashData((byte[])[.. Label, .. OfFile(request.GuestProgram)])
        : SHA384.HashData((byte[])[.. Label, .. OfFile(request.Kernel), .. OfFile(request.Initrd), .. SHA256.HashData((byte[])[.. Encoding.UTF8.GetBytes(request.CommandLine), 0])]);

    private static byte[] OfFile(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return SHA256.HashData(file);
    }
}
