using System.Text;
using Pavise.Session.Protocol;

namespace Pavise.Session.Tests.Protocol;

/// <summary>Whoever carries a session's bytes, or answers in the guest's place.</summary>
public sealed class CarrierAttackTests
{
    private const string What = "CANARY-COMMAND";
    private static readonly byte[] Data = Encoding.ASCII.GetBytes("CANARY-INPUT " + new string('x', 500));

    [Fact]
    public async Task Whatever_a_carrier_does_nothing_is_run_twice_or_changed_and_a_session_that_is_disturbed_says_so()
    {
        // A minute of CPU for 10,000: the whole number is for a run of its own.
        int mutations = int.TryParse(Environment.GetEnvironmentVariable("PAVISE_MUTATIONS"), out int asked) ? asked : 1500;
        using SessionScene scene = new(), otherBoot = new();
        List<byte[]> foreign = [.. await RecordAsync(scene), .. await RecordAsync(otherBoot)];
        int disturbed = 0, done = 0;
        Mischief[] kinds = Enum.GetValues<Mischief>();
        await Parallel.ForEachAsync(Enumerable.Range(0, mutations), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellation) =>
        {
            Random random = new(i);
            Mischief kind = kinds[i % kinds.Length];
            HostileCarrier carrier = new(kind, toGuest: random.Next(2) == 0, at: random.Next(8), seed: i, foreign);
            string command = $"{What}-{i}";
            bool well;
            Task serving = scene.ServeAsync(carrier.Guest, cancellation);
            try
            {
                await using SessionClient session = await scene.ConnectAsync(carrier.Owner, cancellation);
                (byte[] output, uint status) = await SessionScene.RunAsync(session, command, Data, cancellation);
                Assert.Equal(Data, output);
                Assert.Equal(3u, status);
                await session.EndAsync();
                well = true;
            }
            catch (Exception e) when (e is SessionException or SessionRefusedException)
            {
                well = false;
            }

            await serving.WaitAsync(cancellation);
            Assert.True(well || carrier.Done, "a session that nobody disturbed failed");
            Assert.True(kind != Mischief.Delay || well, "pieces that are cut anew are the same bytes");
            Interlocked.Increment(ref well ? ref done : ref disturbed);
        });
        Assert.Equal(scene.Executed.Count, scene.Executed.Distinct().Count());
        Assert.All(scene.Executed, e => Assert.StartsWith(What, e, StringComparison.Ordinal));
        Assert.True(disturbed > mutations / 4 && done > mutations / 20, $"{disturbed} disturbed, {done} done");
    }

    [Fact]
    public async Task Nothing_of_what_is_said_is_among_the_carriers_bytes()
    {
        using SessionScene scene = new();
        string all = string.Concat((await RecordAsync(scene)).Select(Encoding.Latin1.GetString));
        Assert.DoesNotContain("CANARY", all, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", all, StringComparison.Ordinal);
        Assert.Contains(scene.Executed, e => e == What);
    }

    [Fact]
    public async Task A_recorded_session_that_is_played_again_runs_nothing()
    {
        using SessionScene scene = new();
        List<byte[]> up = [];
        (Wire owner, Wire guest) = Wire.Join(toGuest: p => { up.Add(p); return [p]; });
        Task serving = scene.ServeAsync(guest);
        await using (SessionClient session = await scene.ConnectAsync(owner))
        {
            await SessionScene.RunAsync(session, What, Data);
            await session.EndAsync();
        }

        await serving;
        (Wire replayer, Wire again) = Wire.Join();
        serving = scene.ServeAsync(again);
        foreach (byte[] piece in up)
        {
            await replayer.WriteAsync(piece, TestContext.Current.CancellationToken);
        }

        await replayer.DisposeAsync();
        await serving;
        Assert.Equal([What], scene.Executed);
    }

    [Fact]
    public async Task A_host_that_answers_in_the_guests_place_is_refused_naming_the_check_and_hears_nothing()
    {
        using SessionScene genuine = new(), host = new();
        (Wire owner, Wire carrier) = Wire.Join();
        Task serving = host.ServeAsync(carrier);
        SessionOriginException refused = await Assert.ThrowsAsync<SessionOriginException>(() => SessionClient.ConnectAsync(owner, genuine.OwnerCertificate, genuine, TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Contains("report-data", refused.Message, StringComparison.Ordinal);
        await serving;
        Assert.Empty(host.Executed);
    }

    [Theory]
    [InlineData("earlier")]
    [InlineData("another pVM")]
    [InlineData("none")]
    public async Task Evidence_that_does_not_answer_the_nonce_over_this_key_is_refused_naming_the_check(string which)
    {
        using SessionScene scene = new(), other = new();
        scene.Evidence = nonce => which switch
        {
            "earlier" => SessionScene.Answer(new byte[32], scene.Key),
            "another pVM" => SessionScene.Answer(nonce, other.Key),
            _ => [],
        };
        (Wire owner, Wire guest) = Wire.Join();
        Task serving = scene.ServeAsync(guest);
        SessionOriginException refused = await Assert.ThrowsAsync<SessionOriginException>(() => scene.ConnectAsync(owner));
        Assert.Contains("report-data", refused.Message, StringComparison.Ordinal);
        await serving;
        Assert.Empty(scene.Executed);
    }

    [Fact]
    public async Task A_key_that_is_no_owners_hears_only_that()
    {
        using SessionScene scene = new(), stranger = new();
        (Wire owner, Wire guest) = Wire.Join();
        Task serving = scene.ServeAsync(guest);
        SessionRefusedException refused = await Assert.ThrowsAsync<SessionRefusedException>(() => SessionClient.ConnectAsync(owner, stranger.OwnerCertificate, scene, TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Equal("owners", refused.Refusal.Rule);
        await serving;
        Assert.Empty(scene.Executed);
    }

    [Fact]
    public async Task Arbitrary_bytes_in_a_handshakes_place_end_the_session()
    {
        using SessionScene scene = new();
        for (int i = 0; i < 500; i++)
        {
            Random random = new(i);
            byte[] noise = new byte[random.Next(1, 2000)];
            random.NextBytes(noise);
            if (i % 2 == 0)
            {
                // What looks like a TLS record.
                ((byte[])[22, 3, 1, 0])[..Math.Min(4, noise.Length)].CopyTo(noise, 0);
            }

            (Wire owner, Wire guest) = Wire.Join();
            Task serving = scene.ServeAsync(guest);
            await owner.WriteAsync(noise, TestContext.Current.CancellationToken);
            await owner.DisposeAsync();
            await serving;
        }

        Assert.Empty(scene.Executed);
    }

    private static async Task<IReadOnlyList<byte[]>> RecordAsync(SessionScene scene)
    {
        HostileCarrier carrier = new();
        Task serving = scene.ServeAsync(carrier.Guest);
        await using (SessionClient session = await scene.ConnectAsync(carrier.Owner))
        {
            await SessionScene.RunAsync(session, What, Data);
            await session.EndAsync();
        }

        await serving;
        return carrier.Recorded;
    }
}
