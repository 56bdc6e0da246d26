using Pavise.Policy.Plans;

namespace Pavise.Policy.State;

/// <summary>What has happened in this boot, as far as decisions depend on it. Immutable.</summary>
public sealed record PolicyState
{
    /// <summary>Nothing has happened.</summary>
    public static PolicyState Empty { get; } = new();

    /// <summary>The state after a plan was carried out successfully.</summary>
    public PolicyState After(Plan plan) => throw new NotImplementedException();

    /// <summary>The state after a container's first process (empty exec id) or an exec has ended.</summary>
    /// <param name="containerId">Container.</param>
    /// <param name="execId">Exec, or empty.</param>
    /// <param name="exitStatus">0 to 255; 128 + n for signal n.</param>
    public PolicyState AfterExit(string containerId, string execId, int exitStatus) => throw new NotImplementedException();
}
