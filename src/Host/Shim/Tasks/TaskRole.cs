namespace Pavise.Host.Shim.Tasks;

/// <summary>What a task is to its pVM.</summary>
internal enum TaskRole
{
    /// <summary>A container with a pVM of its own.</summary>
    Alone,

    /// <summary>A pod's sandbox: the pVM itself, in which no process stands for it.</summary>
    Sandbox,

    /// <summary>A container in a pod's pVM.</summary>
    Member,
}
