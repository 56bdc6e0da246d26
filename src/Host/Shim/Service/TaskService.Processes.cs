using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Bundles;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Shim.Protos.Events;
using Pavise.Host.Shim.Streams;
using Pavise.Host.Shim.Tasks;
using ExecProcessRequest = Pavise.Host.Shim.Protos.ExecProcessRequest;
using Empty = Google.Protobuf.WellKnownTypes.Empty;

namespace Pavise.Host.Shim.Service;

/// <summary>Processes of a task.</summary>
internal sealed partial class TaskService
{
    private const uint Interrupt = 2, Quit = 3, KillSignal = 9, Terminate = 15;

    /// <summary>What a first process or an exec is doing, or how it ended.</summary>
    public StateResponse State(StateRequest request)
    {
        ContainerTask task = Get(request.Id);
        TaskProcess process = task.Find(request.ExecId);
        StateResponse state = new()
        {
            Id = process.Id,
            Bundle = task.Bundle,
            Pid = (uint)process.Pid,
            Status = request.ExecId.Length == 0 ? task.Status : process.Status,
            Stdin = process.Stdio.Stdin,
            Stdout = process.Stdio.Stdout,
            Stderr = process.Stdio.Stderr,
            Terminal = process.Stdio.Terminal,
        };
        if (process.HasExited)
        {
            state.ExitStatus = process.Exited.Result.Status;
            state.ExitedAt = process.Exited.Result.At.ToTimestamp();
        }

        return state;
    }

    /// <summary>Registers a further process; it is decided and started by Start.</summary>
    public Empty Exec(ExecProcessRequest request)
    {
        ContainerTask task = Get(request.Id);
        if (task.Role == PodRole.Sandbox)
        {
            throw new TtrpcException(TtrpcStatus.FailedPrecondition, "a pod's sandbox has no process of its own, so nothing can be run in it: name a container");
        }

        if (request.ExecId.Length == 0)
        {
            throw new TtrpcException(TtrpcStatus.InvalidArgument, "an exec has an id");
        }

        StdioPaths stdio = new(request.Stdin, request.Stdout, request.Stderr, request.Terminal);
        Outputs.Check(stdio);
        task.Add(new TaskProcess(request.Id, request.ExecId, stdio) { Spec = request.Spec?.Value.ToByteArray() ?? [] });
        events.Send(new TaskExecAdded { ContainerId = request.Id, ExecId = request.ExecId });
        return Done;
    }

    /// <summary>Sends a signal. One that ends a process ends a sandbox's pVM.</summary>
    public async Task<Empty> KillAsync(KillRequest request, CancellationToken cancellation)
    {
        ContainerTask task = Get(request.Id);
        TaskProcess process = task.Find(request.ExecId);
        if (process.HasExited)
        {
            throw new TtrpcException(TtrpcStatus.NotFound, $"process {process.Id} of task {task.Id} has ended: process already finished");
        }

        if (request.ExecId.Length > 0 && !process.Started)
        {
            // Not NotFound: containerd's client would then wait for an exit that never comes, a minute long, after each refused exec.
            throw new TtrpcException(TtrpcStatus.FailedPrecondition, $"process {process.Id} of task {task.Id} was not started");
        }

        if (task.Role == PodRole.Sandbox)
        {
            KillSandbox(task, request.Signal);
            return Done;
        }

        // A start that is under way comes first: what is ended before its start is told so by nobody else.
        return process.Started ? await SignalAsync() : await InTurnAsync(task, SignalAsync, cancellation);

        async Task<Empty> SignalAsync()
        {
            await task.Pvm.Guest.SignalProcessAsync(new SignalProcessRequest { ContainerId = task.Id, ExecId = request.ExecId, Signal = request.Signal, All = request.All }, cancellation);
            if (!process.Started && request.Signal is (KillSignal or Terminate))
            {
                await process.Streams!.DrainAsync(DrainTime, time);
                End(task, process, new ExitInfo(128 + request.Signal, time.GetUtcNow()));
            }

            return Done;
        }
    }

