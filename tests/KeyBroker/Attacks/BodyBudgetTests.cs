using System.Net.Security;
using System.Text;
using Pavise.KeyBroker.Http;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session;
using Pavise.Session.Client;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Tests.Attacks;

/// <summary>Many connections that each hold a long body back.</summary>
[Collection(nameof(BodyBudgetTests))]
public sealed class BodyBudgetTests
{
    [Fact]
    public void What_is_taken_is_given_back_once()
    {
        BodyBudget budget = new(100);
        BodyBudget.Share one = budget.Open(), two = budget.Open();
        Assert.True(one.Take(60) && two.Take(40));
        Assert.False(two.Take(1));
        Assert.Equal(100, budget.Taken);
        one.Dispose();
        one.Dispose();
        Assert.Equal(40, budget.Taken);
        Assert.True(two.Take(60));
    }

    [Fact]
    public async Task Half_sent_bodies_of_many_connections_take_no_more_than_all_may_and_small_requests_go_on_afterwards()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        const int body = SessionLimits.AttestBytes;
        byte[] head = Encoding.ASCII.GetBytes($"POST {BrokerPaths.Attest} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body}\r\n\r\n");
        byte[] almost = new byte[body - 1];
        almost.AsSpan().Fill((byte)' ');
        List<Stream> streams = [];
        string refused = "";
        for (int i = 0; i < 30 && refused.Length == 0; i++)
        {
            Stream tcp = await TestBroker.Connector(broker.Host.GuestAddress)(TestContext.Current.CancellationToken);
            SslStream tls = new(tcp, false, (_, _, _, _) => true);
            streams.Add(tls);
            await tls.AuthenticateAsClientAsync("localhost");
            await tls.WriteAsync(head, TestContext.Current.CancellationToken);
            try
            {
                await tls.WriteAsync(almost, TestContext.Current.CancellationToken);
                refused = i < BudgetBodies ? "" : await FirstLineAsync(tls);
            }
            catch (IOException)
            {
                refused = "closed";
            }
        }

        Assert.True(refused.Contains("503", StringComparison.Ordinal) || refused == "closed", refused);
        Assert.InRange(streams.Count, BudgetBodies, BudgetBodies + 2);
        foreach (Stream stream in streams)
        {
            await stream.DisposeAsync();
        }

        // The bytes come back when the broker has seen that the connections are gone.
        for (int i = 0; i < 200 && BodyBudget.Shared.Taken > 0; i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        using BrokerSession session = await broker.AttestAsync(new SimulatedGuest(TestPolicies.Of("redis", 1)));
        Assert.NotEmpty(session.Token);
    }

    private const int BudgetBodies = 64 * 1024 * 1024 / SessionLimits.AttestBytes;

    private static async Task<string> FirstLineAsync(Stream stream)
    {
        byte[] buffer = new byte[64];
        int read = await stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(buffer, 0, read).Split('\r')[0];
    }
}
