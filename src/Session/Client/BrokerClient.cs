using Pavise.Session.Jose;
using Pavise.Session.Rcar;

namespace Pavise.Session.Client;

/// <summary>
/// A guest's client of a key broker, Pavise's or Trustee's. Attest once, then take resources from the <see cref="BrokerSession"/>. Not a retry engine: it says
/// what went wrong (<see cref="BrokerFailure"/>), and the caller decides whether to try again.
/// </summary>
public sealed class BrokerClient : IAsyncDisposable
{
    private readonly HttpConnection _connection;

    /// <summary>A client; nothing is sent yet.</summary>
    /// <param name="connect">Opens the bytes to the broker: in a guest the host call <c>broker.connect</c>. Called again when a connection ended.</param>
    /// <param name="endpoint">Which broker; its key is pinned.</param>
    public BrokerClient(Func<CancellationToken, Task<Stream>> connect, BrokerEndpoint endpoint) => _connection = new(connect, endpoint);

    /// <summary>Request, challenge, attestation: proves this guest to the broker.</summary>
    /// <exception cref="BrokerException">Unreachable, the wrong broker, or the evidence was refused.</exception>
    public async Task<BrokerSession> AttestAsync(AttestParameters parameters, CancellationToken cancellation)
    {
        HttpAnswer auth = await PostAsync(BrokerPaths.Auth, [], new AuthRequest(parameters.Tee, HashNames.All).Write(), cancellation);
        Challenge challenge = Understand(() => Challenge.Parse(auth.Body));
        string cookie = Cookie(auth);
        ExchangeKey key = parameters.P521 ? ExchangeKey.CreateP521() : ExchangeKey.CreateP256();
        try
        {
            byte[] reportData = Understand(() => ReportData.ForBroker(challenge.Hash, challenge.Nonce, key.Public, ""));
            ReadOnlyMemory<byte> evidence = await parameters.Evidence(reportData, cancellation);
            AttestRequest request = new(parameters.InitData, challenge.Nonce, key.Public, evidence, "");
            HttpAnswer attested = await PostAsync(BrokerPaths.Attest, [new("Cookie", cookie)], request.Write(), cancellation);
            return Understand(() => Session(AttestAnswer.Parse(attested.Body), cookie, key));
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    internal static T Understand<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SessionFormatException e)
        {
            throw new BrokerException(BrokerFailure.Protocol, $"the key broker's answer is malformed: {e.Message}", null, e);
        }
    }

    private BrokerSession Session(AttestAnswer answer, string cookie, ExchangeKey key)
    {
        byte[]? proof = answer.SessionKey is { } sealedKey ? key.Open(sealedKey) : null;
        if (proof is not null && proof.Length != RequestProof.KeyBytes)
        {
            throw new SessionFormatException($"the session key has {RequestProof.KeyBytes} bytes");
        }

        return new(_connection, answer.Token, cookie, key, proof, answer.VerificationKeys());
    }

    private async Task<HttpAnswer> PostAsync(string path, KeyValuePair<string, string>[] headers, byte[] body, CancellationToken cancellation)
    {
        HttpAnswer answer = await _connection.SendAsync("POST", path, headers, body, repeatable: true, cancellation);
        return answer.Status == 200 ? answer : throw BrokerException.Of(answer);
    }

    private static string Cookie(HttpAnswer answer)
    {
        string pair = answer.Headers.TryGetValue("set-cookie", out string? header) ? header.Split(';')[0].Trim() : "";
        return pair.StartsWith(BrokerPaths.SessionCookie + "=", StringComparison.Ordinal) && pair.Length < 1024 && pair.All(c => c is > ' ' and <= '~' and not ',')
            ? pair
            : throw new BrokerException(BrokerFailure.Protocol, $"the key broker set no cookie {BrokerPaths.SessionCookie}");
    }
}
