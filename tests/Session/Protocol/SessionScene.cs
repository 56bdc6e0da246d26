using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Pavise.Session.Protocol;

namespace Pavise.Session.Tests.Protocol;

/// <summary>A guest whose only verb notes what it is asked to run and gives back its input, and an owner who knows that guest's key. Evidence is the key itself.</summary>
internal sealed class SessionScene : ISessionGuest, ISessionOrigin, IDisposable
{
    private readonly ECDsa boot = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly X509Certificate2 certificate;
    private readonly ECDsa owner = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public SessionScene()
    {
        certificate = SessionTls.CreateOwnerCertificate(boot);
        OwnerCertificate = SessionTls.CreateOwnerCertificate(owner);
        Key = boot.ExportSubjectPublicKeyInfo();
    }

    /// <summary>The boot key.</summary>
    public byte[] Key { get; }

    public X509Certificate2 OwnerCertificate { get; }

    /// <summary>What the guest was made to run.</summary>
    public ConcurrentQueue<string> Executed { get; } = new();

    /// <summary>What the guest answers to a nonce; null: what is right.</summary>
    public Func<byte[], byte[]>? Evidence { get; set; }

    public Task<X509Certificate2> CertificateAsync(CancellationToken cancellation) => Task.FromResult(certificate);

    public string? FindOwner(ReadOnlySpan<byte> subjectPublicKeyInfo) => subjectPublicKeyInfo.SequenceEqual(owner.ExportSubjectPublicKeyInfo()) ? "alice" : null;

    public Task<Welcome> WelcomeAsync(string name, ReadOnlyMemory<byte> nonce, CancellationToken cancellation) =>
        Task.FromResult(new Welcome { Owner = name, Evidence = ByteString.CopyFrom(Evidence?.Invoke(nonce.ToArray()) ?? Answer(nonce.Span, Key)) });

    public async Task RunAsync(string name, Request request, SessionConnection connection, CancellationToken cancellation)
    {
        Executed.Enqueue(string.Join(' ', request.Exec.Args));
        await connection.WriteAsync(new ServerFrame { Accepted = new Empty() }, cancellation);
        while (await connection.ReadAsync(cancellation) is { } frame && frame.KindCase != ClientFrame.KindOneofCase.End)
        {
            await connection.OutputAsync(frame.Data.Memory, false, 0, cancellation);
        }

        await connection.WriteAsync(new ServerFrame { Done = new Done { ExitStatus = 3 } }, cancellation);
    }

    public (ReadOnlyMemory<byte> PublicKey, string? Refusal) VerifyCertificate(ReadOnlyMemory<byte> der)
    {
        using X509Certificate2 shown = X509CertificateLoader.LoadCertificate(der.Span);
        byte[] key = shown.PublicKey.ExportSubjectPublicKeyInfo();
        return (key, key.AsSpan().SequenceEqual(Key) ? null : "report-data (failed)");
    }

    public string? VerifyNonce(ReadOnlyMemory<byte> evidence, ReadOnlyMemory<byte> nonce, ReadOnlyMemory<byte> publicKey) =>
        evidence.Span.SequenceEqual(Answer(nonce.Span, publicKey.Span)) ? null : "report-data (failed)";

    public static byte[] Answer(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key) => SHA256.HashData([.. nonce, .. key]);

    /// <summary>Serves one session; its end is no concern of the caller's.</summary>
    public async Task ServeAsync(Stream carrier, CancellationToken cancellation = default)
    {
        try
        {
            await SessionServer.RunAsync(carrier, this, TimeProvider.System, cancellation);
        }
        catch (SessionException)
        {
        }
        finally
        {
            await carrier.DisposeAsync();
        }
    }

    public Task<SessionClient> ConnectAsync(Stream carrier, CancellationToken cancellation = default) => SessionClient.ConnectAsync(carrier, OwnerCertificate, this, TimeProvider.System, cancellation);

    /// <summary>Runs one request: sends the data, gives back what came.</summary>
    public static async Task<(byte[] Output, uint Status)> RunAsync(SessionClient session, string what, byte[] data, CancellationToken cancellation = default)
    {
        await session.BeginAsync(new Request { Exec = new ExecRequest { Args = { what } } }, cancellation);
        Task sending = SendAsync();
        MemoryStream output = new();
        while (true)
        {
            ServerFrame frame = await session.ReadAsync(cancellation);
            if (frame.Done is { } done)
            {
                await sending;
                return (output.ToArray(), done.ExitStatus);
            }

            frame.Output?.Data.WriteTo(output);
        }

        async Task SendAsync()
        {
            foreach (byte[] piece in data.Chunk(SessionProtocolLimits.DataBytes))
            {
                await session.SendAsync(new ClientFrame { Data = ByteString.CopyFrom(piece) }, cancellation);
            }

            await session.SendAsync(new ClientFrame { End = new Empty() }, cancellation);
        }
    }

    public void Dispose()
    {
        certificate.Dispose();
        OwnerCertificate.Dispose();
        boot.Dispose();
        owner.Dispose();
    }
}
