using System.Text;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session.Client;
using Pavise.Session.Jose;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Tests.Guests;

/// <summary>Evidence that Trustee's own attester recorded on a real machine, in the very form in which it was sent.</summary>
public sealed class RecordedEvidenceTests
{
    [Fact]
    public async Task Recorded_evidence_is_genuine_and_refused_only_because_it_answers_another_challenge()
    {
        string vectors = Vectors();
        await using TestBroker broker = await TestBroker.StartAsync(change: c => c with { Collateral = Path.Combine(vectors, "snp", "roots") });
        await using RawGuest raw = new(broker);
        await raw.ChallengeAsync("snp", """{"version":"0.4.0","tee":"snp","extra-params":{"supported-hash-algorithms":["sha256","sha384","sha512"]}}""");
        Assert.Equal("sha384", raw.Challenge.Hash);
        using ExchangeKey key = ExchangeKey.CreateP256();
        byte[] evidence = File.ReadAllBytes(Path.Combine(vectors, "snp", "trustee-e2e", "evidence.json"));
        HttpAnswer answer = await raw.AttestAsync(new(null, raw.Challenge.Nonce, key.Public, evidence, ""));
        Assert.Equal(401, answer.Status);
        Assert.Equal(["report-data"], AuditText.Failing(Assert.Single(await broker.Admin.AuditAsync("attestation-refused"))));
    }

    [Fact]
    public async Task A_changed_byte_of_recorded_evidence_is_seen()
    {
        string vectors = Vectors();
        await using TestBroker broker = await TestBroker.StartAsync(change: c => c with { Collateral = Path.Combine(vectors, "snp", "roots") });
        await using RawGuest raw = new(broker);
        await raw.ChallengeAsync("snp");
        using ExchangeKey key = ExchangeKey.CreateP256();
        string evidence = File.ReadAllText(Path.Combine(vectors, "snp", "trustee-e2e", "evidence.json")).Replace("\"guest_svn\": 0", "\"guest_svn\": 1", StringComparison.Ordinal).Replace("\"guest_svn\":0", "\"guest_svn\":1", StringComparison.Ordinal);
        await raw.AttestAsync(new(null, raw.Challenge.Nonce, key.Public, Encoding.UTF8.GetBytes(evidence), ""));
        Assert.Contains("snp.signature", AuditText.Failing(Assert.Single(await broker.Admin.AuditAsync("attestation-refused"))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Initdata_of_Confidential_Containers_is_bound_by_its_raw_bytes_and_its_own_algorithm(bool recorded)
    {
        string toml = recorded ? File.ReadAllText(Path.Combine(Vectors(), "initdata", "default-initdata.toml")) : "algorithm = \"sha256\"\nversion = \"0.1.0\"\n\n[data]\n\"a.toml\" = \"algorithm = 'sha512'\"\n";
        await using TestBroker broker = await TestBroker.StartAsync();
        await using RawGuest raw = new(broker);
        foreach ((string sent, int status) in ((string, int)[])[(toml, 200), (toml + "\n", 401)])
        {
            // One guest, whose launch binds the document as it is in the file.
            SimulatedGuest guest = new(toml);
            await raw.ChallengeAsync();
            using ExchangeKey key = ExchangeKey.CreateP256();
            AttestRequest request = raw.Request(guest, key.Public) with { InitData = new("toml", sent) };
            Assert.Equal(status, (await raw.AttestAsync(request)).Status);
        }
    }

    private static string Vectors()
    {
        Attestation.Tests.Vectors.SkipWithout();
        return Attestation.Tests.Vectors.Folder!;
    }
}
