using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Pavise.Session.Admin;
using Pavise.Session.Extensions;
using Pavise.Session.Jose;
using Pavise.Session.Rcar;

namespace Pavise.Session.Tests.Rcar;

public sealed class MessageTests
{
    /// <summary>Each reader of what a peer sends, with a message that it takes.</summary>
    private static readonly (string Name, Action<ReadOnlyMemory<byte>> Read, string Good)[] Readers =
    [
        ("auth", b => AuthRequest.Parse(b), """{"version":"0.4.0","tee":"snp","extra-params":{"supported-hash-algorithms":["sha384"]}}"""),
        ("challenge", b => Challenge.Parse(b), """{"nonce":"AA==","extra-params":{"selected-hash-algorithm":"sha512"}}"""),
        ("attest", b => AttestRequest.Parse(b), $$$"""{"init-data":{"format":"toml","body":"x"},"runtime-data":{"nonce":"AA==","tee-pubkey":{{{Key}}} },"tee-evidence":{"primary_evidence":{"a":[1,2]},"additional_evidence":""}}"""),
        ("attested", b => AttestAnswer.Parse(b), $$"""{"token":"a.b.c","pavise-keys":[{{Key}}],"pavise-session-key":{"a":1} }"""),
        ("batch", b => Batch.ParseRequest(b), """{"resources":["a/b/c","a/b/d"]}"""),
        ("batch answer", b => Batch.ParseAnswer(b, [ResourceUri.Parse("a/b/c")]), """{"resources":[{"resource":"a/b/c","content":"AAAA"}]}"""),
        ("counter", b => CounterRequest.Parse(b), """{"expected":1,"value":2}"""),
        ("lease", b => LeaseRequest.Parse(b), """{"seconds":60,"fencing":3}"""),
        ("lease answer", b => LeaseGrant.Parse(b), """{"fencing":1,"expires":1,"slot":0}"""),
        ("time", b => SignedTime.ParseRequest(b), """{"nonce":"x"}"""),
        ("certificate", b => MeshCertificate.ParseRequest(b), """{"request":"AAAA"}"""),
        ("audit head", b => AuditHead.Parse(b), $$"""{"boot":"{{new string('a', 64)}}","sequence":1,"head":"{{new string('b', 64)}}"}"""),
        ("rule", b => ReleaseRule.Parse(b), """{"resource":"a/*/c","policy":{"owner":"a","name":"b","minimumVersion":1},"tees":["snp"],"minimumTcb":{"milan":"3.0.8.115"},"releases":1}"""),
    ];

    private const string Key = """{"kty":"EC","crv":"P-256","alg":"ECDH-ES+A256KW","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"}""";

    public static TheoryData<string> Names => [.. Readers.Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_message_is_taken_and_whatever_else_is_refused_by_one_kind_of_error(string name)
    {
        (_, Action<ReadOnlyMemory<byte>> read, string good) = Readers.Single(r => r.Name == name);
        byte[] message = Encoding.UTF8.GetBytes(good);
        read(message);
        Gen.Select(Gen.Int[0, message.Length - 1], Gen.Byte, Gen.Int[0, 3]).Sample((at, value, how) => Survives(read, how switch
        {
            0 => [.. message[..at], value, .. message[(at + 1)..]],
            1 => message[..at],
            2 => [.. message[..at], value, .. message[at..]],
            _ => [.. message[..at], .. message[(at + 1)..]],
        }), iter: 1500, threads: 1);
        Gen.Byte.Array[0, 60].Sample(bytes => Survives(read, bytes), iter: 500, threads: 1);
    }

    [Fact]
    public void Each_message_reads_back_as_it_was_written()
    {
        AuthRequest auth = new("tdx", ["sha512"]);
        AuthRequest read = AuthRequest.Parse(auth.Write());
        Assert.Equal((auth.Tee, auth.Version, "sha512"), (read.Tee, read.Version, Assert.Single(read.SupportedHashes)));
        Challenge challenge = new("n+/=", "sha256");
        Assert.Equal(challenge, Challenge.Parse(challenge.Write()));
        LeaseGrant lease = new(7, DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_123), 2);
        Assert.Equal(lease, LeaseGrant.Parse(lease.Write()));
        ReleaseRule rule = ReleaseRule.Parse(Encoding.UTF8.GetBytes(Readers.Single(r => r.Name == "rule").Good));
        Assert.Equal(rule.Write(), ReleaseRule.Parse(rule.Write()).Write());
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("{}")]
    [InlineData("null")]
    public void Extra_parameters_may_be_what_older_clients_send(string extra)
    {
        AuthRequest request = AuthRequest.Parse(Encoding.UTF8.GetBytes($$"""{"version":"0.4.0","tee":"snp","extra-params":{{extra}}}"""));
        Assert.Equal("sha384", HashNames.Select(request.SupportedHashes));
        Assert.Equal("sha384", Challenge.Parse(Encoding.UTF8.GetBytes($$"""{"nonce":"AA==","extra-params":{{extra}}}""")).Hash);
    }

