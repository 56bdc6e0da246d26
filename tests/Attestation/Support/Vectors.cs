using System.Collections.Immutable;
using System.Text.Json;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;

namespace Pavise.Attestation.Tests;

/// <summary>Recorded evidence: the folder that PAVISE_VECTORS names, or shared/vectors beside the checkout. PAVISE_VECTORS that is empty, or names no folder, means: none.</summary>
internal static class Vectors
{
    private const string Absent = "recorded evidence is not on this machine (PAVISE_VECTORS, or the folder shared/vectors beside the checkout)";

    /// <summary>The folder, or null.</summary>
    public static string? Folder { get; } = Find();

    public static void SkipWithout() => Assert.SkipWhen(Folder is null, Absent);

    public static byte[] Read(string file)
    {
        SkipWithout();
        return File.ReadAllBytes(Path.Combine(Folder!, file));
    }

    public static ImmutableArray<ReadOnlyMemory<byte>> ReadPem(string file) => Pem.Certificates(Read(file));

    public static ImmutableArray<ReadOnlyMemory<byte>> Roots(string product) => ReadPem($"snp/roots/{product}_ask_ark_asvk.pem");

    /// <summary>TDX collateral of 2023.</summary>
    public static TdxCollateral Collateral2023() => new(
        Read("tdx/go-tdx-guest/sample_tcbInfo_response"),
        Read("tdx/go-tdx-guest/tcb_signing_chain.pem"),
        Read("tdx/go-tdx-guest/sample_qeIdentity_response"),
        Read("tdx/go-tdx-guest/tcb_signing_chain.pem"),
        Read("tdx/go-tdx-guest/pckcrl"),
        Read("tdx/go-tdx-guest/rootcrl.der"));

    /// <summary>TDX collateral of 2025. The recording has value and signature apart; joined they are Intel's answer again.</summary>
    public static TdxCollateral Collateral2025()
    {
        using JsonDocument document = JsonDocument.Parse(Read("tdx/dcap-qvl/tdx_quote_collateral.json"));
        string Text(string key) => document.RootElement.GetProperty(key).GetString()!;
        byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
        return new(
            Bytes($"{{\"tcbInfo\":{Text("tcb_info")},\"signature\":\"{Text("tcb_info_signature")}\"}}"),
            Bytes(Text("tcb_info_issuer_chain")),
            Bytes($"{{\"enclaveIdentity\":{Text("qe_identity")},\"signature\":\"{Text("qe_identity_signature")}\"}}"),
            Bytes(Text("qe_identity_issuer_chain")),
            Convert.FromHexString(Text("pck_crl")),
            Convert.FromHexString(Text("root_ca_crl")));
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("PAVISE_VECTORS") is { } named)
        {
            return Directory.Exists(named) ? Path.GetFullPath(named) : null;
        }

        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string candidate = Path.Combine(folder, "shared", "vectors");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
