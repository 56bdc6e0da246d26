namespace Pavise.Policy.Requests;

/// <summary>A request of an owner session. The owner is the one whose key the session's certificate carries.</summary>
public abstract record OwnerRequest(DecisionPoint Point, string Owner, string ContainerId) : Request(Point);

/// <summary>Run a process.</summary>
public sealed record OwnerExec(string Owner, string ContainerId) : OwnerRequest(DecisionPoint.OwnerExec, Owner, ContainerId);

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
