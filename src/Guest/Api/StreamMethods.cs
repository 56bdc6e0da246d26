using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Containers;
using Pavise.Guest.Processes;
using Pavise.Policy;
using Pavise.Policy.Plans;
using Requests = Pavise.Policy.Requests;

namespace Pavise.Guest.Api;

/// <summary>Standard streams and terminals.</summary>
internal sealed partial class GuestService
{
    /// <summary>One connection to the stream port: reads the header, decides, relays until the stream ends.</summary>
    public async Task ServeStreamAsync(Stream connection, CancellationToken cancellation)
    {
        StreamHeader header = await StreamHeader.ReadAsync(connection, cancellation);
        Requests.StandardStream stream = header.Kind switch
        {
            StreamKind.Stdin => Requests.StandardStream.Stdin,
            StreamKind.Stdout => Requests.StandardStream.Stdout,
            _ => Requests.StandardStream.Stderr,
        };
        ManagedProcess process;
        try
        {
            process = OpenStream(header, stream);
        }
        catch (TtrpcException refusal)
        {
            await StreamAnswer.WriteRefusedAsync(connection, refusal.Message, cancellation);
            return;
        }

        await StreamAnswer.WriteOpenAsync(connection, cancellation);
        await process.Streams.ServeAsync(stream, connection, cancellation);
    }

    public Task<Empty> CloseStdin(CloseStdinRequest request, CancellationToken cancellation)
    {
        Decide<Plan>(
            new Requests.CloseStdin(request.ContainerId, request.ExecId),
            Subject(request.ContainerId, request.ExecId),
            () => new SimplePlan(DecisionPoint.CloseStdin));
        containers.GetProcess(request.ContainerId, request.ExecId).Streams.EndStdin();
        return Task.FromResult(new Empty());
    }

    public Task<Empty> ResizeTerminal(ResizeTerminalRequest request, CancellationToken cancellation)
    {
        Decide<Plan>(
            new Requests.ResizeTerminal(request.ContainerId, request.ExecId, request.Columns, request.Rows),
            Subject(request.ContainerId, request.ExecId),
            () => new SimplePlan(DecisionPoint.ResizeTerminal));
        return containers.GetProcess(request.ContainerId, request.ExecId).Streams.Resize(request.Columns, request.Rows)
            ? Task.FromResult(new Empty())
            : throw Failures.Precondition("the process has no terminal");
    }

    private ManagedProcess OpenStream(StreamHeader header, Requests.StandardStream stream)
    {
        StreamPlan plan = Decide(
            new Requests.OpenStream(header.ContainerId, header.ExecId, stream),
            Subject(header.ContainerId, header.ExecId),
            () => new StreamPlan(header.ContainerId, header.ExecId, new StandardStreamTarget(stream, StreamTarget.Host)));
        ManagedProcess process = containers.GetProcess(plan.ContainerId, plan.ExecId);
        return process.Streams.TryClaim(plan.Target.Stream)
            ? process
            : throw Failures.Precondition($"the stream {plan.Target.Stream} is not there for the host, or was opened already");
    }
}
