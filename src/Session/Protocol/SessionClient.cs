using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;

namespace Pavise.Session.Protocol;

/// <summary>Judges the guest for an owner.</summary>
public interface ISessionOrigin
{
    /// <summary>The certificate's key, SubjectPublicKeyInfo, when the certificate and its evidence hold; else why not, with the names of the failed checks.</summary>
    (ReadOnlyMemory<byte> PublicKey, string? Refusal) VerifyCertificate(ReadOnlyMemory<byte> certificate);

    /// <summary>Why the evidence is not a fresh answer to the nonce, over that key; null when it is.</summary>
    string? VerifyNonce(ReadOnlyMemory<byte> evidence, ReadOnlyMemory<byte> nonce, ReadOnlyMemory<byte> publicKey);
}

/// <summary>The guest refused.</summary>
public sealed class SessionRefusedException(Refusal refusal) : Exception(refusal.Reason)
{
    /// <summary>Decision, rule, reason, hint.</summary>
    public Refusal Refusal => refusal;
}

/// <summary>The guest is not one that the owner accepts. Nothing was sent to it but a handshake and a nonce.</summary>
public sealed class SessionOriginException(string message) : Exception(message);

/// <summary>The owner's end of a session. Nothing is sent before the guest's evidence holds, and nothing that matters before it is fresh.</summary>
public sealed class SessionClient : IAsyncDisposable
{
    private readonly SslStream tls;
    private readonly Stream carrier;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim writing = new(1, 1);
    private ITimer? pings;

    private SessionClient(SslStream tls, Stream carrier, TimeProvider time) => (this.tls, this.carrier, this.time) = (tls, carrier, time);

    /// <summary>What the guest said of itself.</summary>
    public Welcome Welcome { get; private set; } = new();

    /// <summary>The boot: SHA-256 of its key, hexadecimal.</summary>
    public string Boot { get; private set; } = "";

    /// <summary>Connects through a carrier.</summary>
    /// <param name="carrier">A stream to the guest; disposed with the session.</param>
    /// <param name="certificate">With the owner's signing key.</param>
    /// <param name="origin">Judges the guest.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="SessionOriginException">The guest is not accepted.</exception>
    /// <exception cref="SessionRefusedException">The guest does not know the owner.</exception>
    /// <exception cref="SessionException">The carrier or the peer broke.</exception>
    public static async Task<SessionClient> ConnectAsync(Stream carrier, X509Certificate2 certificate, ISessionOrigin origin, TimeProvider time, CancellationToken cancellation)
    {
        byte[] shown = [];
        SslStream tls = new(carrier, leaveInnerStreamOpen: true);
        SessionClient client = new(tls, carrier, time);
        try
        {
            using CancellationTokenSource late = new(SessionProtocolLimits.Handshake, time);
            using CancellationTokenSource greeting = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
            await tls.AuthenticateAsClientAsync(SessionTls.Client(certificate, der => shown = der), greeting.Token);
            (ReadOnlyMemory<byte> key, string? refusal) = tls.SslProtocol == SslProtocols.Tls13 ? origin.VerifyCertificate(shown) : (default, "not TLS 1.3");
            if (refusal is not null)
            {
                throw new SessionOriginException(refusal);
            }

            await client.GreetAsync(key, origin, greeting.Token);
            client.pings = time.CreateTimer(_ => _ = client.PingAsync(), null, SessionProtocolLimits.Ping, SessionProtocolLimits.Ping);
            return client;
        }
        catch (Exception e)
        {
            await client.DisposeAsync();
            throw e switch
            {
                OperationCanceledException when !cancellation.IsCancellationRequested => new SessionException("the pVM did not answer in time", e),
                IOException or AuthenticationException or SessionFormatException or InvalidOperationException or NotSupportedException => new SessionException($"no session came about: {e.Message}", e),
                _ => e,
            };
        }
    }

    /// <summary>Sends a message.</summary>
    /// <exception cref="SessionException">The session broke.</exception>
    public async Task SendAsync(ClientFrame frame, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            await Frames.WriteAsync(tls, frame, cancellation);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            throw new SessionException("the session was cut off", e);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>The next message but pongs.</summary>
    /// <exception cref="SessionException">The session broke; a guest that ends it says so first, so an end without a word is one.</exception>
    public async Task<ServerFrame> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            using CancellationTokenSource silent = new(SessionProtocolLimits.Idle, time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(silent.Token, cancellation);
            ServerFrame? frame;
            try
            {
                frame = await Frames.ReadAsync(tls, ServerFrame.Parser, SessionProtocolLimits.ServerFrameBytes, either.Token);
            }
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                throw new SessionException("nothing came for too long: the carrier, or the pVM, is gone", e);
            }
            catch (Exception e) when (e is IOException or SessionFormatException or InvalidOperationException)
            {
                throw new SessionException($"the session was cut off or disturbed: {e.Message}", e);
            }

            if (frame is null)
            {
                throw new SessionException("the session was cut off before it was done");
            }

            if (frame.KindCase != ServerFrame.KindOneofCase.Pong)
            {
                return frame;
            }
        }
    }

    /// <summary>Begins a request.</summary>
    /// <exception cref="SessionRefusedException">It is not permitted.</exception>
    public async Task BeginAsync(Request request, CancellationToken cancellation)
    {
        await SendAsync(new ClientFrame { Request = request }, cancellation);
        ServerFrame answer = await ReadAsync(cancellation);
        if (answer.KindCase != ServerFrame.KindOneofCase.Accepted)
        {
            throw answer.Refusal is { } refusal ? new SessionRefusedException(refusal) : new SessionException($"{answer.KindCase} came where a request is accepted or refused");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (pings is not null)
        {
            await pings.DisposeAsync();
        }

        await tls.DisposeAsync();
        await carrier.DisposeAsync();
    }

    /// <summary>Ends the session orderly.</summary>
    public async Task EndAsync()
    {
        try
        {
            await tls.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The carrier is gone; everything was said.
        }
    }

    private async Task GreetAsync(ReadOnlyMemory<byte> key, ISessionOrigin origin, CancellationToken cancellation)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(SessionProtocolLimits.NonceBytes);
        await SendAsync(new ClientFrame { Hello = new Hello { Version = SessionProtocolLimits.Version, Nonce = ByteString.CopyFrom(nonce) } }, cancellation);
        ServerFrame answer = await ReadAsync(cancellation);
        Welcome = answer.Welcome ?? throw (answer.Refusal is { } refused ? new SessionRefusedException(refused) : new SessionException($"{answer.KindCase} came where the pVM greets"));
        if (origin.VerifyNonce(Welcome.Evidence.Memory, nonce, key) is { } refusal)
        {
            throw new SessionOriginException(refusal);
        }

        Boot = Convert.ToHexStringLower(SHA256.HashData(key.Span));
    }

    private async Task PingAsync()
    {
        try
        {
            await SendAsync(new ClientFrame { Ping = new Empty() }, CancellationToken.None);
        }
        catch (Exception e) when (e is SessionException or ObjectDisposedException)
        {
            // The next read says so.
        }
    }
}