    [Fact]
    public void Evidence_keeps_its_exact_bytes()
    {
        // Numbers beyond 2^53 would not survive a reading as doubles.
        const string evidence = """{"policy" : 18446744073709551615, "a":[ 1,2 ]}""";
        AttestRequest request = AttestRequest.Parse(Encoding.UTF8.GetBytes(Readers.Single(r => r.Name == "attest").Good.Replace("""{"a":[1,2]}""", evidence, StringComparison.Ordinal)));
        Assert.Equal(evidence, Encoding.UTF8.GetString(request.PrimaryEvidence.Span));
    }

    [Fact]
    public void Report_data_is_the_hash_of_the_canonical_runtime_data_with_zeros_behind()
    {
        AttestRequest request = AttestRequest.Parse(Encoding.UTF8.GetBytes(Readers.Single(r => r.Name == "attest").Good));
        // RFC 8785: names in order, no white space. Written out by hand, from the protocol's description.
        const string canonical = """{"additional-evidence":"","nonce":"AA==","tee-pubkey":{"alg":"ECDH-ES+A256KW","crv":"P-256","kty":"EC","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"}}""";
        byte[] bytes = Encoding.UTF8.GetBytes(canonical);
        Assert.Equal([.. SHA384.HashData(bytes), .. new byte[16]], request.ReportDataFor("sha384"));
        Assert.Equal([.. SHA256.HashData(bytes), .. new byte[32]], request.ReportDataFor("sha256"));
        Assert.Equal(SHA512.HashData(bytes), request.ReportDataFor("SHA512"));
        Assert.Throws<SessionFormatException>(() => request.ReportDataFor("md5"));
    }

    [Theory]
    [InlineData("kbs:///a/b/c", true)]
    [InlineData("a/b/c", true)]
    [InlineData("a.b-c_d/B/1", true)]
    [InlineData("kbs://host/a/b/c", false)]
    [InlineData("a/b", false)]
    [InlineData("a/b/c/d", false)]
    [InlineData("a//c", false)]
    [InlineData("../b/c", false)]
    [InlineData("a/b/c?x", false)]
    [InlineData("a/%2e/c", false)]
    [InlineData("", false)]
    public void A_resource_has_three_plain_parts(string text, bool good) => Assert.Equal(good, ResourceUri.TryParse(text, out _));

    [Fact]
    public void A_proof_holds_for_its_own_request_only()
    {
        byte[] key = RandomNumberGenerator.GetBytes(32);
        string proof = RequestProof.Make(key, "POST", "/x", 5, "body"u8);
        Assert.Equal(5, RequestProof.Check(key, "POST", "/x", proof, "body"u8));
        Assert.Null(RequestProof.Check(key, "PUT", "/x", proof, "body"u8));
        Assert.Null(RequestProof.Check(key, "POST", "/y", proof, "body"u8));
        Assert.Null(RequestProof.Check(key, "POST", "/x", proof, "bodz"u8));
        Assert.Null(RequestProof.Check(key, "POST", "/x", "6" + proof[1..], "body"u8));
        Assert.Null(RequestProof.Check(RandomNumberGenerator.GetBytes(32), "POST", "/x", proof, "body"u8));
        Assert.Null(RequestProof.Check(key, "POST", "/x", null, "body"u8));
    }

    private static void Survives(Action<ReadOnlyMemory<byte>> read, byte[] bytes)
    {
        try
        {
            read(bytes);
        }
        catch (SessionFormatException)
        {
        }
    }
}
