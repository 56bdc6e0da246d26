using Pavise.Guest.Containers;
using Pavise.Guest.Secrets;
using Pavise.Guest.Shield;
using Pavise.Policy.Engine;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Session.Protocol;
using SessionRequest = Pavise.Session.Protocol.Request;

namespace Pavise.Guest.Sessions.Verbs;

/// <summary>The request was refused, or is no request.</summary>
internal sealed class VerbRefusedException(Pavise.Session.Protocol.Refusal refusal) : Exception(refusal.Reason)
{
    public Pavise.Session.Protocol.Refusal Refusal => refusal;
}

/// <summary>One request of one owner.</summary>
internal sealed class VerbContext(PolicyShield shield, ContainerManager containers, string owner, SessionRequest request, SessionConnection connection, TimeProvider time, Func<CancellationToken, Task<ReleasedSecrets>> released)
{
    private static readonly ServerFrame AcceptedFrame = new() { Accepted = new Empty() };

    public PolicyShield Shield => shield;

    public ContainerManager Containers => containers;

    public string Owner => owner;

    public SessionRequest Request => request;

    public SessionConnection Connection => connection;

    public TimeProvider Time => time;

    /// <summary>The container that is meant; empty for the audit.</summary>
    public string ContainerId { get; set; } = "";

    public Task<ReleasedSecrets> ReleasedAsync(CancellationToken cancellation) => released(cancellation);

    /// <summary>Decides; a refusal is in the audit, and the owner reads all of it.</summary>
    /// <exception cref="VerbRefusedException">Refused.</exception>
    public TPlan Decide<TPlan>(OwnerRequest asked, string subject) where TPlan : Plan
    {
        (Decision decision, AuditEntry entry) = shield.DecideForOwner(asked, subject);
        return decision.Refusal is { } no
            ? throw new VerbRefusedException(new Pavise.Session.Protocol.Refusal { Decision = entry.Id, Rule = no.Rule, Reason = no.Reason, Hint = no.Hint })
            : (TPlan)decision.Plan!;
    }

    /// <summary>Says that it begins.</summary>
    public Task AcceptAsync(CancellationToken cancellation) => connection.WriteAsync(AcceptedFrame, cancellation);

    /// <summary>Says that it is done.</summary>
    public Task DoneAsync(CancellationToken cancellation, int status = 0, string error = "", ulong bytes = 0) =>
        connection.WriteAsync(new ServerFrame { Done = new Done { ExitStatus = (uint)status, Error = error, Bytes = bytes } }, cancellation);
}
