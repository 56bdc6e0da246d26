using System.Security.Cryptography;
using Pavise.Attestation;
using Pavise.Boundary;

namespace Pavise.Guest.Evidence;

/// <summary>Whether the evidence of this launch binds the bytes that the host calls the policy.</summary>
internal static class PolicyBinding
{
    private const int ReportDataBytes = 64;

    /// <summary>Domain separation: a report made here can be taken for no other purpose.</summary>
    private static ReadOnlySpan<byte> Label => "pavise-bind-v1"u8;

    /// <summary>Asks for fresh evidence and compares.</summary>
    /// <param name="source">Evidence source, or null when this guest has none.</param>
    /// <param name="policy">The received bytes; empty in unshielded mode, which binds zeros.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null when bound, else why not.</returns>
    public static async Task<string?> CheckAsync(IEvidenceSource? source, ReadOnlyMemory<byte> policy, CancellationToken cancellation)
    {
        if (source is null)
        {
            return "this guest has no evidence source";
        }

        byte[] reportData = new byte[ReportDataBytes];
        Span<byte> input = stackalloc byte[Label.Length + 32];
        Label.CopyTo(input);
        RandomNumberGenerator.Fill(input[Label.Length..]);
        SHA512.HashData(input, reportData);
        ReadOnlyMemory<byte> bound = PolicyDigest.OfPolicy(policy.Span).For(source.Tee);
        byte[] expected = policy.IsEmpty ? new byte[bound.Length] : bound.ToArray();
        Untrusted<byte[]> answer = await source.ReportAsync(reportData, cancellation);
        return answer.Validate(bytes => Compare(source.Tee, bytes, reportData, expected));
    }

    private static string? Compare(TeeKind tee, byte[] bytes, byte[] reportData, byte[] digest)
    {
        try
        {
            LaunchEvidence evidence = LaunchEvidence.Parse(tee, bytes);
            return !evidence.ReportData.Span.SequenceEqual(reportData) ? "the report does not answer this request"
                : !evidence.PolicyDigest.Span.SequenceEqual(digest) ? "the policy is not the one that this launch binds"
                : null;
        }
        catch (EvidenceFormatException e)
        {
            return e.Message;
        }
    }
}
