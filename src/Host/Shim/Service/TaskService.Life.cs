using Google.Protobuf.WellKnownTypes;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Bundles;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Shim.Protos.Events;
using Pavise.Host.Shim.Tasks;

namespace Pavise.Host.Shim.Service;

/// <summary>The life of tasks.</summary>
internal sealed partial class TaskService
{
    /// <summary>Makes a task up to its start.</summary>
    public async Task<CreateTaskResponse> CreateAsync(CreateTaskRequest request, CancellationToken cancellation)
    {
        if (request.Checkpoint.Length > 0)
        {
            throw new TtrpcException(TtrpcStatus.Unimplemented, "a pVM is never restored from a checkpoint");
        }

        if (request.Id.Length == 0 || !Path.IsPathRooted(request.Bundle))
        {
            throw new TtrpcException(TtrpcStatus.InvalidArgument, "a task has an id and an absolute path of its bundle");
        }

        lock (tasks)
        {
            if (!tasks.TryAdd(request.Id, null))
            {
                throw new TtrpcException(TtrpcStatus.AlreadyExists, $"task {request.Id} exists already");
            }
        }

        try
        {
            ContainerTask task = await maker.CreateAsync(request, Find, cancellation);
            lock (tasks)
            {
                tasks[request.Id] = task;
            }

            TaskCreate created = new()
            {
                ContainerId = request.Id,
                Bundle = request.Bundle,
                Io = new TaskIO { Stdin = request.Stdin, Stdout = request.Stdout, Stderr = request.Stderr, Terminal = request.Terminal },
                Pid = (uint)task.Init.Pid,
            };
            created.Rootfs.AddRange(request.Rootfs);
            events.Send(created);
            _ = WatchOomAsync(task);
            return new CreateTaskResponse { Pid = (uint)task.Init.Pid };
        }
        catch
        {
            lock (tasks)
            {
                tasks.Remove(request.Id);
                if (tasks.Count == 0 && cancellation.IsCancellationRequested)
                {
                    // The containerd that asked is gone, and when it is back it does not look after a shim that has no task (1.6).
                    ended.TrySetResult();
                }
            }

            throw;
        }
    }

    /// <summary>Starts a first process or an exec. The event of the start is sent before that of the end can be.</summary>
    public Task<StartResponse> StartAsync(StartRequest request, CancellationToken cancellation)
    {
        ContainerTask task = Get(request.Id);
        return InTurnAsync(task, async () =>
        {
            TaskProcess process = task.Find(request.ExecId);
            if (process.Started || process.HasExited)
            {
                throw new TtrpcException(TtrpcStatus.FailedPrecondition, $"process {process.Id} of task {task.Id} was started already");
            }

            if (request.ExecId.Length > 0)
            {
                await StartExecAsync(task, process, cancellation);
                events.Send(new TaskExecStarted { ContainerId = task.Id, ExecId = process.ExecId, Pid = (uint)process.Pid });
            }
            else
            {
                if (process.TakesInput)
                {
                    await process.Streams!.ConnectInputAsync(task.Pvm, task.Id, "", cancellation);
                }

                if (task.Role != PodRole.Sandbox)
                {
                    await task.Pvm.Guest.StartContainerAsync(new StartContainerRequest { ContainerId = task.Id }, cancellation);
                }

                events.Send(new TaskStart { ContainerId = task.Id, Pid = (uint)process.Pid });
            }

            process.SetStarted();
            _ = task.Role == PodRole.Sandbox ? WatchSandboxAsync(task) : WatchAsync(task, process);
            return new StartResponse { Pid = (uint)process.Pid };
        }, cancellation);
    }

    /// <summary>Removes a task or an exec that does not run.</summary>
    public Task<DeleteResponse> DeleteAsync(DeleteRequest request, CancellationToken cancellation)
    {
        ContainerTask task = Get(request.Id);
        return InTurnAsync(task, async () =>
        {
            TaskProcess process = task.Find(request.ExecId);
            if (process is { Started: true, HasExited: false })
            {
                throw new TtrpcException(TtrpcStatus.FailedPrecondition, $"process {process.Id} of task {task.Id} still runs");
            }

            if (request.ExecId.Length > 0)
            {
                await DeleteExecAsync(task, process, cancellation);
            }
            else
            {
                await DeleteTaskAsync(task);
            }

            process.TryExit(new ExitInfo(ExitInfo.Killed, time.GetUtcNow()));
            ExitInfo exit = await process.Exited;
            if (request.ExecId.Length == 0)
            {
                events.Send(new TaskDelete { ContainerId = task.Id, Pid = (uint)process.Pid, ExitStatus = exit.Status, ExitedAt = exit.At.ToTimestamp() });
                foreach (TaskProcess exec in task.Execs.Where(e => !e.Started))
                {
                    // It will never be started: nobody shall wait for its end.
                    exec.TryExit(new ExitInfo(ExitInfo.Killed, time.GetUtcNow()));
                }

                task.Dispose();
            }

            return new DeleteResponse { Pid = (uint)process.Pid, ExitStatus = exit.Status, ExitedAt = exit.At.ToTimestamp() };
        }, cancellation);
    }

    private async Task DeleteTaskAsync(ContainerTask task)
    {
        if (task.Role == PodRole.Member)
        {
            await task.Pvm.ForgetAsync(task.Id);
        }
        else
        {
            await task.Pvm.StopAsync(TimeSpan.Zero);
        }

        task.Deleted = true;
        lock (tasks)
        {
            tasks.Remove(task.Id);
        }
    }

    private static async Task DeleteExecAsync(ContainerTask task, TaskProcess exec, CancellationToken cancellation)
    {
        if (exec.Started && !task.Pvm.Ended.IsCompleted)
        {
            try
            {
                await task.Pvm.Guest.DeleteContainerAsync(new DeleteContainerRequest { ContainerId = task.Id, ExecId = exec.ExecId }, cancellation);
            }
            catch (TtrpcException e) when (e.Status is TtrpcStatus.NotFound or TtrpcStatus.Unavailable)
            {
                // It went with its container.
            }
        }

        task.Remove(exec);
    }
}
