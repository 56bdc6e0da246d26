using System.Collections.Immutable;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Pavise.Guest.Containers;
using Pavise.Guest.Keys;
using Pavise.Guest.Secrets;
using Pavise.Guest.Shield;
using Pavise.Guest.Sessions.Verbs;
using Pavise.Policy;
using Pavise.Policy.Model;
using Pavise.Policy.State;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Sessions;

/// <summary>What an owner's session reaches: the keys of the policy, evidence, and one verb after the other, each decided by the shield.</summary>
/// <param name="shield">Decides and keeps the audit.</param>
/// <param name="key">The boot key.</param>
/// <param name="containers">Carries out.</param>
/// <param name="released">What the key broker released.</param>
/// <param name="time">The clock.</param>
internal sealed class OwnerSessions(PolicyShield shield, BootKey key, ContainerManager containers, Func<CancellationToken, Task<ReleasedSecrets>> released, TimeProvider time) : ISessionGuest
{
    /// <summary>Bytes of a name in an entry of the audit.</summary>
    private const int ShownChars = 64;

    private readonly ImmutableArray<(string Name, byte[] Key)> owners = [.. shield.Policy.Owners.Select(o => (o.Name, Convert.FromBase64String(o.SignKey)))];
    private readonly string policy = Convert.ToHexStringLower(SHA256.HashData(shield.Policy.CanonicalBytes.Span));

    /// <summary>Serves one session.</summary>
    /// <returns>Its exit status: 0 when it ended well.</returns>
    public async Task<int> ServeAsync(Stream carrier, CancellationToken cancellation)
    {
        try
        {
            await SessionServer.RunAsync(carrier, this, time, cancellation);
            return 0;
        }
        catch (Exception e) when (e is SessionException or SocketException or CryptographicException)
        {
            // The carrier, or who is at its other end, broke it: the owner's side says how.
            return 1;
        }
    }

    public Task<X509Certificate2> CertificateAsync(CancellationToken cancellation) => key.CertificateAsync(cancellation);

    public string? FindOwner(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        foreach ((string name, byte[] known) in owners)
        {
            if (subjectPublicKeyInfo.SequenceEqual(known))
            {
                return name;
            }
        }

        shield.Audit.Add(DecisionPoint.OpenSession, isPermitted: false, Convert.ToHexStringLower(SHA256.HashData(subjectPublicKeyInfo)), "owners", "the key of the session's certificate is of no owner of the policy");
        return null;
    }

    public async Task<Welcome> WelcomeAsync(string owner, ReadOnlyMemory<byte> nonce, CancellationToken cancellation)
    {
        Welcome welcome = new() { Evidence = ByteString.CopyFrom(await key.EvidenceAsync(nonce, cancellation)), Owner = owner, Policy = policy };
        welcome.Containers.AddRange(shield.State.Containers.Values.Select(c => new ContainerInfo { Name = c.Entry.Name, Id = c.Id, State = c.Status.ToString().ToLowerInvariant() }));
        return welcome;
    }

    public async Task RunAsync(string owner, Request request, SessionConnection connection, CancellationToken cancellation)
    {
        VerbContext context = new(shield, containers, owner, request, connection, time, released);
        try
        {
            context.ContainerId = request.VerbCase == Request.VerbOneofCase.Audit ? "" : Find(request.Container);
            await (request.VerbCase switch
            {
                Request.VerbOneofCase.Exec => ExecVerb.RunAsync(context, cancellation),
                Request.VerbOneofCase.Attach => AttachVerb.RunAsync(context, cancellation),
                Request.VerbOneofCase.Logs => LogsVerb.RunAsync(context, cancellation),
                Request.VerbOneofCase.CopyIn => CopyInVerb.RunAsync(context, cancellation),
                Request.VerbOneofCase.CopyOut => CopyOutVerb.RunAsync(context, cancellation),
                Request.VerbOneofCase.Forward => ForwardVerb.RunAsync(context, cancellation),
                Request.VerbOneofCase.Ps => ProcessesVerb.RunAsync(context, cancellation),
                Request.VerbOneofCase.Stats => StatsVerb.RunAsync(context, cancellation),
                Request.VerbOneofCase.Audit => AuditVerb.RunAsync(context, cancellation),
                _ => throw new VerbRefusedException(new Refusal { Reason = "the request names nothing that this version knows" }),
            });
        }
        catch (VerbRefusedException e)
        {
            await connection.WriteAsync(new ServerFrame { Refusal = e.Refusal }, cancellation);
        }
        catch (Exception e) when (e is not (SessionException or OperationCanceledException))
        {
            // Whatever went wrong in carrying it out, the owner may know; the next request may go well.
            await connection.WriteAsync(new ServerFrame { Refusal = new Refusal { Reason = $"permitted, but it could not be carried out: {e.Message}" } }, cancellation);
        }
    }

    /// <summary>A container by its name in the policy, or its id; where there is one only, it needs none. Never the one that the host chose as a carrier.</summary>
    private string Find(string name)
    {
        ContainerState[] all = [.. shield.State.Containers.Values];
        ContainerEntry[] entries = [.. shield.Policy.Containers];
        string wanted = name.Length > 0 || entries.Length != 1 ? name : entries[0].Name;
        ContainerState[] fitting = [.. all.Where(c => c.Entry.Name == wanted || c.Id == wanted)];
        ContainerState? found = fitting.FirstOrDefault(c => c.Status is ContainerStatus.Running or ContainerStatus.Paused) ?? fitting.LastOrDefault();
        string shown = name.Length <= ShownChars ? name : name[..ShownChars];
        return found?.Id ?? throw new VerbRefusedException(new Refusal
        {
            Reason = name.Length == 0 && entries.Length != 1 ? "the policy has several containers: name one" : $"there is no container {shown}",
            Hint = $"containers of the policy: {string.Join(", ", entries.Take(16).Select(e => e.Name))}",
        });
    }
}
