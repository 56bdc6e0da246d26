using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Policy.Rules;

/// <summary>AttachVolume, FileOpen, and what a start asks of volumes.</summary>
internal static class VolumeRules
{
    public static Rule<AttachVolume>[] Attach { get; } =
    [
        new("AttachVolume.exists", (in Case<AttachVolume> c) => Lookups.Missing(c, c.Request.ContainerId)),
        new("AttachVolume.created", (in Case<AttachVolume> c) => ContainerRules.State(c, c.Request.ContainerId, ContainerStatus.Created)),
        new("AttachVolume.declared", (in Case<AttachVolume> c) => Mount(c) is null
            ? c.Refuse($"{c.Container(c.Request.ContainerId)!.Entry.RulePath}.mounts", $"no encrypted volume is at {Lookups.Shown(c.Request.Mount)}") : null),
        new("AttachVolume.slot", (in Case<AttachVolume> c) => c.Request.Slot < SandboxRules.Slots ? null
            : c.Refuse("volumes", $"the slot is not below {SandboxRules.Slots}")),
    ];

    public static Rule<FileOpen>[] Share { get; } =
    [
        new("FileOpen.shared", (in Case<FileOpen> c) => c.Policy.Volumes.TryGetValue(c.Request.Volume, out VolumeEntry? volume) && volume is { Kind: VolumeKind.Shared, VisibleToHost: true } ? null
            : c.Refuse("volumes", $"no volume {Lookups.Shown(c.Request.Volume)} is shared with the host")),
    ];

    /// <summary>What is carried out: all but the slot is the policy's.</summary>
    public static AttachVolumePlan Plan(in Case<AttachVolume> c) => new(c.Request.ContainerId, c.Request.Mount, c.Request.Slot, Mount(c)?.Plan.Encrypted ?? EncryptedVolumePlan.None);

    /// <summary>The first encrypted volume of a container that is not open.</summary>
    public static Refusal? Unattached(in Case<StartContainer> c)
    {
        ContainerEntry entry = c.Container(c.Request.ContainerId)!.Entry;
        foreach (MountEntry mount in entry.Mounts)
        {
            if (mount.Plan.Encrypted is { } volume && !c.State.Volumes.Contains(volume.Name))
            {
                return c.Refuse($"{entry.RulePath}.mounts", $"the volume {volume.Name} was not attached", kind: RefusalKind.State);
            }
        }

        return null;
    }

    private static MountEntry? Mount(in Case<AttachVolume> c)
    {
        foreach (MountEntry mount in c.Container(c.Request.ContainerId)!.Entry.Mounts)
        {
            if (mount.Path == c.Request.Mount && mount.Plan.Encrypted is not null)
            {
                return mount;
            }
        }

        return null;
    }
}
