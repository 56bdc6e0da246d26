using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Pavise.Session;
using Pavise.Session.Client;
using Pavise.Session.Rcar;

namespace Pavise.Owner.Broker;

/// <summary>An administrator's requests: mutual TLS with the owner's signing key, the broker's key pinned.</summary>
internal sealed class AdminClient : IAsyncDisposable
{
    private readonly HttpConnection _connection;
    private readonly X509Certificate2 _certificate;

    public AdminClient(BrokerEndpoint endpoint, string name, ECDsa signKey)
    {
        // Of this certificate the broker looks at the key only.
        CertificateRequest request = new(new X500DistinguishedName("CN=pavise owner"), signKey, HashAlgorithmName.SHA384);
        _certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(150));
        _connection = new(cancellation => ConnectAsync(endpoint, cancellation), endpoint, _certificate);
        Name = name;
    }

    public string Name { get; }

    /// <summary>Sends a request; any answer but 200 becomes an error with the broker's own reason.</summary>
    public async Task<byte[]> SendAsync(string method, string path, byte[]? body, CancellationToken cancellation)
    {
        try
        {
            HttpAnswer answer = await _connection.SendAsync(method, path, [], body, method is "GET", cancellation);
            return answer.Status == 200 ? answer.Body : throw new OwnerException($"the key broker refused: {Problem.Parse(answer.Body).Detail}");
        }
        catch (BrokerException e)
        {
            string? hint = e.Failure switch
            {
                BrokerFailure.WrongBroker => "if the broker's key was changed on purpose, name it with --pin",
                BrokerFailure.Unreachable => "does it run (pavise kb serve), and is this owner one of its administrators?",
                _ => null,
            };
            throw new OwnerException(e.Message, hint, e);
        }
    }

    /// <summary>Sends a request and reads its JSON answer.</summary>
    public async Task<T> JsonAsync<T>(string method, string path, byte[]? body, Func<JsonElement, T> read, CancellationToken cancellation)
    {
        byte[] answer = await SendAsync(method, path, body, cancellation);
        try
        {
            return SessionJson.Read(answer, SessionLimits.AnswerBytes, "the key broker's answer", read);
        }
        catch (SessionFormatException e)
        {
            throw new OwnerException(e.Message, null, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _certificate.Dispose();
    }

    private static async Task<Stream> ConnectAsync(BrokerEndpoint endpoint, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
