namespace Pavise.Host.Installation;

/// <summary>What the installer does on the node beside files; a seam for tests.</summary>
internal interface INodeControl
{
    /// <summary>Has containerd itself read a configuration; null when it accepts it and knows the runtime, else what it says.</summary>
    Task<string?> CheckAsync(string configuration, CancellationToken cancellation);

    /// <summary>Restarts a service.</summary>
    /// <exception cref="HostException">systemd says no.</exception>
    Task RestartAsync(string service, CancellationToken cancellation);

    /// <summary>Whether a gRPC server answers at the socket.</summary>
    Task<bool> AnswersAsync(string socket, CancellationToken cancellation);

    /// <summary>Makes a system user; false when it exists or cannot be made.</summary>
    Task<bool> AddUserAsync(string name, CancellationToken cancellation);

    /// <summary>Removes that user.</summary>
    Task RemoveUserAsync(string name, CancellationToken cancellation);
}
