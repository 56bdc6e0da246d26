using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Interop;
using Pavise.Guest.Processes;

namespace Pavise.Guest.Tests.Processes;

public sealed class ReaperTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly FakeChildren children = new();

    [Fact]
    public async Task A_child_that_ends_before_spawn_returns_is_not_lost()
    {
        using Reaper reaper = new(children);
        children.EndAtSpawn = 3;
        Assert.Equal(3, await Spawn(reaper).Ended.WaitAsync(Patience));
    }

    [Fact]
    public async Task An_orphan_that_ended_before_it_was_adopted_is_not_lost()
    {
        using Reaper reaper = new(children);
        using Reaper.LaunchScope scope = reaper.BeginLaunch();
        TrackedChild launcher = Spawn(reaper);
        children.End(500, 42);
        children.End(launcher.Pid, 0);
        await launcher.Ended.WaitAsync(Patience);
        Assert.Equal(42, await scope.Adopt(500).Ended.WaitAsync(Patience));
    }

    [Fact]
    public async Task An_orphan_that_ends_after_it_was_adopted_is_told()
    {
        using Reaper reaper = new(children);
        using Reaper.LaunchScope scope = reaper.BeginLaunch();
        TrackedChild launcher = Spawn(reaper);
        TrackedChild orphan = scope.Adopt(500);
        Assert.False(orphan.Ended.IsCompleted);
        children.End(500, 137);
        Assert.Equal(137, await orphan.Ended.WaitAsync(Patience));
        Assert.True(reaper.Signal(launcher, 15));
    }

    [Fact]
    public async Task Strangers_are_reaped_and_forgotten()
    {
        using Reaper reaper = new(children);
        TrackedChild launcher = Spawn(reaper);
        children.End(700, 1);
        children.End(launcher.Pid, 0);
        await launcher.Ended.WaitAsync(Patience);
        Assert.Contains(700, children.Reaped);
        using Reaper.LaunchScope scope = reaper.BeginLaunch();
        Assert.False(scope.Adopt(700).Ended.IsCompleted);
    }

    [Fact]
    public async Task No_signal_goes_to_a_number_that_was_freed()
    {
        using Reaper reaper = new(children);
        TrackedChild child = Spawn(reaper);
        children.End(child.Pid, 0);
        await child.Ended.WaitAsync(Patience);
        Assert.False(reaper.Signal(child, 9));
        Assert.Empty(children.Signalled);
    }

    [Fact]
    public void Real_children_get_exactly_three_descriptors_and_no_ignored_signal()
    {
        (SafeFileHandle read, SafeFileHandle write) = LinuxFiles.Pipe();
        using SafeFileHandle nothing = LinuxFiles.OpenNull();
        int pid = LinuxProcesses.Spawn(["/bin/sh", "-c", "ls /proc/self/fd | wc -l; grep SigIgn /proc/self/status; exit 9"], ["PATH=/usr/bin:/bin"], nothing, write, nothing);
        write.Dispose();
        using StreamReader reader = new(new FileStream(read, FileAccess.Read));
        string output = reader.ReadToEnd();
        Assert.Equal(new ChildExit(pid, 9), LinuxProcesses.WaitFor(pid));

        // ls itself opens the folder, the fourth. glibc leaves 32 and 33, which are its own, ignored.
        string[] lines = output.Split('\n');
        Assert.Equal("4", lines[0]);
        Assert.Equal(0ul, Convert.ToUInt64(lines[1].Split('\t')[1], 16) & ~(3ul << 31));
    }

    private TrackedChild Spawn(Reaper reaper)
    {
        using SafeFileHandle nothing = LinuxFiles.OpenNull();
        return reaper.Spawn(["x"], [], nothing, nothing, nothing);
    }

    private sealed class FakeChildren : IChildren
    {
        private readonly BlockingCollection<ChildExit> ends = [];
        private int next = 100;
        private bool any;

        public int? EndAtSpawn { get; set; }

        public ConcurrentQueue<int> Reaped { get; } = new();

        public ConcurrentQueue<int> Signalled { get; } = new();

        public void End(int pid, int status) => ends.Add(new(pid, status));

        public int Spawn(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, SafeFileHandle stdin, SafeFileHandle stdout, SafeFileHandle stderr)
        {
            any = true;
            int pid = next++;
            if (EndAtSpawn is { } status)
            {
                End(pid, status);
            }

            return pid;
        }

        public ChildExit? PeekExited() => any ? ends.Take() : null;

        public void Reap(int pid) => Reaped.Enqueue(pid);

        public void Signal(int pid, int signal) => Signalled.Enqueue(pid);
    }
}
