using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session;
using Pavise.Session.Client;
using Pavise.Session.Extensions;
using Pavise.Session.Jose;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Tests.Guests;

public sealed class ExtensionTests
{
    private static readonly ResourceUri Key = ResourceUri.Parse("redis/keys/data");
    private static readonly SimulatedGuest Guest = new(TestPolicies.Of("redis", 1));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_counter_only_grows_and_only_from_what_the_guest_knows()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await broker.Admin.AllowAsync(TestBroker.RuleFor(Guest, Key.Path));
        using BrokerSession session = await broker.AttestAsync(Guest), fork = await broker.AttestAsync(Guest);
        Assert.Equal(0, await session.ReadCounterAsync(Key, Stop));
        Assert.Equal(5, await session.AdvanceCounterAsync(Key, 0, 5, Stop));
        Assert.Equal("counter-backwards", (await ConflictAsync(session, 5, 4)).Problem!.Reason);
        Assert.Equal("counter-backwards", (await ConflictAsync(session, 5, 5)).Problem!.Reason);
        Assert.Equal("counter-conflict", (await ConflictAsync(fork, 0, 9)).Problem!.Reason);
        Assert.Equal(5, await fork.ReadCounterAsync(Key, Stop));
        Assert.Equal(3, (await broker.Admin.AuditAsync("counter-refused")).Count);
    }

    [Fact]
    public async Task A_counter_is_guarded_by_the_rule_of_its_resource()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using BrokerSession session = await broker.AttestAsync(Guest);
        Assert.Equal("no-rule", (await Assert.ThrowsAsync<BrokerException>(() => session.ReadCounterAsync(Key, Stop))).Problem!.Reason);
    }

    [Fact]
    public async Task Of_guests_that_move_a_counter_at_once_one_wins()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await broker.Admin.AllowAsync(TestBroker.RuleFor(Guest, Key.Path));
        bool[] won = await Task.WhenAll(Enumerable.Range(1, 10).Select(async i =>
        {
            using BrokerSession session = await broker.AttestAsync(Guest);
            try
            {
                return await session.AdvanceCounterAsync(Key, 0, i, Stop) == i;
            }
            catch (BrokerException e) when (e.Failure == BrokerFailure.Conflict)
            {
                return false;
            }
        }));
        Assert.Single(won, w => w);
    }

    [Fact]
    public async Task As_many_instances_live_as_the_rule_permits_and_no_fencing_number_comes_twice()
    {
        ManualClock clock = new();
        await using TestBroker broker = await TestBroker.StartAsync(clock: clock);
        await broker.Admin.PutAsync(Key.Path, [1]);
        await broker.Admin.AllowAsync(TestBroker.RuleFor(Guest, Key.Path) with { Instances = 2 });
        List<LeaseGrant> grants = [];
        BrokerSession[] sessions = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => broker.AttestAsync(Guest)));
        Assert.Equal("lease-required", (await Assert.ThrowsAsync<BrokerException>(() => sessions[0].GetAsync(Key, Stop))).Problem!.Reason);
        for (int round = 0; round < 2; round++)
        {
            LeaseGrant?[] given = await Task.WhenAll(sessions.Select(LeaseAsync));
            Assert.Equal(2, given.Count(g => g is not null));
            grants.AddRange(given.OfType<LeaseGrant>());
            int holder = Array.FindIndex(given, g => g is not null), other = Array.FindIndex(given, g => g is null);
            Assert.Equal([1], await sessions[holder].GetAsync(Key, Stop));
            Assert.Equal("lease-required", (await Assert.ThrowsAsync<BrokerException>(() => sessions[other].GetAsync(Key, Stop))).Problem!.Reason);
            clock.Advance(TimeSpan.FromSeconds(61));
        }

        Assert.Equal([1L, 2, 3, 4], grants.Select(g => g.Fencing).Order());
    }

    [Fact]
    public async Task A_lease_is_renewed_by_its_number_until_it_is_lost_and_given_back_at_once()
    {
        ManualClock clock = new();
        await using TestBroker broker = await TestBroker.StartAsync(clock: clock);
        await broker.Admin.AllowAsync(TestBroker.RuleFor(Guest, Key.Path) with { Instances = 1 });
        using BrokerSession first = await broker.AttestAsync(Guest), second = await broker.AttestAsync(Guest);
        LeaseGrant lease = await first.AcquireLeaseAsync(Key, 60, Stop);
        Assert.Equal(lease.Fencing, (await first.RenewLeaseAsync(Key, lease, 60, Stop)).Fencing);
        clock.Advance(TimeSpan.FromSeconds(60));
        LeaseGrant taken = await second.AcquireLeaseAsync(Key, 60, Stop);
        Assert.True(taken.Fencing > lease.Fencing);
        BrokerException lost = await Assert.ThrowsAsync<BrokerException>(() => first.RenewLeaseAsync(Key, lease, 60, Stop));
        Assert.Equal("lease-lost", lost.Problem!.Reason);
        await second.ReleaseLeaseAsync(Key, taken, Stop);
        Assert.True((await first.AcquireLeaseAsync(Key, 60, Stop)).Fencing > taken.Fencing);
    }

    [Fact]
    public async Task The_time_is_the_brokers_and_signed()
    {
        ManualClock clock = new();
        await using TestBroker broker = await TestBroker.StartAsync(clock: clock);
        using BrokerSession session = await broker.AttestAsync(Guest);
        Assert.Equal(clock.GetUtcNow(), await session.TimeAsync(Stop));
    }

    [Fact]
    public async Task A_workload_gets_a_certificate_with_its_own_name_and_nothing_else_of_what_it_asked()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await broker.Admin.AllowAsync(TestBroker.RuleFor(Guest, "mesh/certificate/redis"));
        using BrokerSession session = await broker.AttestAsync(Guest);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        MeshCertificate given = await session.CertificateAsync(key, Stop);
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(given.Certificate), authority = X509CertificateLoader.LoadCertificate(given.Authority);
        Assert.Equal("CN=redis", certificate.Subject);
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), certificate.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal(X509KeyUsageFlags.DigitalSignature, certificate.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal(["redis"], certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames());
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(certificate));
        using BrokerSession other = await broker.AttestAsync(new(TestPolicies.Of("postgres", 1)));
        Assert.Equal("no-rule", (await Assert.ThrowsAsync<BrokerException>(() => other.CertificateAsync(key, Stop))).Problem!.Reason);
    }

    [Fact]
    public async Task The_head_of_a_guests_audit_never_goes_back()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using BrokerSession session = await broker.AttestAsync(Guest);
        string boot = new('a', 64);
        await session.CheckpointAsync(new(boot, 7, new string('1', 64)), Stop);
        await session.CheckpointAsync(new(boot, 7, new string('1', 64)), Stop);
        await session.CheckpointAsync(new(boot, 9, new string('2', 64)), Stop);
        foreach (AuditHead bad in (AuditHead[])[new(boot, 8, new string('3', 64)), new(boot, 9, new string('4', 64))])
        {
            Assert.Equal("audit-backwards", (await Assert.ThrowsAsync<BrokerException>(() => session.CheckpointAsync(bad, Stop))).Problem!.Reason);
        }
    }

    [Fact]
    public async Task A_stolen_cookie_or_token_changes_nothing_and_opens_nothing()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await broker.Admin.PutAsync(Key.Path, Encoding.UTF8.GetBytes("secret"));
        await broker.Admin.AllowAsync(TestBroker.RuleFor(Guest, Key.Path) with { Releases = 1 });
        using BrokerSession victim = await broker.AttestAsync(Guest);
        await using RawGuest thief = new(broker);
        KeyValuePair<string, string> bearer = new("Authorization", "Bearer " + victim.Token);
        HttpAnswer stolen = await thief.SendAsync("GET", BrokerPaths.Resource + Key.Path, null, bearer);
        using ExchangeKey other = ExchangeKey.CreateP256();
        Assert.Throws<SessionFormatException>(() => other.Open(stolen.Body));
        string path = BrokerPaths.Counter + Key.Path;
        byte[] body = new CounterRequest(0, 99).Write();
        foreach (string proof in (string[])["", "1.AAAA", RequestProof.Make(new byte[32], "POST", path, 1, body)])
        {
            KeyValuePair<string, string>[] headers = proof.Length == 0 ? [bearer] : [bearer, new(RequestProof.Header, proof)];
            HttpAnswer answer = await thief.SendAsync("POST", path, body, headers);
            Assert.Equal((401, "no-proof"), (answer.Status, RawGuest.Reason(answer)));
        }

        Assert.Equal(0, await victim.ReadCounterAsync(Key, Stop));
        Assert.Equal("secret", Encoding.UTF8.GetString(await victim.GetAsync(Key, Stop)));
    }

    private static Task<BrokerException> ConflictAsync(BrokerSession session, long expected, long value) =>
        Assert.ThrowsAsync<BrokerException>(() => session.AdvanceCounterAsync(Key, expected, value, Stop));

    private static async Task<LeaseGrant?> LeaseAsync(BrokerSession session)
    {
        try
        {
            return await session.AcquireLeaseAsync(Key, 60, Stop);
        }
        catch (BrokerException e) when (e.Problem?.Reason == "lease-taken")
        {
            return null;
        }
    }
}
