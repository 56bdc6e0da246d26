using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Buffers.Text;
using Pavise.Attestation;

namespace Pavise.KeyBroker.Sessions;

/// <summary>Exchanges under way, in memory: a broker that starts anew asks its guests to attest anew. Bounded.</summary>
internal sealed class SessionTable(TimeProvider clock)
{
    /// <summary>Challenges that wait for evidence: some 500 bytes each.</summary>
    public const int MostChallenges = 20_000;

    /// <summary>Challenges of one address that wait: so that one cannot use up all.</summary>
    public const int MostChallengesOfOne = 2_000;

    /// <summary>Attested guests: some 10 KiB each. Beyond it the oldest has to attest anew.</summary>
    public const int MostAttested = 20_000;

    private readonly ConcurrentDictionary<string, GuestSession> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, GuestSession> _byToken = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _waiting = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<GuestSession> _attested = new();
    private long _nextSweepMs;

    // Counted beside: the tables' own counts stop all who write.
    private int _count, _attestedCount;

    public int Count => Volatile.Read(ref _count);

    public int AttestedCount => Volatile.Read(ref _attestedCount);

    /// <summary>A fresh challenge for who asks (<see cref="Http.Source"/>), or null when there are too many, his or all together.</summary>
    public GuestSession? Begin(TeeKind tee, string hash, string source, TimeSpan life)
    {
        Sweep();
        if (Count - AttestedCount >= MostChallenges || _waiting.GetValueOrDefault(source) >= MostChallengesOfOne)
        {
            return null;
        }

        string id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        GuestSession session = new(id, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), tee, hash, source, clock.GetUtcNow() + life);
        _waiting.AddOrUpdate(source, 1, (_, n) => n + 1);
        _byId[id] = session;
        Interlocked.Increment(ref _count);
        return session;
    }

    public GuestSession? Find(string id) => Alive(_byId.GetValueOrDefault(id));

    public GuestSession? FindByToken(string tokenId) => Alive(_byToken.GetValueOrDefault(tokenId));

    public void Attested(GuestSession session, AttestedGuest guest, DateTimeOffset expiresAt)
    {
        session.Attested(guest, expiresAt);
        _byToken[guest.TokenId] = session;
        Interlocked.Increment(ref _attestedCount);
        WaitsNoLonger(session);
        _attested.Enqueue(session);
        while (AttestedCount > MostAttested && _attested.TryDequeue(out GuestSession? oldest))
        {
            Remove(oldest);
        }
    }

    public void Remove(GuestSession session)
    {
        if (_byId.TryRemove(session.Id, out _))
        {
            Interlocked.Decrement(ref _count);
        }

        WaitsNoLonger(session);
        if (session.Guest is { } guest)
        {
            if (_byToken.TryRemove(guest.TokenId, out _))
            {
                Interlocked.Decrement(ref _attestedCount);
            }

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

    private void WaitsNoLonger(GuestSession session)
    {
        if (session.StopWaiting() && _waiting.AddOrUpdate(session.Source, 0, (_, n) => n - 1) <= 0)
        {
            _waiting.TryRemove(new KeyValuePair<string, int>(session.Source, 0));
        }
    }

    // Every ten seconds: what ended goes, also from the queue of the attested.
    private void Sweep()
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds(), next = Interlocked.Read(ref _nextSweepMs);
        if (now < next || Interlocked.CompareExchange(ref _nextSweepMs, now + 10_000, next) != next)
        {
            return;
        }

        foreach (GuestSession session in _byId.Values)
        {
            Alive(session);
        }

        while (_attested.TryPeek(out GuestSession? oldest) && !_byId.ContainsKey(oldest.Id))
        {
            _attested.TryDequeue(out _);
        }
    }
}
