using System.Net.Security;
using System.Security.Authentication;

namespace Pavise.Session.Protocol;

/// <summary>One owner session on the guest's side: handshake, greeting, requests one after the other.</summary>
public static class SessionServer
{
    /// <summary>Serves a session until it ends.</summary>
    /// <param name="carrier">The bytes that the host carries.</param>
    /// <param name="guest">The guest.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="SessionException">It did not end well.</exception>
    public static async Task RunAsync(Stream carrier, ISessionGuest guest, TimeProvider time, CancellationToken cancellation)
    {
        using CancellationTokenSource total = new(SessionProtocolLimits.Total, time);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(total.Token, cancellation);
        byte[] peer = [];
        await using SslStream tls = new(carrier, leaveInnerStreamOpen: true);
        try
        {
            using CancellationTokenSource late = new(SessionProtocolLimits.Handshake, time);
            using CancellationTokenSource greeting = CancellationTokenSource.CreateLinkedTokenSource(late.Token, over.Token);
            await tls.AuthenticateAsServerAsync(SessionTls.Server(await guest.CertificateAsync(greeting.Token), key => peer = key), greeting.Token);
            if (await GreetAsync(tls, guest, peer, greeting.Token) is { } owner)
            {
                await ServeAsync(tls, owner, guest, time, over);
                await EndAsync(tls, time);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            throw new SessionException("the session took too long, or was ended", e);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or SessionFormatException or InvalidOperationException or NotSupportedException)
        {
            throw new SessionException(e.Message, e);
        }
    }

    /// <summary>The owner's name; null for one who is no owner, who hears only that.</summary>
    private static async Task<string?> GreetAsync(SslStream tls, ISessionGuest guest, byte[] peer, CancellationToken cancellation)
    {
        if (peer.Length == 0 || tls.SslProtocol != SslProtocols.Tls13 || guest.FindOwner(peer) is not { } owner)
        {
            await Frames.WriteAsync(tls, new ServerFrame { Refusal = new Refusal { Rule = "owners", Reason = "this key is of no owner of the policy" } }, cancellation);
            await tls.ShutdownAsync().WaitAsync(cancellation);
            return null;
        }

        ClientFrame? first = await Frames.ReadAsync(tls, ClientFrame.Parser, SessionProtocolLimits.ClientFrameBytes, cancellation);
        if (first?.Hello is not { Version: SessionProtocolLimits.Version, Nonce.Length: SessionProtocolLimits.NonceBytes } hello)
        {
            throw new SessionException($"a session begins with a greeting of version {SessionProtocolLimits.Version} and {SessionProtocolLimits.NonceBytes} bytes of nonce");
        }

        await Frames.WriteAsync(tls, new ServerFrame { Welcome = await guest.WelcomeAsync(owner, hello.Nonce.Memory, cancellation) }, cancellation);
        return owner;
    }

    private static async Task ServeAsync(SslStream tls, string owner, ISessionGuest guest, TimeProvider time, CancellationTokenSource over)
    {
        SessionConnection connection = new(tls, time);
        Task pump = connection.PumpAsync(over.Token);

        // Whoever carries out a request for a peer that is gone stops.
        _ = pump.ContinueWith(_ => Cancel(over), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            while (await connection.ReadAsync(CancellationToken.None) is { } frame)
            {
                // What was on its way when the last request ended is of nobody's interest.
                if (frame.Request is { } request)
                {
                    await guest.RunAsync(owner, request, connection, over.Token);
                }
                else if (frame.KindCase is ClientFrame.KindOneofCase.Hello or ClientFrame.KindOneofCase.None)
                {
                    throw new SessionException("a message that has no place here");
                }
            }
        }
        finally
        {
            Cancel(over);
            await pump;
        }
    }

    /// <summary>The owner has ended the session; it may have gone already.</summary>
    private static async Task EndAsync(SslStream tls, TimeProvider time)
    {
        try
        {
            await tls.ShutdownAsync().WaitAsync(SessionProtocolLimits.Handshake, time, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or TimeoutException or InvalidOperationException)
        {
            // Everything was said.
        }
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended meanwhile.
        }
    }
}
