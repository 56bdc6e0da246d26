using Pavise.Host.Shim.Protos.Events;

namespace Pavise.Host.Shim.Events;

/// <summary>A way to containerd's event exchange.</summary>
internal interface IEventForwarder : IAsyncDisposable
{
    /// <summary>Hands one event over.</summary>
    /// <exception cref="EventRefusedException">containerd has it and does not want it: no use in trying again.</exception>
    /// <exception cref="IOException">containerd cannot be reached now.</exception>
    Task ForwardAsync(Envelope envelope, CancellationToken cancellation);
}

/// <summary>containerd answered an event with an error that another attempt will not change.</summary>
/// <param name="message">containerd's words.</param>
internal sealed class EventRefusedException(string message) : Exception(message);
