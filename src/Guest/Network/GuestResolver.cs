using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Pavise.Boundary;
using Pavise.Boundary.Dns;
using Pavise.Boundary.HostCalls;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Network.Kernel;
using Pavise.Guest.Shield;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;

namespace Pavise.Guest.Network;

/// <summary>
/// Answers the names of the policy: pinned ones from the policy, permitted ones by a host call. Every other name does not exist. Their addresses count for
/// connections from then on, for a while.
/// </summary>
internal sealed class GuestResolver(NetworkEntry network, PodAddresses own, PolicyShield shield, HostNetwork host, NameTable names, Func<IReadOnlyList<IPAddress>, IReadOnlyList<int>, TimeSpan, bool> permit, TimeProvider time)
{
    private const uint PinnedSeconds = 60;
    private const int MostCached = 1024;
    private const int MostAtOnce = 64;

    private readonly ConcurrentDictionary<(string, byte), (ResolvedAddresses Answer, long Until)> cache = [];
    private readonly SemaphoreSlim free = new(MostAtOnce);

    /// <summary>The answer to a message; null where it is no question.</summary>
    public async Task<byte[]?> AnswerAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        if (DnsMessage.ReadQuestion(message.Span) is not { } question)
        {
            return null;
        }

        if (question.Class != DnsMessage.ClassInternet)
        {
            return DnsMessage.Answer(question, DnsMessage.CodeRefused, [], 0);
        }

        if (!NetAddress.IsName(question.Name) || !network.Egress.Any(e => e.IsNamed(question.Name)))
        {
            Refused(question.Name);
            return DnsMessage.Answer(question, DnsMessage.CodeNoName, [], 0);
        }

        if (question.Type is not (DnsMessage.TypeA or DnsMessage.TypeAaaa))
        {
            return DnsMessage.Answer(question, DnsMessage.CodeNoError, [], 0);
        }

        byte family = question.Type == DnsMessage.TypeA ? (byte)4 : (byte)6;
        return await ResolveAsync(question.Name, family, cancellation) is { } resolved
            ? DnsMessage.Answer(question, resolved.Exists ? DnsMessage.CodeNoError : DnsMessage.CodeNoName, resolved.Addresses, resolved.Seconds)
            : DnsMessage.Answer(question, DnsMessage.CodeFailed, [], 0);
    }

    private async Task<ResolvedAddresses?> ResolveAsync(string name, byte family, CancellationToken cancellation)
    {
        AddressFamily wanted = family == 4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        ImmutableArray<IPAddress> pinned = [.. network.Egress.Where(e => e.IsNamed(name)).SelectMany(e => e.Addresses).Distinct()];
        if (!pinned.IsEmpty)
        {
            return new(true, [.. pinned.Where(a => a.AddressFamily == wanted)], PinnedSeconds);
        }

        if (own.Of(wanted) is null)
        {
            return new(true, [], PinnedSeconds);
        }

        long now = time.GetTimestamp();
        if (cache.TryGetValue((name, family), out (ResolvedAddresses Answer, long Until) known) && known.Until > now)
        {
            return known.Answer;
        }

        if (!await free.WaitAsync(TimeSpan.Zero, cancellation))
        {
            return null;
        }

        try
        {
            ResolvePlan plan = shield.Decide<ResolvePlan>(new NetResolve(name), "");
            ResolvedAddresses? answer = (await host.ResolveAsync(plan.Name, family, cancellation)).Validate(a => ResolvedAddresses.Validate(a, family, network, own));
            return answer is null || !Permit(name, answer) ? null : Cached(name, family, answer);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or SocketException or TtrpcException)
        {
            return null;
        }
        finally
        {
            free.Release();
        }
    }

    private bool Permit(string name, ResolvedAddresses answer)
    {
        if (answer.Addresses.IsEmpty)
        {
            return true;
        }

        names.Add(name, answer.Addresses, answer.Seconds);
        int[] ports = [.. network.Egress.Where(e => !e.Udp && e.IsNamed(name)).Select(e => e.Port).Distinct()];
        return permit(answer.Addresses, ports, NameTable.LifeOf(answer.Seconds));
    }

    private ResolvedAddresses Cached(string name, byte family, ResolvedAddresses answer)
    {
        if (cache.Count >= MostCached)
        {
            cache.Clear();
        }

        cache[(name, family)] = (answer, time.GetTimestamp() + (answer.Seconds * time.TimestampFrequency));
        return answer;
    }

    /// <summary>Into the audit.</summary>
    private void Refused(string name)
    {
        try
        {
            shield.Decide<ResolvePlan>(new NetResolve(name), "");
        }
        catch (TtrpcException)
        {
            // As it should be: the application hears that there is no such name.
        }
    }
}
