using System.Collections.Immutable;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Model;

/// <summary>One container that may exist.</summary>
public sealed record ContainerEntry
{
    /// <summary>Position in the policy.</summary>
    public required int Index { get; init; }
    /// <summary>Name, unique in the policy.</summary>
    public required string Name { get; init; }
    /// <summary>Where the image was taken from; for people and tools, never decided upon.</summary>
    public required string ImageReference { get; init; }
    /// <summary>The verified root image.</summary>
    public required RootHash Root { get; init; }
    /// <summary>How many may exist at once.</summary>
    public required int Instances { get; init; }
    /// <summary>How often it may be created again in one boot.</summary>
    public required int MaxRestarts { get; init; }
    /// <summary>What must have happened before it starts.</summary>
    public required ImmutableArray<AfterEntry> After { get; init; }
    /// <summary>First process.</summary>
    public required ProcessEntry Process { get; init; }
    /// <summary>Mounts beyond the standard ones, in order.</summary>
    public required ImmutableArray<MountEntry> Mounts { get; init; }
    /// <summary>What may be run in it.</summary>
    public required ImmutableArray<ExecEntry> Exec { get; init; }
    /// <summary>Where the first process's streams lead.</summary>
    public required StdioPlan Stdio { get; init; }
    /// <summary>Signals that the host may send, one bit per number.</summary>
    public required ulong Signals { get; init; }
    /// <summary>How much of the exit status the host hears.</summary>
    public required ExitDisclosure Exit { get; init; }
    /// <summary>Maximums of the host's resource limits.</summary>
    public required ResourceMaximums Resources { get; init; }
    /// <summary>Compiled system-call filter.</summary>
    public required SeccompPlan Seccomp { get; init; }
    /// <summary>No memory becomes code (<c>strict</c>): then /proc is read-only too, since a process writes its own code through /proc/self/mem.</summary>
    public required bool CodeIsFixed { get; init; }
    /// <summary>Code only from the verified image: root read-only, no exec on anything writable.</summary>
    public required bool Sealed { get; init; }
    /// <summary>Bytes of the writable overlay; 0 when sealed.</summary>
    public required ulong OverlayBytes { get; init; }
    /// <summary>Secrets of the key broker that it gets.</summary>
    public ImmutableArray<SecretPlan> Secrets { get; init; } = [];
    /// <summary>What the owner must read in a rule path.</summary>
    public string RulePath => $"containers[{Name}]";
}

/// <summary>States of another container that a start can wait for.</summary>
public enum AfterState
{
    /// <summary>It was started at least once.</summary>
    Started,
    /// <summary>An instance runs now.</summary>
    Running,
    /// <summary>An instance ended.</summary>
    Ended,
    /// <summary>The last instance that ended did so with status 0.</summary>
    Succeeded,
}

/// <summary>One condition of order.</summary>
/// <param name="Container">Index of the other container.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">What it must have reached.</param>
public sealed record AfterEntry(int Container, string Name, AfterState State);

/// <summary>Up to which values the host may set limits; null: the host sets none. The maximum itself applies where the host asks for nothing.</summary>
public sealed record ResourceMaximums
{
    /// <summary>Bytes of memory.</summary>
    public ulong? MemoryBytes { get; init; }
    /// <summary>Thousandths of a CPU.</summary>
    public int? MilliCpus { get; init; }
    /// <summary>Processes.</summary>
    public long? Pids { get; init; }
    /// <summary>Nothing may be set.</summary>
    public bool IsEmpty => this is { MemoryBytes: null, MilliCpus: null, Pids: null };
}
