using Pavise.Guest.Processes;
using Pavise.Guest.Streams;

namespace Pavise.Guest.Containers;

/// <summary>One container, from its creation to its deletion.</summary>
internal sealed class Container
{
    /// <summary>By which the host knows the first process.</summary>
    public const int FirstNumber = 1;

    private readonly Dictionary<string, ManagedProcess> execs = [];
    private readonly Lock gate = new();
    private readonly Blueprint blueprint;
    private readonly int run;
    private int execNumber = FirstNumber;

    public Container(Blueprint blueprint, string name, string folder, RootFileSystem root, HostFileStore files, TimeProvider time)
    {
        this.blueprint = blueprint;
        (Name, Folder, Root, Files) = (name, folder, root, files);
        run = blueprint.Sealer?.NextRun(blueprint.Entry) ?? 0;
        Log = blueprint.KeepsLog ? new LogRing(time) : null;
        InitStreams = new ProcessStreams(blueprint.Stdio, time, Services("") with { Log = Log });
        Init = new("", InitStreams);
    }

    public string Id => blueprint.ContainerId;

    public Blueprint Blueprint => blueprint;

    /// <summary>The number by which the launcher and the cgroup know it.</summary>
    public string Name { get; }

    /// <summary>Its own folder: bundle, files, layers.</summary>
    public string Folder { get; }

    public RootFileSystem Root { get; }

    public HostFileStore Files { get; }

    /// <summary>What the first process wrote lately, where the policy has owners; else null.</summary>
    public LogRing? Log { get; }

    /// <summary>Streams of the first process.</summary>
    public ProcessStreams InitStreams { get; }

    /// <summary>The first process.</summary>
    public ManagedProcess Init { get; }

    /// <summary>Life-cycle calls on one container come one after the other.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Kills by the out-of-memory killer that events were raised for.</summary>
    public ulong OomKillsSeen { get; set; }

    public bool IsDeleted { get; set; }

    /// <summary>All execs that were not deleted.</summary>
    public IReadOnlyList<ManagedProcess> Execs
    {
        get
        {
            lock (gate)
            {
                return [.. execs.Values];
            }
        }
    }

    /// <summary>The first process (empty id) or an exec; null if there is none.</summary>
    public ManagedProcess? Find(string execId)
    {
        lock (gate)
        {
            return execId.Length == 0 ? Init : execs.GetValueOrDefault(execId);
        }
    }

    /// <summary>How the output of one of its processes is sealed. An exec is named by its id, the first process by nothing.</summary>
    public StreamServices Services(string process) => blueprint.Sealer is not { } sealer ? StreamServices.None
        : new() { Seal = (stream, cancellation) => sealer.BeginAsync(blueprint.Entry, blueprint.ContainerId, run, process, stream, cancellation) };

    /// <summary>Adds an exec, unless the id is taken.</summary>
    public bool TryAdd(ManagedProcess exec)
    {
        lock (gate)
        {
            return execs.TryAdd(exec.ExecId, exec);
        }
    }

    /// <summary>Forgets an exec.</summary>
    public void Remove(ManagedProcess exec)
    {
        lock (gate)
        {
            execs.Remove(exec.ExecId);
        }

        exec.Streams.Dispose();
    }

    /// <summary>A number for one exec, and a new folder for the files of its launch.</summary>
    public (int Number, string Folder) NewExec()
    {
        int next = Interlocked.Increment(ref execNumber);
        return (next, Directory.CreateDirectory(Path.Combine(Folder, "execs", $"{next}")).FullName);
    }
}
