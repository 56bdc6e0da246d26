using Microsoft.Win32.SafeHandles;
using Pavise.Boundary.GuestApi;
using Pavise.Guest.Processes;
using Pavise.Guest.Streams;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers;

/// <summary>Starting first processes and execs.</summary>
internal sealed partial class ContainerManager
{
    private const int KilledStatus = 137;

    /// <summary>Starts the first process.</summary>
    /// <returns>1: what the kernel calls it would tell how many processes were begun before.</returns>
    public Task<int> StartAsync(string id) => InTurnAsync(Get(id), async container =>
    {
        if (container.Init.Child is not null || container.Init.HasEnded)
        {
            throw Failures.Precondition($"container {id} was started already");
        }

        if (container.Files.Outstanding is [var first, ..])
        {
            throw Failures.Precondition($"container {id} still waits for the file {Path.Join(first.Mount, first.Name)}");
        }

        Blueprint blueprint = container.Blueprint;
        try
        {
            container.Init.Child = await LaunchAsync(container.InitStreams, blueprint.Columns, blueprint.Rows,
                (descriptors, console) => crun.RunAsync(container.Name, container.Folder, descriptors, console));
        }
        catch
        {
            await ForgetLaunchAsync(container);
            throw;
        }

        Events.Add(EventKind.Started, id);
        _ = WatchAsync(container, container.Init);
        return Container.FirstNumber;
    });

    /// <summary>Starts a further process.</summary>
    /// <returns>A number of the container's own, counted.</returns>
    public Task<int> ExecAsync(string id, string execId, StdioPlan stdio, uint columns, uint rows, byte[] configuration) => InTurnAsync(Get(id), async container =>
    {
        if (container.Init.Child is null || container.Init.HasEnded)
        {
            throw Failures.NotRunning(id);
        }

        ProcessStreams streams = new(stdio, time, container.Services(execId));
        ManagedProcess exec = new(execId, streams);
        int number = await ExecAsync(container, exec, streams, columns, rows, configuration);
        Events.Add(EventKind.ExecStarted, id, execId);
        _ = WatchAsync(container, exec);
        return number;
    });

    private async Task<int> ExecAsync(Container container, ManagedProcess exec, ProcessStreams streams, uint columns, uint rows, byte[] configuration)
    {
        if (!container.TryAdd(exec))
        {
            exec.Streams.Dispose();
            throw Failures.Exists($"exec {exec.ExecId}");
        }

        (int number, string own) = container.NewExec();
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(own, "process.json"), configuration);
            exec.Child = await LaunchAsync(streams, columns, rows, (descriptors, console) => crun.ExecAsync(container.Name, own, descriptors, console));
        }
        catch
        {
            container.Remove(exec);
            throw;
        }
        finally
        {
            Directory.Delete(own, recursive: true);
        }

        return number;
    }

    private async Task<TrackedChild> LaunchAsync(ProcessStreams streams, uint columns, uint rows, Func<Crun.Descriptors, string?, Task<TrackedChild>> launch)
    {
        try
        {
            using ConsoleSocket? console = streams.HasTerminal ? new ConsoleSocket(Path.Combine(consoles, $"{Interlocked.Increment(ref consoleNumber)}")) : null;
            TrackedChild child = await launch(streams.Descriptors, console?.Path);
            SafeFileHandle? master = console?.Receive();
            streams.Launched(master, columns, rows);
            return child;
        }
        catch (Exception e) when (e is LaunchException or IOException or InvalidDataException)
        {
            throw Failures.Internal(e.Message);
        }
    }

    private async Task ForgetLaunchAsync(Container container)
    {
        crun.Forget(container.Name);
        await cgroups.RemoveAsync(container.Name);
    }

    private async Task WatchAsync(Container container, ManagedProcess process)
    {
        int status = await process.Child!.Ended;
        End(container, process, status);
    }

    /// <summary>Tells everybody inside first and completes last: who waited may delete at once.</summary>
    private void End(Container container, ManagedProcess process, int status)
    {
        process.Streams.CloseStdin();
        ReportOomKills(container);
        Events.Add(EventKind.Exited, container.Id, process.ExecId, status);
        Exited?.Invoke(container.Id, process.ExecId, status);
        process.Complete(new ExitInfo(status, UnixTime.Ns(time)));
    }

    private void ReportOomKills(Container container)
    {
        ulong kills = cgroups.HasControllers ? CgroupStats.ParseFlat(cgroups.Read(container.Name, "memory.events")).GetValueOrDefault("oom_kill") : 0;
        if (kills > container.OomKillsSeen)
        {
            container.OomKillsSeen = kills;
            Events.Add(EventKind.Oom, container.Id);
        }
    }

    private static async Task<T> InTurnAsync<T>(Container container, Func<Container, Task<T>> action)
    {
        await container.Turn.WaitAsync();
        try
        {
            return container.IsDeleted ? throw Failures.NoContainer(container.Id) : await action(container);
        }
        finally
        {
            container.Turn.Release();
        }
    }
}
