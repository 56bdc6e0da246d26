using System.Text;
using System.Text.Json;
using Pavise.Session;
using Pavise.Session.Client;
using Pavise.Session.Jose;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Tests.Support;

/// <summary>The protocol message by message, for what a well-behaved client never does.</summary>
internal sealed class RawGuest(TestBroker broker) : IAsyncDisposable
{
    private readonly HttpConnection _connection = broker.Raw();

    public string Cookie { get; private set; } = "";

    public Challenge Challenge { get; private set; } = new("", "");

    public async Task<HttpAnswer> SendAsync(string method, string path, byte[]? body, params KeyValuePair<string, string>[] headers) =>
        await _connection.SendAsync(method, path, headers, body, false, TestContext.Current.CancellationToken);

    public async Task ChallengeAsync(string tee = "sim", string? request = null)
    {
        HttpAnswer answer = await SendAsync("POST", BrokerPaths.Auth, request is null ? new AuthRequest(tee, HashNames.All).Write() : Encoding.UTF8.GetBytes(request));
        Assert.Equal(200, answer.Status);
        Cookie = answer.Headers["set-cookie"].Split(';')[0];
        Challenge = Challenge.Parse(answer.Body);
    }

    public Task<HttpAnswer> AttestAsync(AttestRequest request) => SendAsync("POST", BrokerPaths.Attest, request.Write(), new KeyValuePair<string, string>("Cookie", Cookie));

    public Task<HttpAnswer> GetAsync(string resource) => SendAsync("GET", BrokerPaths.Resource + resource, null, new KeyValuePair<string, string>("Cookie", Cookie));

    public AttestRequest Request(SimulatedGuest guest, Jwk key, string? nonce = null)
    {
        byte[] reportData = ReportData.ForBroker(Challenge.Hash, nonce ?? Challenge.Nonce, key, "");
        return new(new("json", guest.Policy), nonce ?? Challenge.Nonce, key, guest.Evidence(reportData), "");
    }

    public static string Reason(HttpAnswer answer) => Problem.Parse(answer.Body).Reason;

    public static string Token(HttpAnswer answer) => JsonDocument.Parse(answer.Body).RootElement.GetProperty("token").GetString()!;

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
