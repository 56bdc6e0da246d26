using System.Security.Cryptography;

namespace Pavise.Attestation.Launch;

/// <summary>
/// The measurement of the simulated secure processor, 48 bytes: SHA-384 of the label <c>pavise-sim-launch-v1</c>, a zero byte, and the SHA-256 of each part. It
/// has the form of a real one so that everything behind it can be tried without a TEE; the host computes it about itself.
/// </summary>
public static class SimulatedLaunch
{
    private static ReadOnlySpan<byte> Label => "pavise-sim-launch-v1\0"u8;

    /// <summary>The machines <c>tcg</c> and <c>kvm</c>: kernel, initial RAM disk and the guest image's command line for the machine, without what a visor appends.</summary>
    public static byte[] OfMachine(BootHashes boot) => SHA384.HashData((byte[])[.. Label, .. boot.Kernel.Span, .. boot.Initrd.Span, .. boot.CommandLine.Span]);

    /// <summary>The machine <c>process</c>: the guest program.</summary>
    /// <param name="guestSha256">SHA-256 of the program.</param>
    public static byte[] OfProcess(ReadOnlySpan<byte> guestSha256) => SHA384.HashData((byte[])[.. Label, .. guestSha256]);
}
