using System.Text.Json;
using Pavise.Attestation;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Tdx;

namespace Pavise.Collateral;

/// <summary>One piece of collateral, recognised by its content.</summary>
internal abstract record CollateralItem
{
    internal sealed record Certificate(DerCertificate Value) : CollateralItem;

    internal sealed record Crl(RevocationList Value, ReadOnlyMemory<byte> Raw) : CollateralItem;

    internal sealed record PlatformInfo(TcbInfo Value, SignedJson Signed, ReadOnlyMemory<byte> Raw) : CollateralItem;

    internal sealed record Enclave(QeIdentity Value, SignedJson Signed, ReadOnlyMemory<byte> Raw) : CollateralItem;

    /// <summary>What a file holds; empty when nothing is recognised.</summary>
    public static IReadOnlyList<CollateralItem> Recognise(byte[] content)
    {
        try
        {
            ReadOnlySpan<byte> start = content.AsSpan().TrimStart(" \t\r\n"u8);
            return start switch
            {
                [(byte)'{', ..] => Json(content),
                [(byte)'-', ..] => [.. Pem.Certificates(content).Select(c => new Certificate(DerCertificate.Parse(c.Span)))],
                [0x30, ..] => [Der(content)],
                _ => [],
            };
        }
        catch (Exception e) when (e is EvidenceFormatException or JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return [];
        }
    }

    private static CollateralItem Der(byte[] content)
    {
        try
        {
            return new Certificate(DerCertificate.Parse(content));
        }
        catch (EvidenceFormatException)
        {
            return new Crl(RevocationList.Parse(content), content);
        }
    }

    private static IReadOnlyList<CollateralItem> Json(byte[] content)
    {
        using JsonDocument document = JsonDocument.Parse(content, new() { MaxDepth = AttestationLimits.JsonDepth });
        JsonElement root = document.RootElement;
        return root.TryGetProperty("tcbInfo", out _) ? [Info(content)]
            : root.TryGetProperty("enclaveIdentity", out _) ? [Identity(content)]
            : root.TryGetProperty("tcb_info", out _) ? Bundle(root)
            : [];
    }

    private static PlatformInfo Info(byte[] content)
    {
        SignedJson signed = SignedJson.Parse(content, "tcbInfo");
        return new(CollateralReader.ReadTcbInfo(signed.Value), signed, content);
    }

    private static Enclave Identity(byte[] content)
    {
        SignedJson signed = SignedJson.Parse(content, "enclaveIdentity");
        return new(CollateralReader.ReadQeIdentity(signed.Value), signed, content);
    }

    // All of a platform's collateral in one object, as libraries around Intel's verification library keep it: signed value and signature apart, lists in hexadecimal.
    private static IReadOnlyList<CollateralItem> Bundle(JsonElement root)
    {
        string Text(string key) => root.GetProperty(key).GetString() ?? throw new FormatException($"{key} is null");
        byte[] Joined(string name, string key) => System.Text.Encoding.UTF8.GetBytes($"{{\"{name}\":{Text(key)},\"signature\":\"{Text(key + "_signature")}\"}}");
        List<CollateralItem> items = [Info(Joined("tcbInfo", "tcb_info")), Identity(Joined("enclaveIdentity", "qe_identity"))];
        foreach (string key in new[] { "root_ca_crl", "pck_crl" })
        {
            byte[] list = Convert.FromHexString(Text(key));
            items.Add(new Crl(RevocationList.Parse(list), list));
        }

        foreach (string key in new[] { "tcb_info_issuer_chain", "qe_identity_issuer_chain" })
        {
            items.AddRange(Pem.Certificates(System.Text.Encoding.UTF8.GetBytes(Text(key))).Select(c => new Certificate(DerCertificate.Parse(c.Span))));
        }

        return items;
    }
}
