using Pavise.Owner.Policies.Drafts;
using Pavise.Owner.Policies.Kubernetes;

namespace Pavise.Owner.Policies.Generation;

/// <summary>User, groups, capabilities, kernel settings and seccomp of a container.</summary>
internal static class PodSecurity
{
    /// <summary>What containerd and docker give a container that asks for nothing.</summary>
    private static readonly string[] Engine =
        ["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"];

    public static void Read(PodContext context, YamlNode node, ContainerDraft container)
    {
        User(context, node, container);
        YamlNode? own = node.Find("securityContext");
        if (own?.Flag("privileged") == true)
        {
            context.Remarks.Refuse(own, $"container {container.Name} is privileged: it asks for the node's devices and every capability; a pVM has no node to give");
        }

        Capabilities(context, own, node, container);
        container.NewPrivileges = own?.Flag("allowPrivilegeEscalation") == true && container.Capabilities.Count > 0 && container.Uid != 0;
        if (context.Security(node, "seccompProfile")?.Text("type") is { } profile and not "RuntimeDefault")
        {
            context.Remarks.Warn("seccomp", node, $"seccompProfile {profile} has no effect: the policy's default profile is used{(profile == "Localhost" ? "; carry the file's rules over by hand" : "")}");
        }

        foreach (YamlNode sysctl in context.PodSecurity?.List("sysctls") ?? [])
        {
            string name = sysctl.RequiredText("name");
            if (name.StartsWith("net.", StringComparison.Ordinal) || name.StartsWith("kernel.shm", StringComparison.Ordinal) || name.StartsWith("kernel.msg", StringComparison.Ordinal) || name.StartsWith("kernel.sem", StringComparison.Ordinal) || name.StartsWith("fs.mqueue.", StringComparison.Ordinal))
            {
                container.Sysctls[name] = sysctl.RequiredText("value");
            }
            else
            {
                context.Remarks.Refuse(sysctl, $"{name} is a setting of the whole kernel, not of a container");
            }
        }
    }

    private static void User(PodContext context, YamlNode node, ContainerDraft container)
    {
        YamlNode? user = context.Security(node, "runAsUser"), group = context.Security(node, "runAsGroup");
        string image = container.Image.Configuration.User;
        // A kubelet takes the part before the colon and looks the group up again.
        UserFacts facts = user is null ? container.Image.Users.Resolve(image.Split(':')[0], container.Image.Reference) : container.Image.Users.Of(Id(user));
        (container.Uid, container.Gid) = (facts.Uid, group is null ? facts.Gid : Id(group));
        container.UserComment = user is null ? image.Length == 0 ? "the image names no user: root" : $"the image's {image}" : "";
        container.Groups.UnionWith(facts.Groups);
        foreach (YamlNode more in context.PodSecurity?.List("supplementalGroups") ?? [])
        {
            container.Groups.Add(Id(more));
        }

        if (context.PodSecurity?.Find("fsGroup") is { } fsGroup)
        {
            container.Groups.Add(Id(fsGroup));
        }

        container.Groups.Remove(container.Gid);
        if (container.Uid == 0 && context.Security(node, "runAsNonRoot") is { Kind: YamlKind.Scalar, Value: "true" } never)
        {
            context.Remarks.Refuse(never, $"runAsNonRoot, and container {container.Name} would run as root: the image says so and no runAsUser does otherwise");
        }
    }

    private static uint Id(YamlNode node) => uint.TryParse(node.Text(), out uint id) && id < uint.MaxValue ? id : throw node.Wrong($"'{node.Text()}' is no user or group number");

    private static void Capabilities(PodContext context, YamlNode? own, YamlNode node, ContainerDraft container)
    {
        YamlNode? capabilities = own?.Find("capabilities");
        HashSet<string> drop = [.. (capabilities?.Texts("drop") ?? []).Select(Name)];
        // A process that is not root has none of them unless its program file carries them, so none is given.
        if (container.Uid == 0 && !drop.Contains("ALL"))
        {
            container.Capabilities.UnionWith(Engine.Where(c => !drop.Contains(c)));
            container.CapabilityComment = "choose: what engines give to root; most programs need none of them";
        }

        foreach (YamlNode added in capabilities?.List("add") ?? [])
        {
            string name = Name(added.Text());
            if (name == "ALL")
            {
                context.Remarks.Refuse(added, $"container {container.Name} asks for every capability; name those that it needs");
            }
            else if (Pavise.Policy.CapabilityNames.Full(name) is null)
            {
                throw added.Wrong($"{name} is no capability");
            }
            else
            {
                container.Capabilities.Add(name);
            }
        }

        if (container.Capabilities.Count > 0)
        {
            context.Remarks.Warn("capabilities", capabilities ?? node, $"container {container.Name} has {container.Capabilities.Count} capabilities: {string.Join(", ", container.Capabilities)}");
        }
    }

    private static string Name(string text) => text.StartsWith("CAP_", StringComparison.OrdinalIgnoreCase) ? text[4..].ToUpperInvariant() : text.ToUpperInvariant();
}
