using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Interop;
using Pavise.Policy.Plans;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Sessions.Verbs;

/// <summary>Work on a container's file systems, as it sees them.</summary>
internal static class ContainerFiles
{
    /// <summary>Holds the first process, so that its mounts cannot become another's while they are used.</summary>
    /// <exception cref="VerbRefusedException">It does not run.</exception>
    public static HeldProcess Hold(VerbContext context, OwnerPlan plan)
    {
        HeldProcess? held = null;
        try
        {
            held = context.Containers.PidOf(plan.ContainerId) is { } pid ? HeldProcess.TryOpen(pid) : null;
            if (held is not null && context.Containers.PidOf(plan.ContainerId) == held.Pid)
            {
                return held;
            }
        }
        catch (TtrpcException)
        {
            // It was removed meanwhile.
        }

        held?.Dispose();
        throw new VerbRefusedException(new Refusal { Reason = "the container does not run any more" });
    }

    /// <summary>Works on files as the container sees them, at one end of a pipe.</summary>
    /// <param name="held">The container's first process.</param>
    /// <param name="end">Ends this end of the pipe, so that who is at the other does not wait.</param>
    /// <param name="work">The work; it blocks, on a thread of its own.</param>
    public static async Task RunAsync(HeldProcess held, Func<ValueTask> end, Action<LinuxMountView> work)
    {
        try
        {
            await Task.Factory.StartNew(
                () =>
                {
                    using LinuxMountView view = LinuxMountView.Enter(held);
                    work(view);
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            await end();
        }
    }

    /// <summary>A path that begins with / and has no <c>..</c>: where it leads, the container's own file system says.</summary>
    /// <exception cref="VerbRefusedException">It is none.</exception>
    public static string Checked(string path) =>
        path.Length is > 0 and <= 4096 && path[0] == '/' && !path.Contains('\0', StringComparison.Ordinal) && !path.Split('/').Contains("..")
            ? path
            : throw new VerbRefusedException(new Refusal { Reason = "a path in the container begins with / and has no .." });
}
