using System.Collections.Immutable;

namespace Pavise.Policy.Requests;

/// <summary>A request of an owner session. The owner is the one whose key the session's certificate carries.</summary>
public abstract record OwnerRequest(DecisionPoint Point, string Owner, string ContainerId) : Request(Point);

/// <summary>Run a process.</summary>
public sealed record OwnerExec(string Owner, string ContainerId) : OwnerRequest(DecisionPoint.OwnerExec, Owner, ContainerId)
{
    /// <summary>Argument vector, at least one element.</summary>
    public ImmutableArray<string> Args { get; init; } = [];
    /// <summary>Variables beyond the container's own, NAME=value.</summary>
    public ImmutableArray<string> Env { get; init; } = [];
    /// <summary>Working directory; empty: the container's.</summary>
    public string Cwd { get; init; } = "";
    /// <summary>User and group; null: the container's.</summary>
    public (uint Uid, uint Gid)? User { get; init; }
    /// <summary>Whether it has standard input.</summary>
    public bool Stdin { get; init; }
    /// <summary>Whether it has a terminal.</summary>
    public bool Terminal { get; init; }
    /// <summary>Columns of the terminal.</summary>
    public uint Columns { get; init; }
    /// <summary>Rows of the terminal.</summary>
    public uint Rows { get; init; }
}

/// <summary>Attach to a process.</summary>
public sealed record OwnerAttach(string Owner, string ContainerId) : OwnerRequest(DecisionPoint.OwnerAttach, Owner, ContainerId);

/// <summary>Read logs.</summary>
public sealed record OwnerLogs(string Owner, string ContainerId) : OwnerRequest(DecisionPoint.OwnerLogs, Owner, ContainerId);

/// <summary>Copy files in.</summary>
public sealed record OwnerCopyIn(string Owner, string ContainerId) : OwnerRequest(DecisionPoint.OwnerCopyIn, Owner, ContainerId);

/// <summary>Copy files out.</summary>
public sealed record OwnerCopyOut(string Owner, string ContainerId) : OwnerRequest(DecisionPoint.OwnerCopyOut, Owner, ContainerId);

/// <summary>Forward a port.</summary>
public sealed record OwnerForward(string Owner, string ContainerId) : OwnerRequest(DecisionPoint.OwnerForward, Owner, ContainerId);

/// <summary>List processes.</summary>
public sealed record OwnerProcesses(string Owner, string ContainerId) : OwnerRequest(DecisionPoint.OwnerProcesses, Owner, ContainerId);

/// <summary>Read statistics.</summary>
public sealed record OwnerStats(string Owner, string ContainerId) : OwnerRequest(DecisionPoint.OwnerStats, Owner, ContainerId);

/// <summary>Read the audit.</summary>
public sealed record OwnerAudit(string Owner) : OwnerRequest(DecisionPoint.OwnerAudit, Owner, "");
