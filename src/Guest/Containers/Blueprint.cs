using System.Collections.Immutable;
using Pavise.Guest.Containers.Configuration;
using Pavise.Guest.Secrets;
using Pavise.Policy;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers;

/// <summary>What the manager itself needs to know of a container; the rest is in the configuration that <see cref="Compose"/> writes.</summary>
internal sealed record Blueprint
{
    /// <summary>The orchestrator's id. The launcher never sees it: it gets a number.</summary>
    public required string ContainerId { get; init; }

    /// <summary>The verified root image.</summary>
    public required RootHash Root { get; init; }

    /// <summary>Whether the root is the image itself.</summary>
    public required bool RootReadOnly { get; init; }

    /// <summary>Size limit in bytes of the writable overlay; 0 = the kernel's default.</summary>
    public required ulong OverlayBytes { get; init; }

    /// <summary>Streams of the first process.</summary>
    public required StdioPlan Stdio { get; init; }

    /// <summary>Initial size of its terminal, or 0.</summary>
    public required uint Columns { get; init; }

    /// <summary>Initial size of its terminal, or 0.</summary>
    public required uint Rows { get; init; }

    /// <summary>User and group of the first process: owner of a new volume whose mount point the image does not have.</summary>
    public required (uint Uid, uint Gid) User { get; init; }

    /// <summary>All mounts, in order.</summary>
    public required ImmutableArray<MountPlan> Mounts { get; init; }

    /// <summary>Its secrets that are files.</summary>
    public ImmutableArray<SecretPlan> Secrets { get; init; } = [];

    /// <summary>What the key broker released.</summary>
    public ReleasedSecrets Released { get; init; } = ReleasedSecrets.None;

    /// <summary>Writes the launcher's configuration.</summary>
    public required Func<ContainerLayout, byte[]> Compose { get; init; }

    /// <summary>Name of the policy's entry; empty in unshielded mode.</summary>
    public string Entry { get; init; } = "";

    /// <summary>Seals output to the owners; null where there are none.</summary>
    public Streams.LogSealer? Sealer { get; init; }

    /// <summary>Whether owners may read what the first process writes.</summary>
    public bool KeepsLog { get; init; }

    /// <summary>Opens the sealed ones among the files of the host: mount, content; null where it is not sealed.</summary>
    public Func<MountPlan, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? OpenFile { get; init; }

    /// <summary>Variables that came sealed: name to NAME=value, open.</summary>
    public ImmutableDictionary<string, string> OpenVariables { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The blueprint of a plan, with the secrets that it names and the sealed values that it holds.</summary>
    /// <exception cref="InvalidDataException">A sealed value does not open.</exception>
    public static Blueprint Of(ContainerPlan plan, ReleasedSecrets released, SealedValues values)
    {
        ImmutableDictionary<string, string> open = values.Variables(plan, released);
        ImmutableArray<string> env = SealedValues.Replace(plan.Process.Env, open.Keys, open);
        return new()
        {
            ContainerId = plan.ContainerId,
            Entry = plan.Entry,
            Root = plan.Root,
            RootReadOnly = plan.RootReadOnly,
            OverlayBytes = plan.OverlayBytes,
            Stdio = plan.Process.Stdio,
            Columns = plan.Process.Columns,
            Rows = plan.Process.Rows,
            User = (plan.Process.Uid, plan.Process.Gid),
            Mounts = plan.Mounts,
            Secrets = plan.Secrets,
            Released = released,
            OpenFile = (mount, content) => values.File(plan.Entry, mount.Destination, content.Span, mount.Files[0].Sealed!, released),
            OpenVariables = open,
            Compose = layout => CrunConfig.Compose(plan with { Process = plan.Process with { Env = released.Environment(env, plan.Secrets) } }, layout),
        };
    }
}
