using System.Security.Cryptography;
using System.Text;
using Pavise.Attestation;
using Pavise.Attestation.Kbs;
using Pavise.Attestation.Tests.Synthetic;
using Pavise.Session.Client;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Tests.Support;

/// <summary>A guest on a synthetic SNP machine: its report binds the policy and what the broker asks.</summary>
internal sealed class SnpGuest
{
    public SnpScene Scene { get; } = new();

    public string Policy { get; init; } = TestPolicies.Of("redis", 1);

    /// <summary>Changes the report before it is signed.</summary>
    public Action<SnpScene> Before { get; init; } = _ => { };

    /// <summary>Changes report and certificates after that.</summary>
    public Action<SnpScene> After { get; init; } = _ => { };

    public string Measurement => Convert.ToHexStringLower(Scene.Report.AsSpan(0x90, 48));

    public AttestParameters Parameters => new("snp", new InitData("json", Policy), (reportData, _) =>
    {
        SHA256.HashData(Encoding.UTF8.GetBytes(Policy)).CopyTo(Scene.Report, 0xC0);
        reportData.Span.CopyTo(Scene.Report.AsSpan(0x50));
        Before(Scene);
        Scene.Sign();
        After(Scene);
        LaunchEvidence evidence = LaunchEvidence.Parse(TeeKind.Snp, Scene.Report, [.. Scene.Certificates.Select(c => (ReadOnlyMemory<byte>)c)]);
        return Task.FromResult<ReadOnlyMemory<byte>>(EvidenceJson.Write(evidence));
    });
}

/// <summary>A guest on a synthetic TDX machine.</summary>
internal sealed class TdxGuest(bool td15 = false) : IDisposable
{
    public TdxScene Scene { get; } = new(td15);

    public string Policy { get; init; } = TestPolicies.Of("redis", 1);

    /// <summary>Changes the TD before its quote is made.</summary>
    public Action<TdxScene> Before { get; init; } = _ => { };

    public string Measurement => string.Join(',', new[] { 136, 328, 376, 424, 472 }.Select(o => Convert.ToHexStringLower(Scene.Body.AsSpan(o, 48))));

    public AttestParameters Parameters => new("tdx", new InitData("json", Policy), (reportData, _) =>
    {
        SHA384.HashData(Encoding.UTF8.GetBytes(Policy)).CopyTo(Scene.Body, 184);
        reportData.Span.CopyTo(Scene.Body.AsSpan(520));
        Before(Scene);
        return Task.FromResult<ReadOnlyMemory<byte>>(EvidenceJson.Write(LaunchEvidence.Parse(TeeKind.Tdx, Scene.Change(Scene.Quote()))));
    });

    public void Dispose() => Scene.Dispose();
}
