using System.Security.Cryptography;
using Pavise.Attestation;
using Pavise.Session.Jose;

namespace Pavise.KeyBroker.Sessions;

/// <summary>What an attested guest proved.</summary>
internal sealed record AttestedGuest
{
    public required AuthenticatedEvidence Evidence { get; init; }

    public required byte[] ReportData { get; init; }

    public required BoundDocument? Document { get; init; }

    /// <summary>Contents are encrypted to it.</summary>
    public required Jwk Key { get; init; }

    /// <summary>Authenticates requests that change something.</summary>
    public required byte[] ProofKey { get; init; }

    public required string TokenId { get; init; }

    public required string Address { get; init; }

    /// <summary>The policy digest that the launch binds, hexadecimal.</summary>
    public string DigestText => Convert.ToHexStringLower(Evidence.Claims.PolicyDigest.Span);

    /// <summary><c>name@version</c> where the guest showed its policy, else the bound digest.</summary>
    public string Workload => Document?.Policy is { } policy ? $"{policy.Name}@{policy.Version}" : DigestText;
}

/// <summary>An exchange from its challenge on.</summary>
internal sealed class GuestSession(string id, string nonce, TeeKind tee, string hash, string source, DateTimeOffset expiresAt)
{
    private int _used;
    private int _waits = 1;

    public string Id { get; } = id;

    public string Nonce { get; } = nonce;

    public TeeKind Tee { get; } = tee;

    public string Hash { get; } = hash;

    /// <summary>The address or network that asked for the challenge.</summary>
    public string Source { get; } = source;

    public DateTimeOffset ExpiresAt { get; private set; } = expiresAt;

    public AttestedGuest? Guest { get; private set; }

    /// <summary>One extended request at a time.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>The counter of the newest proof.</summary>
    public long LastProof { get; set; }

    /// <summary>The answer to it, for a guest whose connection broke before it read it.</summary>
    public (int Status, byte[] Body)? LastAnswer { get; set; }

    /// <summary>A name for logs that is of no use to anybody else.</summary>
    public string Label { get; } = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(id)).AsSpan(0, 6));

    /// <summary>Takes the challenge: once, whatever comes of it.</summary>
    public bool TakeChallenge() => Interlocked.Exchange(ref _used, 1) == 0;

    /// <summary>Ends the wait for evidence; true the first time.</summary>
    public bool StopWaiting() => Interlocked.Exchange(ref _waits, 0) == 1;

    public void Attested(AttestedGuest guest, DateTimeOffset expiresAt) => (Guest, ExpiresAt) = (guest, expiresAt);
}
