using System.Collections.Immutable;

namespace Pavise.Attestation;

/// <summary>
/// The name of every check. Names are stable: they stand in audits, in the output of <c>pavise verify</c> and in docs/attestation.md, which says what each
/// does and by which section of which specification.
/// </summary>
public static class CheckNames
{
#pragma warning disable CS1591 // docs/attestation.md has a row for each; a test compares the two.
    public const string Form = "evidence.form";
    public const string Kind = "evidence.kind";
    public const string ReportData = "report-data";
    public const string Policy = "policy-digest";
    public const string Measurement = "measurement";

    public const string BootKeyCertificate = "boot-key.certificate";
    public const string BootKeySignature = "boot-key.signature";

    public const string SnpCertificatesForm = "snp.certificates.form";
    public const string SnpVersion = "snp.version";
    public const string SnpSigningKey = "snp.signing-key";
    public const string SnpCertificate = "snp.certificate";
    public const string SnpChainLeaf = "snp.chain.leaf";
    public const string SnpChainIntermediate = "snp.chain.intermediate";
    public const string SnpChainRoot = "snp.chain.root";
    public const string SnpChainValidity = "snp.chain.validity";
    public const string SnpRevocation = "snp.revocation";
    public const string SnpProduct = "snp.product";
    public const string SnpCertificateTcb = "snp.certificate.tcb";
    public const string SnpCertificateChip = "snp.certificate.chip-id";
    public const string SnpCloudProvider = "snp.certificate.cloud-provider";
    public const string SnpSignature = "snp.signature";
    public const string SnpTcbReported = "snp.tcb.reported";
    public const string SnpTcbCommitted = "snp.tcb.committed";
    public const string SnpTcbLaunch = "snp.tcb.launch";
    public const string SnpFirmware = "snp.firmware";
    public const string SnpPlatform = "snp.platform";

    public const string GuestPolicyForm = "guest-policy.form";
    public const string GuestPolicyDebug = "guest-policy.debug";
    public const string GuestPolicyMigration = "guest-policy.migration";
    public const string GuestPolicySmt = "guest-policy.smt";
    public const string GuestPolicySocket = "guest-policy.single-socket";
    public const string GuestPolicyAbi = "guest-policy.abi";
    public const string Vmpl = "vmpl";
    public const string GuestSvn = "id-block.guest-svn";
    public const string IdKey = "id-block.id-key";
    public const string AuthorKey = "id-block.author-key";
    public const string FamilyId = "id-block.family-id";
    public const string ImageId = "id-block.image-id";

    public const string SimulatedSignature = "sim.signature";
    public const string SimulatedChip = "sim.chip-id";

    public const string TdxQuotingEnclaveVendor = "tdx.qe.vendor";
    public const string TdxPckForm = "tdx.pck.form";
    public const string TdxChainLeaf = "tdx.chain.leaf";
    public const string TdxChainIntermediate = "tdx.chain.intermediate";
    public const string TdxChainRoot = "tdx.chain.root";
    public const string TdxChainValidity = "tdx.chain.validity";
    public const string TdxQeSignature = "tdx.qe.signature";
    public const string TdxQeBinding = "tdx.qe.binding";
    public const string TdxSignature = "tdx.signature";
    public const string TdxRootCrl = "tdx.revocation.root";
    public const string TdxPckCrl = "tdx.revocation.pck";
    public const string TdxTcbInfoSignature = "tdx.tcb-info.signature";
    public const string TdxTcbInfoFresh = "tdx.tcb-info.freshness";
    public const string TdxTcbInfoEvaluation = "tdx.tcb-info.evaluation";
    public const string TdxTcbInfoPlatform = "tdx.tcb-info.platform";
    public const string TdxQeIdentitySignature = "tdx.qe-identity.signature";
    public const string TdxQeIdentityFresh = "tdx.qe-identity.freshness";
    public const string TdxQeIdentityEvaluation = "tdx.qe-identity.evaluation";
    public const string TdxQeIdentityMatch = "tdx.qe-identity.enclave";
    public const string TdxModule = "tdx.module";
    public const string TdxTcbStatus = "tdx.tcb.status";
    public const string TdxAdvisories = "tdx.tcb.advisories";
    public const string TdxDebug = "tdx.attributes.debug";
    public const string TdxAttributes = "tdx.attributes";
    public const string TdxXfam = "tdx.xfam";
    public const string TdxMrSeam = "tdx.mrseam";
    public const string TdxServiceTd = "tdx.mrservicetd";
    public const string TdxOwner = "tdx.mrowner";
    public const string TdxOwnerConfig = "tdx.mrownerconfig";
    public const string TdxRtmr0 = "tdx.rtmr0";
#pragma warning restore CS1591

    private static readonly ImmutableArray<string> Values = [ReportData, Policy, Measurement];

    private static readonly ImmutableArray<string> Guest =
    [
        GuestPolicyForm, GuestPolicyDebug, GuestPolicyMigration, GuestPolicySmt, GuestPolicySocket, GuestPolicyAbi, Vmpl, GuestSvn, IdKey, AuthorKey, FamilyId, ImageId,
    ];

    /// <summary>Checks of a guest's certificate, before those of the evidence in it.</summary>
    public static ImmutableArray<string> BootKey { get; } = [BootKeyCertificate, BootKeySignature];

    /// <summary>Checks of SNP evidence, in their order.</summary>
    public static ImmutableArray<string> Snp { get; } =
    [
        Form, Kind, SnpVersion, SnpCertificatesForm, SnpSigningKey, SnpCertificate, SnpChainRoot, SnpChainIntermediate, SnpChainLeaf, SnpChainValidity, SnpRevocation,
        SnpProduct, SnpCertificateTcb, SnpCertificateChip, SnpCloudProvider, SnpSignature, SnpTcbReported, SnpTcbCommitted, SnpTcbLaunch, SnpFirmware, SnpPlatform,
        .. Guest, .. Values,
    ];

    /// <summary>Checks of simulated evidence, in their order.</summary>
    public static ImmutableArray<string> Simulated { get; } = [Form, Kind, SimulatedChip, SimulatedSignature, .. Guest, .. Values];

    /// <summary>Checks of TDX evidence, in their order.</summary>
    public static ImmutableArray<string> Tdx { get; } =
    [
        Form, Kind, TdxQuotingEnclaveVendor, TdxPckForm, TdxChainRoot, TdxChainIntermediate, TdxChainLeaf, TdxChainValidity, TdxQeSignature, TdxQeBinding, TdxSignature,
        TdxRootCrl, TdxPckCrl, TdxTcbInfoSignature, TdxTcbInfoFresh, TdxTcbInfoEvaluation, TdxTcbInfoPlatform, TdxQeIdentitySignature, TdxQeIdentityFresh,
        TdxQeIdentityEvaluation, TdxQeIdentityMatch, TdxModule, TdxTcbStatus, TdxAdvisories, TdxDebug, TdxAttributes, TdxXfam, TdxMrSeam, TdxServiceTd, TdxOwner, TdxOwnerConfig,
        .. Values, TdxRtmr0,
    ];

    /// <summary>Checks of a kind of evidence, in their order.</summary>
    public static ImmutableArray<string> Of(TeeKind tee) => tee switch
    {
        TeeKind.Snp => Snp,
        TeeKind.Tdx => Tdx,
        _ => Simulated,
    };
}
