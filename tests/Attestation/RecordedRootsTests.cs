using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tdx;

namespace Pavise.Attestation.Tests;

/// <summary>What the description of the recorded evidence says of roots, issuers, fields and initdata.</summary>
public sealed partial class RecordedRootsTests
{
    private static readonly Dictionary<string, string> Reports = new()
    {
        ["S1"] = "snp/azure-aci/snp_report.bin", ["S2"] = "snp/trustee/test-report.bin", ["S4"] = "snp/go-sev-guest/attestation.bin", ["S5"] = "snp/trustee-e2e/report.bin",
    };

    private static readonly Dictionary<string, string> Quotes = new()
    {
        ["T1"] = "tdx/trustee/tdx_quote_4.dat", ["T2"] = "tdx/trustee/tdx_quote_5.dat", ["T3"] = "tdx/go-tdx-guest/tdx_prod_quote_SPR_E4.dat", ["T4"] = "tdx/dcap-qvl/tdx_quote",
    };

    [Theory]
    [InlineData("milan", SnpProduct.Milan, "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd")]
    [InlineData("genoa", SnpProduct.Genoa, "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1")]
    [InlineData("turin", SnpProduct.Turin, "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a")]
    public void The_pinned_roots_of_AMD_are_the_recorded_ones(string name, SnpProduct product, string digest)
    {
        ReadOnlyMemory<byte> root = Vectors.Roots(name)[1];
        Assert.Equal(digest, Convert.ToHexStringLower(SHA256.HashData(root.Span)));
        Assert.Equal(product, PinnedRoots.Vendors.ArkOf(DerCertificate.Parse(root.Span)));
    }

    [Fact]
    public void The_pinned_root_of_Intel_is_the_recorded_one_and_the_one_inside_each_quote()
    {
        ReadOnlyMemory<byte> root = Assert.Single(Vectors.ReadPem("tdx/roots/trusted_root.pem"));
        Assert.Equal("44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3", Convert.ToHexStringLower(SHA256.HashData(root.Span)));
        Assert.True(PinnedRoots.Vendors.IsIntel(DerCertificate.Parse(root.Span)));
        Assert.All(Quotes.Values, q => Assert.Equal(root.ToArray(), Pem.Certificates(Quote(q).PckChain.Span)[2].ToArray()));
    }

    [Fact]
    public void The_recorded_issuer_of_the_PCK_list_is_the_authority_inside_the_quotes_and_signed_the_list()
    {
        ReadOnlyMemory<byte>[] chain = [.. Vectors.ReadPem("tdx/go-tdx-guest/pckcrl_issuer_chain.pem")];
        Assert.Equal(chain[0].ToArray(), Pem.Certificates(Quote(Quotes["T1"]).PckChain.Span)[1].ToArray());
        Assert.Equal(chain[1].ToArray(), Vectors.ReadPem("tdx/roots/trusted_root.pem")[0].ToArray());
        RevocationList list = RevocationList.Parse(Vectors.Read("tdx/go-tdx-guest/pckcrl"));
        bool SignedBy(int issuer) => Signatures.Check(list.SignatureAlgorithm.Span, DerCertificate.Parse(chain[issuer].Span).PublicKey.Span, list.Signed.Span, list.Signature.Span);
        Assert.True(SignedBy(0));
        Assert.False(SignedBy(1));
    }

    [Fact]
    public void Every_described_field_of_every_case_is_the_one_that_the_evidence_has()
    {
        Vectors.SkipWithout();
        int seen = 0;
        foreach (string line in File.ReadLines(Path.Combine(Vectors.Folder!, "README.md")))
        {
            Match row = FieldRow().Match(line);
            foreach (string name in row.Success ? row.Groups["case"].Value.Split(", ") : [])
            {
                foreach (string field in row.Groups["field"].Value.Split(", "))
                {
                    ReadOnlyMemory<byte> found = Field(name, field);
                    byte[] described = row.Groups["hex"].Success ? Convert.FromHexString(row.Groups["hex"].Value) : [];
                    Assert.True(found.Span.StartsWith(described) && !found.Span[described.Length..].ContainsAnyExcept((byte)0), $"{name} {field}: {Convert.ToHexStringLower(found.Span)}");
                    seen++;
                }
            }
        }

        Assert.Equal(43, seen);
    }

