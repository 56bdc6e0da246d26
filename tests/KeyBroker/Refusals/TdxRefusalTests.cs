using System.Buffers.Binary;
using Pavise.Attestation.Tdx;
using Pavise.Attestation.Tests.Synthetic;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session.Admin;
using Pavise.Session.Client;

namespace Pavise.KeyBroker.Tests.Refusals;

/// <summary>Guests of a synthetic TDX platform against the broker.</summary>
public sealed class TdxRefusalTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_right_guest_gets_the_secret_under_the_strictest_rule(bool td15)
    {
        using TdxGuest guest = new(td15);
        await using TestBroker broker = await StartAsync(guest);
        using BrokerSession session = await broker.AttestAsAsync(guest.Parameters);
        Assert.Equal(Refusal.Secret, await session.GetAsync(Refusal.Password, TestContext.Current.CancellationToken));
        Assert.DoesNotContain("tdx.rtmr0", Unchecked(Assert.Single(await broker.Admin.AuditAsync("released"))));
    }

    private static readonly Dictionary<string, (Action<TdxScene> Before, string[] Checks)> Wrong = new()
    {
        ["debug TD"] = (s => BinaryPrimitives.WriteUInt64LittleEndian(s.Body.AsSpan(120), TdxAttributes.Debug | TdxAttributes.SeptVeDisable), ["tdx.attributes.debug"]),
        ["migratable TD"] = (s => BinaryPrimitives.WriteUInt64LittleEndian(s.Body.AsSpan(120), TdxAttributes.Migratable | TdxAttributes.SeptVeDisable), ["tdx.attributes"]),
        ["another firmware"] = (s => s.Body[136] ^= 1, ["measurement"]),
        ["another configuration or ACPI tables"] = (s => s.Body[328] ^= 1, ["measurement", "tdx.rtmr0"]),
        ["another kernel"] = (s => s.Body[376] ^= 1, ["measurement"]),
        ["another command line"] = (s => s.Body[424] ^= 1, ["measurement"]),
        ["something measured afterwards"] = (s => s.Body[472] ^= 1, ["measurement"]),
        ["tampered body"] = (s => s.Change = q => Flipped(q, 48 + 136), ["tdx.signature", "measurement"]),
        ["tampered signature"] = (s => s.Change = q => Flipped(q, 48 + 584 + 4), ["tdx.signature"]),
        ["tampered report of the quoting enclave"] = (s => s.Change = q => Flipped(q, 48 + 584 + 4 + 128 + 6), ["tdx.qe.signature"]),
        ["old module"] = (s => s.TeeTcbSvn = [4, 0, 5], ["tdx.tcb.status"]),
    };

    public static TheoryData<string> Names => [.. Wrong.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_guest_with_one_thing_wrong_is_refused_by_its_check(string what)
    {
        using TdxGuest right = new();
        string measurement = right.Measurement;
        using TdxGuest guest = new() { Before = Wrong[what].Before };
        await using TestBroker broker = await StartAsync(guest);

        // A broken signature ends the exchange before any rule is asked for the measurement.
        string[] checks = Wrong[what].Checks.Contains("tdx.signature") ? ["tdx.signature"] : Wrong[what].Checks;
        await Refusal.SeenAsync(broker, guest.Parameters, checks);
    }

    [Fact]
    public async Task A_register_of_the_ACPI_tables_that_the_rule_leaves_open_is_not_compared_and_the_audit_says_so()
    {
        using TdxGuest guest = new() { Before = s => s.Body[328] ^= 1 };
        await using TestBroker broker = await StartAsync(guest, r => r with { Measurements = [WithoutTables(r.Measurements[0])] });
        using BrokerSession session = await broker.AttestAsAsync(guest.Parameters);
        Assert.Equal(Refusal.Secret, await session.GetAsync(Refusal.Password, TestContext.Current.CancellationToken));
        Assert.Contains("tdx.rtmr0", Unchecked(Assert.Single(await broker.Admin.AuditAsync("released"))));
    }

    [Fact]
    public async Task Stale_collateral_and_a_revoked_platform_are_refused()
    {
        using TdxGuest guest = new();
        await using (TestBroker stale = await StartAsync(guest, at: IntelPlatform.Now.AddDays(31)))
        {
            await Assert.ThrowsAsync<BrokerException>(() => stale.AttestAsAsync(guest.Parameters));
            string[] failing = AuditText.Failing(Assert.Single(await stale.Admin.AuditAsync("attestation-refused")));
            Assert.Contains("tdx.tcb-info.freshness", failing);
            Assert.Contains("tdx.qe-identity.freshness", failing);
        }

        guest.Scene.PckCrl = guest.Scene.Platform.PckCrl(IntelPlatform.Now.AddDays(-1), IntelPlatform.Now.AddDays(30), IntelPlatform.PckSerial);
        await using TestBroker revoked = await StartAsync(guest);
        await Refusal.SeenAsync(revoked, guest.Parameters, "tdx.revocation.pck");
    }

    [Fact]
    public async Task A_chain_to_a_root_that_is_not_pinned_is_refused_by_the_broker_as_it_is_shipped()
    {
        using TdxGuest guest = new();
        await using TestBroker broker = await StartAsync(guest, pinned: true);
        await Assert.ThrowsAsync<BrokerException>(() => broker.AttestAsAsync(guest.Parameters));
        Assert.Contains("tdx.chain.root", AuditText.Failing(Assert.Single(await broker.Admin.AuditAsync("attestation-refused"))));
    }

    [Fact]
    public async Task The_recorded_debug_TD_is_refused_for_being_one()
    {
        string vectors = Vectors();
        DateTimeOffset then = new(2023, 7, 1, 1, 0, 0, TimeSpan.Zero);
        await using TestBroker broker = await TestBroker.StartAsync(clock: new ManualClock(then), simulated: false, change: c => c with { Collateral = Path.Combine(vectors, "tdx", "go-tdx-guest") });
        byte[] quote = File.ReadAllBytes(Path.Combine(vectors, "tdx", "trustee", "tdx_quote_4.dat"));
        AttestParameters guest = new("tdx", null, (_, _) => Task.FromResult<ReadOnlyMemory<byte>>(Attestation.Kbs.EvidenceJson.Write(Attestation.LaunchEvidence.Parse(Attestation.TeeKind.Tdx, quote))));

        // A recording answers no new question either.
        await Refusal.SeenAsync(broker, guest, "tdx.attributes.debug", "report-data");
    }

    private static string[] Unchecked(System.Text.Json.JsonElement released) => [.. released.GetProperty("unchecked").EnumerateArray().Select(n => n.GetString()!)];

    private static string Vectors()
    {
        Attestation.Tests.Vectors.SkipWithout();
        return Attestation.Tests.Vectors.Folder!;
    }

    private static string WithoutTables(string measurement) => string.Join(',', measurement.Split(',').Select((p, i) => i == 1 ? "any" : p));

    private static byte[] Flipped(byte[] quote, int offset)
    {
        quote[offset] ^= 1;
        return quote;
    }

    private static async Task<TestBroker> StartAsync(TdxGuest guest, Func<ReleaseRule, ReleaseRule>? change = null, DateTimeOffset? at = null, bool pinned = false)
    {
        string collateral = Directory.CreateTempSubdirectory("pavise-collateral-").FullName;
        TestBroker broker;
        try
        {
            Attestation.Collateral.TdxCollateral all = guest.Scene.Collateral();
            (string Name, ReadOnlyMemory<byte> Content)[] files = [("info", all.TcbInfo), ("identity", all.QeIdentity), ("chain", all.TcbInfoChain), ("pck", all.PckCrl), ("root", all.RootCrl)];
            foreach ((string name, ReadOnlyMemory<byte> content) in files)
            {
                File.WriteAllBytes(Path.Combine(collateral, name), content.ToArray());
            }

            broker = await TestBroker.StartAsync(
                clock: new ManualClock(at ?? IntelPlatform.Now), simulated: false, change: c => c with { Collateral = collateral }, roots: pinned ? null : guest.Scene.Platform.Roots);
        }
        finally
        {
            Directory.Delete(collateral, recursive: true);
        }

        ReleaseRule rule = TestBroker.RuleFor(new(TestPolicies.Of("redis", 1)), Refusal.Password.Path) with { Measurements = [guest.Measurement], Tees = ["tdx"] };
        await broker.Admin.PutAsync(Refusal.Password.Path, Refusal.Secret);
        await broker.Admin.AllowAsync(change?.Invoke(rule) ?? rule);
        return broker;
    }
}
