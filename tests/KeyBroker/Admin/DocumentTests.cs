using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session.Client;

namespace Pavise.KeyBroker.Tests.Admin;

public sealed class DocumentTests
{
    [Fact]
    public async Task The_OpenAPI_document_names_every_path_and_no_other()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using RawGuest raw = new(broker);
        JsonElement paths = JsonDocument.Parse((await raw.SendAsync("GET", "/openapi.json", null)).Body).RootElement.GetProperty("paths");
        HashSet<string> documented = [.. paths.EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Where(m => m.Name != "parameters").Select(m => $"{m.Name.ToUpperInvariant()} {p.Name}"))];
        WebApplication app = WebApplication.CreateSlimBuilder().Build();
        BrokerRoutes.Map(app, broker.Host.Parts);
        HashSet<string> mapped =
        [
            .. ((IEndpointRouteBuilder)app).DataSources.SelectMany(d => d.Endpoints).OfType<RouteEndpoint>()
                .SelectMany(e => e.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Select(m => $"{m} {e.RoutePattern.RawText}")),
        ];
        Assert.Equal(mapped.Order(), documented.Order());
    }

    [Fact]
    public async Task The_status_page_is_the_brokers_own_and_loads_nothing_from_elsewhere()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        HttpAnswer page = await broker.Admin.SendAsync("GET", "/admin/");
        Assert.Equal(200, page.Status);
        Assert.StartsWith("default-src 'none'", page.Headers["content-security-policy"], StringComparison.Ordinal);
        string text = Encoding.UTF8.GetString(page.Body) + Encoding.UTF8.GetString((await broker.Admin.SendAsync("GET", "/admin/status.js")).Body);
        Assert.DoesNotContain("://", text, StringComparison.Ordinal);
        Assert.DoesNotContain("innerHTML", text, StringComparison.Ordinal);
        Assert.Equal(200, (await broker.Admin.SendAsync("GET", "/admin/status.css")).Status);
    }
}
