using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Buffers.Text;
using Pavise.Attestation;

namespace Pavise.KeyBroker.Sessions;

/// <summary>Exchanges under way, in memory: a broker that starts anew asks its guests to attest anew. Bounded.</summary>
internal sealed class SessionTable(TimeProvider clock)
{
    /// <summary>Challenges and attested guests at once: each is some KiB, an attested one holds its evidence and policy.</summary>
    public const int Most = 20_000;

    private readonly ConcurrentDictionary<string, GuestSession> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, GuestSession> _byToken = new(StringComparer.Ordinal);
    private long _nextSweepMs;

    public int Count => _byId.Count;

    public int AttestedCount => _byToken.Count;

    /// <summary>A fresh challenge, or null when there are too many.</summary>
    public GuestSession? Begin(TeeKind tee, string hash, TimeSpan life)
    {
        Sweep(force: _byId.Count >= Most);
        if (_byId.Count >= Most)
        {
            return null;
        }

        string id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        GuestSession session = new(id, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), tee, hash, clock.GetUtcNow() + life);
        _byId[id] = session;
        return session;
    }

    public GuestSession? Find(string id) => Alive(_byId.GetValueOrDefault(id));

    public GuestSession? FindByToken(string tokenId) => Alive(_byToken.GetValueOrDefault(tokenId));

    public void Attested(GuestSession session, AttestedGuest guest, DateTimeOffset expiresAt)
    {
        session.Attested(guest, expiresAt);
        _byToken[guest.TokenId] = session;
    }

    public void Remove(GuestSession session)
    {
        _byId.TryRemove(session.Id, out _);
        if (session.Guest is { } guest)
        {
            _byToken.TryRemove(guest.TokenId, out _);

            // Not zeros: a request that found the session before may still be checked against what is here, and anybody knows zeros.
            RandomNumberGenerator.Fill(guest.ProofKey);
        }
    }

    public IReadOnlyList<GuestSession> AllAttested() => [.. _byToken.Values.Where(s => Alive(s) is not null)];

    private GuestSession? Alive(GuestSession? session)
    {
        if (session is null || clock.GetUtcNow() < session.ExpiresAt)
        {
            return session;
        }

        Remove(session);
        return null;
    }

    private void Sweep(bool force)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds(), next = Interlocked.Read(ref _nextSweepMs);
        if ((force && now + 9000 >= next) || now >= next)
        {
            if (Interlocked.CompareExchange(ref _nextSweepMs, now + 10_000, next) == next)
            {
                foreach (GuestSession session in _byId.Values)
                {
                    Alive(session);
                }
            }
        }
    }
}
