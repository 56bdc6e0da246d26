namespace Pavise.Session.Logs;

/// <summary>Which stream of which process, boot and policy a sealed log is.</summary>
/// <param name="PolicySha256Hex">SHA-256 of the canonical policy.</param>
/// <param name="Container">Name of the container in the policy.</param>
/// <param name="ContainerId">The orchestrator's id; the host chose it.</param>
/// <param name="Run">Which start of that container in this boot, from 1.</param>
/// <param name="Process">Empty for the container's first process, else the exec.</param>
/// <param name="Stream"><c>stdout</c> or <c>stderr</c>.</param>
/// <param name="BeganUnixMs">When it began, by the guest's clock.</param>
public sealed record LogStreamInfo(string PolicySha256Hex, string Container, string ContainerId, int Run, string Process, string Stream, long BeganUnixMs);

/// <summary>What signs headers: the guest's boot key.</summary>
public interface ILogSigner
{
    /// <summary>The certificate with evidence over the key, DER.</summary>
    ReadOnlyMemory<byte> Certificate { get; }

    /// <summary>Names the boot: SHA-256 of the key's SubjectPublicKeyInfo, hexadecimal.</summary>
    string Boot { get; }

    /// <summary>ECDSA P-384 with SHA-384: r and s, 48 bytes each.</summary>
    byte[] Sign(ReadOnlySpan<byte> message);
}
