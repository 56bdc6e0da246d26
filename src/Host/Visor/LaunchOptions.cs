using Pavise.Host.Configuration;
using Pavise.Host.HostCalls.Network;

namespace Pavise.Host.Visor;

/// <summary>What it takes to start a sandbox.</summary>
public sealed record LaunchOptions
{
    /// <summary>The sandbox directory; made by the launch, and must not exist before.</summary>
    public required string Directory { get; init; }

    /// <summary>The node's configuration.</summary>
    public required HostConfiguration Configuration { get; init; }

    /// <summary>The owner's policy in canonical JSON; empty only with <see cref="Unshielded"/>.</summary>
    public ReadOnlyMemory<byte> Policy { get; init; }

    /// <summary>Ask the guest to construct from the host's specification. Only a development guest image agrees.</summary>
    public bool Unshielded { get; init; }

    /// <summary>
    /// The 32 bytes that the launch binds (HOST_DATA); null is the policy's SHA-256. Any other value makes an honest guest power off,
    /// which is what tests of the binding want to see.
    /// </summary>
    public ReadOnlyMemory<byte>? HostData { get; init; }

    /// <summary>The network that the pVM reaches and is reached by; null is the launching process's own.</summary>
    public HostNetwork? Network { get; init; }

    /// <summary>The command that becomes the visor; null is this program's own hidden command.</summary>
    public IReadOnlyList<string>? VisorCommand { get; init; }

    /// <summary>Gets each warning that the person who launches should see.</summary>
    public Action<string>? Warn { get; init; }
}
