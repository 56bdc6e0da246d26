using System.Text;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session;
using Pavise.Session.Client;
using Pavise.Session.Extensions;

namespace Pavise.KeyBroker.Tests.Guests;

public sealed class ReleaseTests
{
    private static readonly ResourceUri Password = ResourceUri.Parse("kbs:///redis/secrets/password");
    private static readonly byte[] Secret = Encoding.UTF8.GetBytes("correct horse");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_is_released_to_the_guest_that_the_rule_names()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        SimulatedGuest guest = new(TestPolicies.Of("redis", 1));
        await broker.Admin.PutAsync(Password.Path, Secret);
        await broker.Admin.AllowAsync(TestBroker.RuleFor(guest, Password.Path));
        BrokerSession session = await broker.AttestAsync(guest);
        Assert.Equal(Secret, await session.GetAsync(Password, Stop));
        IReadOnlyList<ResourceAnswer> batch = await session.GetAsync([Password, ResourceUri.Parse("redis/secrets/other")], Stop);
        Assert.Equal(Secret, batch[0].Content);
        Assert.Equal("no-rule", batch[1].Refusal!.Reason);
    }
}