    // What Trustee's own test expects of its quote: deps/verifier/test_data/parse_tdx_claims_expected.json of confidential-containers/trustee (Apache-2.0).
    [Fact]
    public void The_claims_that_Trustees_test_expects_of_its_quote_are_read_from_it()
    {
        TdxQuote quote = Quote(Quotes["T1"]);
        TdxReportBody body = quote.Body;
        string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
        string zero = new('0', 96);
        Assert.Equal("03000500000000000000000000000000", Hex(body.TeeTcbSvn));
        Assert.Equal("2fd279c16164a93dd5bf373d834328d46008c2b693af9ebb865b08b2ced320c9a89b4869a9fab60fbe9d0c5a5363c656", Hex(body.MrSeam));
        Assert.Equal("705ee9381b8633a9fbe532b52345e8433343d2868959f57889d84ca377c395b689cac1599ccea1b7d420483a9ce5f031", Hex(body.MrTd));
        Assert.Equal("e940da7c2712d2790e2961e00484f4fa8e6f9eed71361655ae22699476b14f9e63867eb41edd4b480fef0c59f496b288", Hex(body.Rtmr0));
        Assert.Equal("559cfcf42716ed6c40a48a73d5acb7da255435012f0a9f00fbe8c1c57612ede486a5684c4c9ff3ddf52315fcdca3a596", Hex(body.Rtmr1));
        Assert.Equal("7c71fe2c86eff65a7cf8dbc22b3275689fd0464a267baced1bf94fc1324656aeb755da3d44d098c0c87382f3a5f85b45c8a28fee1d3bdb38342bf96671501429", Hex(body.ReportData));
        Assert.All(new[] { body.MrConfigId, body.MrOwner, body.MrOwnerConfig, body.MrSignerSeam, body.Rtmr2, body.Rtmr3 }, m => Assert.Equal(zero, Hex(m)));
        Assert.Equal((0UL, 0x10000001UL, 0x642e7UL), (body.SeamAttributes, body.Attributes, body.Xfam));
        Assert.Equal(TdxAttributes.Debug | TdxAttributes.SeptVeDisable, body.Attributes);
        Assert.Equal("939a7233f79c4ca9940a0db3957f0607", Hex(quote.Signed.Slice(12, 16)));
        Assert.Equal("d099bfec0a477aa85a605dceabf2b10800000000", Hex(quote.Signed.Slice(28, 20)));
    }

    [Fact]
    public void The_recorded_report_data_of_S1_is_the_digest_of_the_recorded_runtime_data()
    {
        byte[] runtime = Convert.FromBase64String("ewogICAiYWtleSIgOiAiYXZhbHVlIgp9Cg==");
        Assert.Equal([.. SHA256.HashData(runtime), .. new byte[32]], Field("S1", "REPORT_DATA").ToArray());
    }

    [Fact]
    public void The_recorded_annotation_is_strictly_no_base64_and_with_its_padding_the_recorded_initdata()
    {
        string annotation = Encoding.ASCII.GetString(Vectors.Read("initdata/peerpods-example-annotation.base64")).Trim();
        Assert.Throws<FormatException>(() => Convert.FromBase64String(annotation));
        Assert.Equal(Vectors.Read("initdata/peerpods-example-initdata.toml"), Unzipped(Convert.FromBase64String(annotation + "=")));
    }

    [Fact]
    public void The_recorded_image_of_initdata_has_its_mark_length_and_content()
    {
        byte[] image = Vectors.Read("initdata/initdata.img");
        Assert.Equal("initdata", Encoding.ASCII.GetString(image, 0, 8));
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(8));
        Assert.Equal((36, 512), (length, image.Length));
        Assert.Equal("some content", Encoding.ASCII.GetString(Unzipped(image[16..(16 + length)])));
        Assert.All(image[(16 + length)..], b => Assert.Equal(0, b));
    }

    private static byte[] Unzipped(byte[] zipped)
    {
        using GZipStream stream = new(new MemoryStream(zipped), CompressionMode.Decompress);
        using MemoryStream content = new();
        stream.CopyTo(content);
        return content.ToArray();
    }

    // One of them has a foreign text behind it, which a strict parser refuses.
    private static TdxQuote Quote(string file)
    {
        byte[] bytes = Vectors.Read(file);
        int foreign = bytes.AsSpan().IndexOf("\nextra bytes"u8);
        return TdxQuote.Parse(foreign < 0 ? bytes : bytes[..foreign]);
    }

    private static ReadOnlyMemory<byte> Field(string name, string field)
    {
        if (Reports.TryGetValue(name, out string? file))
        {
            SnpReport report = SnpReport.Parse(Vectors.Read(file));
            return field switch
            {
                "MEASUREMENT" => report.Measurement,
                "HOST_DATA" => report.HostData,
                "REPORT_DATA" => report.ReportData,
                "ID_KEY_DIGEST" => report.IdKeyDigest,
                "CHIP_ID" => report.ChipId,
                _ => throw new ArgumentOutOfRangeException(nameof(field), field, "a field that this test does not know"),
            };
        }

        TdxReportBody body = Quote(Quotes[name]).Body;
        return field switch
        {
            "MRTD" => body.MrTd,
            "MRSEAM" => body.MrSeam,
            "MRSERVICETD" => body.MrServiceTd!.Value,
            "RTMR0" => body.Rtmr0,
            "RTMR1" => body.Rtmr1,
            "RTMR2" => body.Rtmr2,
            "REPORTDATA" => body.ReportData,
            _ => throw new ArgumentOutOfRangeException(nameof(field), field, "a field that this test does not know"),
        };
    }

    [GeneratedRegex(@"^\| (?<case>[ST][0-9](?:, [ST][0-9])*) \| (?<field>[A-Z0-3_]+(?:, [A-Z_]+)*) \| (?:`(?<hex>[0-9a-f]+)`|zero)")]
    private static partial Regex FieldRow();
}
