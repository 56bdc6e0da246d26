using Pavise.Attestation;
using Pavise.Attestation.Kbs;
using Pavise.Attestation.Snp;

namespace Pavise.Owner.Verification;

/// <summary>Evidence in a file: a report or quote as bytes, or the JSON that an attester sends to a key broker.</summary>
internal static class EvidenceFile
{
    /// <summary>Tells the kind by the form; the simulated kind has SNP's and is only ever what the owner names.</summary>
    internal static TeeKind Guess(ReadOnlySpan<byte> content) => IsJson(content)
        ? content.IndexOf("\"quote\""u8) >= 0 ? TeeKind.Tdx : TeeKind.Snp
        : content.Length == SnpReport.Bytes ? TeeKind.Snp : TeeKind.Tdx;

    /// <exception cref="EvidenceFormatException">The content is no evidence of that kind.</exception>
    internal static LaunchEvidence Parse(TeeKind tee, byte[] content) => IsJson(content) ? EvidenceJson.Read(tee, content) : LaunchEvidence.Parse(tee, content);

    private static bool IsJson(ReadOnlySpan<byte> content) => content.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
}
