using Pavise.KeyBroker.Tests.Support;
using Pavise.Session.Client;

namespace Pavise.KeyBroker.Tests.Attacks;

/// <summary>A page of somebody else, open in the browser of an administrator, which has the certificate for the status page.</summary>
public sealed class BrowserTests
{
    [Theory]
    [InlineData("Origin", "https://mallory.example", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 200)]
    public async Task It_adds_no_rule(string header, string value, int status)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        SimulatedGuest mallory = new(TestPolicies.Of("mallory", 1));
        await using HttpConnection browser = new(TestBroker.Connector(broker.Host.AdminAddress), broker.AdminEndpoint, broker.AdminCertificate);
        HttpAnswer answer = await browser.SendAsync(
            "POST", "/admin/v1/rules", [new(header, value)], TestBroker.RuleFor(mallory, "redis/secrets/password").Write(), false, TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? 1 : 0, broker.Host.Parts.Rules.All.Count);
    }
}
