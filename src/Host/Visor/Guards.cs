using Pavise.Boundary.Ttrpc;
using Pavise.Host.Protos;

namespace Pavise.Host.Visor;

/// <summary>Watches over processes in whose place an engine tracks one on the host: when that one is killed, what it stands for ends too.</summary>
/// <param name="control">The guest.</param>
/// <param name="stop">Ends the pVM.</param>
/// <param name="log">The visor's log.</param>
internal sealed class Guards(ControlConnection control, Func<TimeSpan, Task> stop, VisorLog log)
{
    /// <summary>Returns when the process has ended.</summary>
    /// <param name="request">The process.</param>
    /// <param name="connection">Ends with the caller's connection.</param>
    public async Task<GuardResponse> WatchAsync(GuardRequest request, CancellationToken connection)
    {
        try
        {
            await control.WaitAsync(request.ContainerId, request.ExecId, connection);
            return new GuardResponse();
        }
        catch (OperationCanceledException)
        {
            await EndAsync(request);
            throw;
        }
    }

    private async Task EndAsync(GuardRequest request)
    {
        string what = request.ExecId.Length == 0 ? request.ContainerId : $"{request.ContainerId}, exec {request.ExecId}";
        try
        {
            await control.KillAsync(request.ContainerId, request.ExecId);
            log.Write($"{what}: its host process went away: killed");
        }
        catch (TtrpcException e) when (e.Status == TtrpcStatus.PermissionDenied && request.Alone && request.ExecId.Length == 0)
        {
            log.Write($"{what}: its host process went away, and the policy does not let the host kill it: the pVM is stopped");
            await stop(TimeSpan.Zero);
        }
        catch (TtrpcException e)
        {
            // Ended in the same moment, or not for the host to end.
            log.Write($"{what}: its host process went away: {e.Message}");
        }
    }
}
