using System.Net;
using Pavise.Attestation;
using Pavise.KeyBroker.Http;
using Pavise.KeyBroker.Sessions;
using Pavise.KeyBroker.Tests.Support;

namespace Pavise.KeyBroker.Tests.Guests;

public sealed class SessionTableTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void One_address_cannot_use_up_all_challenges_and_gets_new_ones_when_its_old_ones_end()
    {
        SessionTable table = new(_clock);
        Assert.All(Enumerable.Range(0, SessionTable.MostChallengesOfOne), _ => Assert.NotNull(Begin(table, "one")));
        Assert.Null(Begin(table, "one"));
        Assert.NotNull(Begin(table, "two"));
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.NotNull(Begin(table, "one"));
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void All_challenges_together_are_bounded()
    {
        SessionTable table = new(_clock);
        for (int i = 0; i < SessionTable.MostChallenges; i++)
        {
            Assert.NotNull(Begin(table, $"{i}"));
        }

        Assert.Null(Begin(table, "another"));
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1", true)]
    [InlineData("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    public void An_IPv6_network_counts_as_one(string one, string other, bool same) =>
        Assert.Equal(same, Source.Of(IPAddress.Parse(one)) == Source.Of(IPAddress.Parse(other)));

    private static GuestSession? Begin(SessionTable table, string source) => table.Begin(TeeKind.Simulated, "sha384", source, TimeSpan.FromSeconds(60));
}