    /// <summary>Completes when the process has ended.</summary>
    public async Task<WaitResponse> WaitAsync(WaitRequest request, CancellationToken cancellation)
    {
        ExitInfo exit = await Get(request.Id).Find(request.ExecId).Exited.WaitAsync(cancellation);
        return new WaitResponse { ExitStatus = exit.Status, ExitedAt = exit.At.ToTimestamp() };
    }

    /// <summary>The processes, as far as the policy tells them. Those whose names are told have their numbers in the guest.</summary>
    public async Task<PidsResponse> PidsAsync(PidsRequest request, CancellationToken cancellation)
    {
        ContainerTask task = Get(request.Id);
        PidsResponse answer = new();
        if (task.Role == PodRole.Sandbox)
        {
            answer.Processes.Add(new Protos.ProcessInfo { Pid = (uint)task.Init.Pid });
            return answer;
        }

        ListProcessesResponse known = await task.Pvm.Guest.ListProcessesAsync(new ListProcessesRequest { ContainerId = task.Id }, cancellation);
        answer.Processes.AddRange(known.Processes.Select(p => new Protos.ProcessInfo { Pid = p.Pid }));
        for (int i = known.Processes.Count; i < known.Count; i++)
        {
            answer.Processes.Add(new Protos.ProcessInfo { Pid = (uint)task.Init.Pid });
        }

        return answer;
    }

    /// <summary>Sets a terminal's size.</summary>
    public async Task<Empty> ResizePtyAsync(ResizePtyRequest request, CancellationToken cancellation)
    {
        ContainerTask task = Get(request.Id);
        TaskProcess process = task.Find(request.ExecId);
        if (process is not { Started: true, HasExited: false } || task.Role == PodRole.Sandbox || request.Width == 0 || request.Height == 0)
        {
            // Clients set the size around the start and the end, when there is no terminal to set, and one without a terminal of its own sends zeros.
            return Done;
        }

        await task.Pvm.Guest.ResizeTerminalAsync(new ResizeTerminalRequest { ContainerId = task.Id, ExecId = request.ExecId, Columns = request.Width, Rows = request.Height }, cancellation);
        return Done;
    }

    /// <summary>No more input will come.</summary>
    public Empty CloseIO(CloseIORequest request)
    {
        TaskProcess process = Get(request.Id).Find(request.ExecId);
        if (request.Stdin)
        {
            process.CloseInput();
        }

        return Done;
    }

    private async Task StartExecAsync(ContainerTask task, TaskProcess exec, CancellationToken cancellation)
    {
        ProcessStreams streams = await ProcessStreams.OpenAsync(exec.Stdio, maker.Namespace, task.Id, time);
        try
        {
            ExecProcessResponse started = await task.Pvm.Guest.ExecProcessAsync(
                new Boundary.GuestApi.ExecProcessRequest { ContainerId = task.Id, ExecId = exec.ExecId, Process = ByteString.CopyFrom(exec.Spec) }, cancellation);
            exec.Pid = task.Pvm.Pid;
            exec.SetStreams(streams);
            await streams.ConnectOutputAsync(task.Pvm, task.Id, exec.ExecId, started.Stdio, cancellation);
            if (started.Stdio.Stdin)
            {
                await streams.ConnectInputAsync(task.Pvm, task.Id, exec.ExecId, cancellation);
            }
        }
        catch
        {
            streams.Dispose();
            throw;
        }
    }

    private void KillSandbox(ContainerTask sandbox, uint signal)
    {
        if (signal is not (KillSignal or Terminate or Interrupt or Quit))
        {
            return;
        }

        // What Kubernetes' own sandbox process answers: TERM and INT end it well.
        sandbox.AskedToEnd ??= signal is Terminate or Interrupt ? 0 : 128 + signal;
        _ = sandbox.Pvm.StopAsync(TimeSpan.Zero);
        if (!sandbox.Init.Started)
        {
            _ = WatchSandboxAsync(sandbox);
        }
    }
}
