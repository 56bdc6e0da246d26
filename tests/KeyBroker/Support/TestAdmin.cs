using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Pavise.Session.Admin;
using Pavise.Session.Client;

namespace Pavise.KeyBroker.Tests.Support;

/// <summary>An administrator's requests.</summary>
internal sealed class TestAdmin(BrokerEndpoint endpoint, Func<CancellationToken, Task<Stream>> connect, X509Certificate2 certificate) : IAsyncDisposable
{
    private readonly HttpConnection _connection = new(connect, endpoint, certificate);

    public async Task<HttpAnswer> SendAsync(string method, string path, byte[]? body = null) =>
        await _connection.SendAsync(method, path, [], body, false, TestContext.Current.CancellationToken);

    public async Task PutAsync(string resource, byte[] content) => Assert.Equal(200, (await SendAsync("PUT", "/admin/v1/resource/" + resource, content)).Status);

    public async Task<long> AllowAsync(ReleaseRule rule)
    {
        HttpAnswer answer = await SendAsync("POST", "/admin/v1/rules", rule.Write());
        Assert.Equal(200, answer.Status);
        return JsonDocument.Parse(answer.Body).RootElement.GetProperty("rule").GetInt64();
    }

    /// <summary>All audit entries of a kind.</summary>
    public async Task<IReadOnlyList<JsonElement>> AuditAsync(string? kind = null)
    {
        HttpAnswer answer = await SendAsync("GET", "/admin/v1/audit?from=1&most=1000");
        return [.. JsonDocument.Parse(answer.Body).RootElement.GetProperty("records").EnumerateArray()
            .Select(r => JsonDocument.Parse(r.GetProperty("text").GetString()!).RootElement)
            .Where(r => kind is null || r.GetProperty("kind").GetString() == kind)];
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
