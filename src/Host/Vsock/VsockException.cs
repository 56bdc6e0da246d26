namespace Pavise.Host.Vsock;

/// <summary>Why a vsock connection failed.</summary>
public enum VsockFailure
{
    /// <summary>Nobody listens on the guest's port.</summary>
    Refused,

    /// <summary>The guest reset the connection.</summary>
    Reset,

    /// <summary>The guest takes no more data on this connection.</summary>
    BrokenPipe,

    /// <summary>The device ended: the guest is gone or broke a rule.</summary>
    DeviceGone,

    /// <summary>Too many connections.</summary>
    Exhausted,
}

/// <summary>A vsock connection failed.</summary>
/// <param name="failure">Why.</param>
/// <param name="message">A sentence for a person.</param>
public sealed class VsockException(VsockFailure failure, string message) : IOException(message)
{
    /// <summary>Why.</summary>
    public VsockFailure Failure { get; } = failure;
}
