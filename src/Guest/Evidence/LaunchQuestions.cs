using Pavise.Attestation;
using Pavise.Boundary;

namespace Pavise.Guest.Evidence;

/// <summary>Asks for evidence of this launch for others to verify. What does not answer the question, or is of another launch, is not worth sending.</summary>
/// <param name="source">What attests the launch.</param>
/// <param name="policy">The bound policy's digest.</param>
internal sealed class LaunchQuestions(IEvidenceSource source, PolicyDigest policy)
{
    /// <summary>What makes the evidence.</summary>
    public TeeKind Tee => source.Tee;

    /// <summary>Evidence over 64 bytes of report data.</summary>
    /// <exception cref="IOException">None came, or another one.</exception>
    public async Task<LaunchEvidence> AskAsync(ReadOnlyMemory<byte> reportData, CancellationToken cancellation)
    {
        Untrusted<byte[]> answer = await source.ReportAsync(reportData, cancellation);
        return answer.Validate(bytes =>
        {
            try
            {
                LaunchEvidence launch = LaunchEvidence.Parse(source.Tee, bytes);
                return launch.ReportData.Span.SequenceEqual(reportData.Span) && launch.PolicyDigest.Span.SequenceEqual(policy.For(source.Tee).Span)
                    ? launch
                    : throw new IOException("the evidence that came is not of this launch and question");
            }
            catch (EvidenceFormatException e)
            {
                throw new IOException(e.Message, e);
            }
        });
    }
}
