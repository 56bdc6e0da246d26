using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Policy.Rules;

/// <summary>CreateContainer: what is refused whatever entry is meant.</summary>
internal static class CreateRules
{
    public static Rule<CreateContainer>[] General { get; } =
    [
        new("CreateContainer.id", (in Case<CreateContainer> c) => Lookups.IsId(c.Request.ContainerId) && !c.State.Used.Contains(IdKinds.Container, "", c.Request.ContainerId) ? null
            : c.Refuse("containers", "the container id is empty, malformed, or was used before; an id is never used twice", kind: RefusalKind.State)),
        new("CreateContainer.many", (in Case<CreateContainer> c) => c.State.Containers.Count < PolicyLimits.LiveContainers && c.State.Used.Count < PolicyLimits.UsedIds ? null
            : c.Refuse("containers", $"{PolicyLimits.LiveContainers} containers exist; remove ended ones", kind: RefusalKind.State)),
        new("CreateContainer.hooks", (in Case<CreateContainer> c) => c.Request.Spec.Hooks.Kinds.Length > 0
            ? c.Refuse("containers", $"hooks are never run: {c.Request.Spec.Hooks.Kinds}", "remove the hooks from the configuration") : null),
        new("CreateContainer.devices", (in Case<CreateContainer> c) => FirstDevice(c) is { } device
            ? c.Refuse("containers", $"device {Lookups.Shown(device)} is not one of the standard ones", "remove it from the configuration") : null),
        new("CreateContainer.idMappings", (in Case<CreateContainer> c) => c.Request.Spec.Linux.UidMappings + c.Request.Spec.Linux.GidMappings > 0 || c.Request.Spec.Mounts.Any(m => m.IdMapped)
            ? c.Refuse("containers", "id mappings are the guest's business", "run the engine without user namespaces") : null),
        new("CreateContainer.paths", (in Case<CreateContainer> c) => FirstClimbing(c.Request.Spec) is { } path
            ? c.Refuse("containers", $"the path {Lookups.Shown(path)} leaves its root, or is not absolute", "write absolute paths without '..'") : null),
        new("CreateContainer.attached", (in Case<CreateContainer> c) => c.State.Attached.Contains(c.Request.Root) ? null
            : c.Refuse("containers.image", "the root image is not attached", "attach it first", RefusalKind.State)),
        new("CreateContainer.hostname", (in Case<CreateContainer> c) => SandboxRules.Hostname(c, c.Request.Spec.Hostname)),
    ];

    /// <summary>What this version cannot carry out yet is refused before anything is made.</summary>
    public static Refusal? Unbuilt(in Case<CreateContainer> c, ContainerEntry entry)
    {
        return NetworkRules.Unbuilt(c.Policy.Network) is { } network ? Lookups.NotBuilt(c, "network", network) : null;
    }

    private static string? FirstDevice(in Case<CreateContainer> c)
    {
        foreach (OciDevice device in c.Request.Spec.Linux.Devices)
        {
            if (!Devices.IsStandard(device) && !HoldsVolume(c.Policy, device))
            {
                return device.Path;
            }
        }

        return null;
    }

    /// <summary>A block device at the place of an encrypted volume is where the host keeps it; the container does not get it.</summary>
    private static bool HoldsVolume(PolicyDocument policy, OciDevice device)
    {
        if (device.Type == "b")
        {
            foreach (ContainerEntry entry in policy.Containers)
            {
                foreach (MountEntry mount in entry.Mounts)
                {
                    if (mount.Plan.Encrypted is not null && mount.Path == device.Path)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private static string? FirstClimbing(OciSpec spec)
    {
        if (spec.Process.Cwd.Length > 0 && (spec.Process.Cwd[0] != '/' || Paths.Climbs(spec.Process.Cwd)))
        {
            return spec.Process.Cwd;
        }

        foreach (OciMount mount in spec.Mounts)
        {
            if (!mount.Destination.StartsWith('/') || Paths.Climbs(mount.Destination))
            {
                return mount.Destination;
            }
        }

        return null;
    }
}
