using System.Buffers.Binary;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Tdx;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests.Checks;

/// <summary>Every check of TDX evidence fails at least once, for its own reason, without any recorded evidence.</summary>
public sealed class TdxChecksTests
{
    private const int BodyAt = 48, SignatureAt = BodyAt + TdxReportBody.Td10Bytes + 4, QeReportAt = SignatureAt + 128 + 6;
    private static readonly ReadOnlyMemory<byte> Other48 = Enumerable.Repeat((byte)0xEE, 48).ToArray();

    [Fact]
    public void Every_check_of_TDX_evidence_fails_for_its_own_reason()
    {
        DateTimeOffset made = IntelPlatform.Now.AddDays(-1), next = IntelPlatform.Now.AddDays(30);
        Failing.Cover(CheckNames.Tdx, new Dictionary<string, Func<Verdict>>
        {
            [CheckNames.Form] = () => EvidenceVerifier.Verify(TeeKind.Tdx, new byte[600], VerificationCollateral.None, new(), IntelPlatform.Now),
            [CheckNames.Kind] = () => Appraised(r => r with { Tees = [TeeKind.Snp] }),
            [CheckNames.TdxQuotingEnclaveVendor] = () => Changed(s => s.Vendor = new byte[16]),
            [CheckNames.TdxPckForm] = () => Chain(c => [c[0], c[1]]),
            [CheckNames.TdxChainRoot] = () => Other(o => Chain(c => [c[0], c[1], o.Root])),
            [CheckNames.TdxChainIntermediate] = () => Other(o => Chain(c => [c[0], o.Ca, c[2]])),
            [CheckNames.TdxChainLeaf] = () => Other(o => Chain(c => [o.Pck, c[1], c[2]])),
            [CheckNames.TdxChainValidity] = () => Changed(s => s.At = IntelPlatform.End.AddSeconds(1)),
            [CheckNames.TdxQeSignature] = () => Flipped(QeReportAt + 100),
            [CheckNames.TdxQeBinding] = () => Flipped(QeReportAt + 384 + 64 + 2),
            [CheckNames.TdxSignature] = () => Flipped(SignatureAt),
            [CheckNames.TdxRootCrl] = () => Changed(s => s.RootCrl = s.Platform.RootCrl(made, next, IntelPlatform.CaSerial)),
            [CheckNames.TdxPckCrl] = () => Changed(s => s.PckCrl = s.Platform.PckCrl(made, next, IntelPlatform.PckSerial)),
            [CheckNames.TdxTcbInfoSignature] = () => Collateral(c => c with { TcbInfo = Damaged(c.TcbInfo) }),
            [CheckNames.TdxTcbInfoFresh] = () => Changed(s => s.Info = new() { Next = IntelPlatform.Now.AddSeconds(-1) }),
            [CheckNames.TdxTcbInfoEvaluation] = () => Asking(s => s.Info = new() { Evaluation = 16 }, r => r with { MinimumEvaluation = 17 }),
            [CheckNames.TdxTcbInfoPlatform] = () => Changed(s => s.Info = new() { Fmspc = "00806F000000" }),
            [CheckNames.TdxQeIdentitySignature] = () => Collateral(c => c with { QeIdentity = Damaged(c.QeIdentity) }),
            [CheckNames.TdxQeIdentityFresh] = () => Changed(s => s.Identity = new() { Next = IntelPlatform.Now.AddSeconds(-1) }),
            [CheckNames.TdxQeIdentityEvaluation] = () => Asking(s => s.Identity = new() { Evaluation = 16 }, r => r with { MinimumEvaluation = 17 }),
            [CheckNames.TdxQeIdentityMatch] = () => Changed(s => s.QeReport[128] ^= 1),
            [CheckNames.TdxModule] = () => Changed(s => s.Info = new() { ModuleSigner = new string('1', 96) }),
            [CheckNames.TdxTcbStatus] = () => Changed(s => s.TeeTcbSvn = [4, 0, 5]),
            [CheckNames.TdxAdvisories] = () => Asking(s => s.TeeTcbSvn = [4, 0, 5], r => r with { Statuses = [TcbStatus.OutOfDate], Advisories = ["INTEL-SA-00009"] }),
            [CheckNames.TdxDebug] = () => Attributes(TdxAttributes.Debug | TdxAttributes.SeptVeDisable),
            [CheckNames.TdxAttributes] = () => Attributes(TdxAttributes.Migratable | TdxAttributes.SeptVeDisable),
            [CheckNames.TdxXfam] = () => Changed(s => BinaryPrimitives.WriteUInt64LittleEndian(s.Body.AsSpan(128), 0x602e6)),
            [CheckNames.TdxMrSeam] = () => Asking(_ => { }, r => r with { MrSeam = [Other48] }),
            [CheckNames.TdxServiceTd] = ServiceTd,
            [CheckNames.TdxOwner] = () => Asking(_ => { }, r => r with { MrOwner = [Other48] }),
            [CheckNames.TdxOwnerConfig] = () => Asking(_ => { }, r => r with { MrOwnerConfig = [Other48] }),
            [CheckNames.ReportData] = () => From(520),
            [CheckNames.Policy] = () => From(184),
            [CheckNames.Measurement] = () => From(136),
            [CheckNames.TdxRtmr0] = () => From(328),
        });
    }

    private static Verdict Changed(Action<TdxScene> change) => Asking(change, r => r);

    private static Verdict Asking(Action<TdxScene> change, Func<TdxRequirements, TdxRequirements> ask)
    {
        using TdxScene scene = new();
        change(scene);
        return scene.Verify(ask);
    }

    private static Verdict Chain(Func<IReadOnlyList<byte[]>, IReadOnlyList<byte[]>> change) => Changed(s => s.Change = q => QuoteBuilder.WithChain(q, change));

    private static Verdict Other(Func<IntelPlatform, Verdict> with)
    {
        using IntelPlatform other = new();
        return with(other);
    }

    private static Verdict Flipped(int offset) => Changed(s => s.Change = quote =>
    {
        quote[offset] ^= 1;
        return quote;
    });

    private static Verdict Attributes(ulong attributes) => Changed(s => BinaryPrimitives.WriteUInt64LittleEndian(s.Body.AsSpan(120), attributes));

    private static Verdict Collateral(Func<TdxCollateral, TdxCollateral> change)
    {
        using TdxScene scene = new();
        return scene.Verify(null, change(scene.Collateral()));
    }

    private static ReadOnlyMemory<byte> Damaged(ReadOnlyMemory<byte> json)
    {
        byte[] copy = json.ToArray();
        copy[copy.AsSpan().IndexOf("UpToDate"u8)] = (byte)'u';
        return copy;
    }

    private static Verdict Appraised(Func<EvidenceRequirements, EvidenceRequirements> change, Action<TdxScene>? alter = null)
    {
        using TdxScene scene = new();
        EvidenceRequirements requirements = change(scene.Requirements);
        alter?.Invoke(scene);
        return EvidenceVerifier.Authenticate(LaunchEvidence.Parse(TeeKind.Tdx, scene.Quote()), new() { Tdx = scene.Collateral() }, scene.At, scene.Platform.Roots).Appraise(requirements);
    }

    // Against what was expected before the change.
    private static Verdict From(int offset) => Appraised(r => r, s => s.Body[offset] ^= 1);

    private static Verdict ServiceTd()
    {
        using TdxScene scene = new(td15: true);
        scene.Body[600] = 1;
        return scene.Verify();
    }
}
