using System.Security.Cryptography.X509Certificates;

namespace Pavise.Session.Protocol;

/// <summary>What a session needs of the guest.</summary>
public interface ISessionGuest
{
    /// <summary>The certificate with the boot key and evidence over it.</summary>
    Task<X509Certificate2> CertificateAsync(CancellationToken cancellation);

    /// <summary>The owner with this signing key; null for a key that the policy does not name, which is then in the audit.</summary>
    string? FindOwner(ReadOnlySpan<byte> subjectPublicKeyInfo);

    /// <summary>Answers a greeting: fresh evidence over the nonce.</summary>
    Task<Welcome> WelcomeAsync(string owner, ReadOnlyMemory<byte> nonce, CancellationToken cancellation);

    /// <summary>Decides a request and carries it out. Whatever it sends, the last is one <c>Done</c> or one <c>Refusal</c>.</summary>
    /// <param name="owner">Who asks.</param>
    /// <param name="request">What.</param>
    /// <param name="connection">The session.</param>
    /// <param name="cancellation">The session ends.</param>
    Task RunAsync(string owner, Request request, SessionConnection connection, CancellationToken cancellation);
}

/// <summary>The session broke: the peer is gone, silent, or says what is not of the protocol.</summary>
public sealed class SessionException(string message, Exception? inner = null) : Exception(message, inner);
