using Pavise.Boundary.GuestApi;
using Pavise.Guest.Sessions;
using Pavise.Policy.Plans;
using Requests = Pavise.Policy.Requests;

namespace Pavise.Guest.Api;

/// <summary>Owner sessions: an exec of exactly one argument vector, or the method for hosts that would rather say what they mean.</summary>
internal sealed partial class GuestService
{
    /// <summary>The whole argument vector of an exec that carries a session. No program of this name runs.</summary>
    private const string SessionProgram = "pavise-session";

    private volatile OwnerSessions? sessions;

    public async Task<Empty> OpenSession(OpenSessionRequest request, CancellationToken cancellation)
    {
        await OpenSessionAsync(request.ContainerId, request.ExecId, cancellation);
        return new Empty();
    }

    private Task<ExecProcessResponse> OpenSessionAsync(string containerId, string execId, CancellationToken cancellation) => Shielded.RunAsync(
        new Requests.OpenSession(containerId, execId),
        Subject(containerId, execId),
        async (SessionPlan plan) => new ExecProcessResponse
        {
            Pid = (uint)await containers.OpenSessionAsync(plan, Sessions().ServeAsync),
            Stdio = Described(SessionPlan.Stdio),
        },
        cancellation);

    private OwnerSessions Sessions() => sessions ??= new OwnerSessions(Shielded, Key!, containers, cancellation => ReleasedAsync("", cancellation), time);
}
