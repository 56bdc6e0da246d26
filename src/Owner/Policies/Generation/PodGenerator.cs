using Pavise.Owner.Policies.Drafts;
using Pavise.Owner.Policies.Kubernetes;

namespace Pavise.Owner.Policies.Generation;

/// <summary>From a workload and its images to the draft of a policy.</summary>
internal static class PodGenerator
{
    private const decimal OverheadBytes = 192m * 1024 * 1024, UnknownBytes = 256m * 1024 * 1024;

    public static async Task<PolicyDraft> GenerateAsync(Workload workload, Manifest manifest, ImageSources images, GenerateOptions options, Remarks remarks, CancellationToken cancellation)
    {
        PolicyDraft draft = new()
        {
            Name = options.Name ?? workload.Name.Replace('.', '-'),
            Version = options.Version,
            Memory = "",
            MemoryComment = "",
            Cpus = "",
        };
        draft.Header.Add($"for {workload.Id} of {Path.GetFileName(workload.Object.File)}");
        PodContext context = new(workload, manifest, options, remarks, draft);
        PodName hostname = workload.Hostname();
        draft.Hostname = hostname.Pattern is null ? new(hostname.Exact) : DraftValue.Hole(hostname.Pattern);
        Node(context);
        PodVolumes volumes = new(context);
        List<string> before = [], sidecars = [];
        foreach (YamlNode node in workload.InitContainers)
        {
            ContainerDraft container = await ContainerAsync(context, node, images, volumes, cancellation);
            container.After.AddRange(sidecars.Select(s => (s, "started")));
            container.After.AddRange(before.Select(b => (b, "succeeded")));
            bool sidecar = node.Text("restartPolicy") == "Always";
            Restarts(context, container, init: !sidecar, endless: sidecar);
            (sidecar ? sidecars : before).Add(container.Name);
            draft.Containers.Add(container);
        }

        foreach (YamlNode node in workload.Containers)
        {
            ContainerDraft container = await ContainerAsync(context, node, images, volumes, cancellation);
            container.After.AddRange(sidecars.Select(s => (s, "started")));
            container.After.AddRange(before.Select(b => (b, "succeeded")));
            Restarts(context, container, init: false, endless: workload.RestartPolicy == "Always");
            draft.Containers.Add(container);
        }

        Sandbox(context);
        remarks.ThrowIfRefused();
        return draft;
    }

    private static async Task<ContainerDraft> ContainerAsync(PodContext context, YamlNode node, ImageSources images, PodVolumes volumes, CancellationToken cancellation)
    {
        string name = node.RequiredText("name"), reference = node.RequiredText("image");
        ContainerDraft container = new() { Name = name, Image = await images.FindAsync(reference, cancellation), Terminal = node.Flag("tty") == true, Stdin = node.Flag("stdin") == true };
        PodEnvironment environment = new(context, node, container);
        environment.Read();
        PodSecurity.Read(context, node, container);
        PodProcess.Read(context, node, container, environment);
        volumes.Read(node, container);
        if (context.Options.Network)
        {
            PodPorts.Read(context, node, container);
        }

        YamlNode? limits = node.Find("resources")?.Find("limits");
        foreach ((string resource, YamlNode quantity) in limits?.Members ?? [])
        {
            switch (resource)
            {
                case "memory":
                    container.MemoryLimit = Quantity.Size(Quantity.Of(quantity));
                    break;
                case "cpu":
                    container.CpuLimit = Quantity.Cpus(Quantity.Of(quantity));
                    break;
                case "ephemeral-storage":
                    break;
                default:
                    context.Remarks.Refuse(quantity, $"container {name} asks for {resource}: a pVM is given no devices of the node{(resource.StartsWith("hugepages-", StringComparison.Ordinal) ? " and no huge pages" : "")}");
                    break;
            }
        }

        ImageGenerator.AddWritable(container, context.Options, readOnly: node.Find("securityContext")?.Flag("readOnlyRootFilesystem") == true, context.Draft, context.Remarks);
        return container;
    }

    /// <summary>What a pod asks of the node itself.</summary>
    private static void Node(PodContext context)
    {
        YamlNode spec = context.Workload.Spec;
        foreach (string key in new[] { "hostNetwork", "hostPID", "hostIPC" }.Where(k => spec.Flag(k) == true))
        {
            context.Remarks.Refuse(spec.Required(key), $"{key}: the pod asks for the node's own {(key == "hostNetwork" ? "network" : key == "hostPID" ? "processes" : "shared memory")}, which a pVM does not see");
        }

        if (spec.Flag("hostUsers") == false)
        {
            context.Remarks.Warn("user-namespace", spec.Required("hostUsers"), "hostUsers: false has no effect: the guest's kernel is the pod's own");
        }

        if (spec.Flag("shareProcessNamespace") == true)
        {
            context.Remarks.Refuse(spec.Required("shareProcessNamespace"), "shareProcessNamespace: containers of a pVM do not see each other's processes");
        }

        if (spec.Find("hostAliases") is { } aliases)
        {
            context.Remarks.Warn("host-aliases", aliases, "hostAliases are the host's word on names; they are not given to the application: write a file of your own at /etc/hosts under files");
        }

        if (spec.Find("dnsConfig") is { } dns)
        {
            context.Remarks.Warn("dns", dns, "dnsConfig has no effect: names are resolved through the shield, only for hosts that network.egress lists");
        }

        if (spec.Flag("enableServiceLinks") ?? true)
        {
            context.Remarks.Warn("service-links", spec, "variables of Services are not given to the application (the policy names none); enableServiceLinks: false says so too");
        }
    }

    private static void Restarts(PodContext context, ContainerDraft container, bool init, bool endless)
    {
        string policy = context.Workload.RestartPolicy;
        if (policy == "Never" && !endless)
        {
            return;
        }

        long? backoff = context.Workload.Job is { } job ? job.Whole("backoffLimit") ?? 6 : null;
        container.Restarts = (int)Math.Clamp(backoff ?? context.Options.Restarts, 0, Pavise.Policy.PolicyLimits.Restarts);
        container.RestartComment = backoff is not null ? "backoffLimit" : init ? "until it succeeds; choose" : "the cluster restarts it without end; choose how often is right";
    }

    private static void Sandbox(PodContext context)
    {
        decimal known = 0, cpus = 0;
        bool all = true;
        HashSet<string> initial = [.. context.Workload.InitContainers.Where(n => n.Text("restartPolicy") != "Always").Select(n => n.RequiredText("name"))];
        decimal largest = 0;
        foreach ((YamlNode node, bool init) in context.Workload.InitContainers.Concat(context.Workload.Containers).Select(n => (n, initial.Contains(n.RequiredText("name")))))
        {
            YamlNode? memory = node.At("resources.limits.memory") ?? node.At("resources.requests.memory");
            all &= node.At("resources.limits.memory") is not null;
            decimal bytes = memory is null ? UnknownBytes : Quantity.Of(memory);
            decimal cpu = node.At("resources.limits.cpu") is { } limit ? Quantity.Of(limit) : 0;
            (known, cpus) = init ? (known, cpus) : (known + bytes, cpus + cpu);
            largest = init ? Math.Max(largest, bytes) : largest;
        }

        decimal volumes = context.Draft.Volumes.Values.Where(v => v.Members.Contains("kind: memory", StringComparison.Ordinal)).Sum(v => SizeOf(v.Members));
        context.Draft.Memory = Quantity.Size(Math.Ceiling((Math.Max(known, largest) + volumes + OverheadBytes) / (64m * 1024 * 1024)) * 64m * 1024 * 1024);
        context.Draft.MemoryComment = all ? "limits of the containers, memory volumes, and the guest itself" : "choose: not every container has a memory limit";
        context.Draft.Cpus = Quantity.Cpus(Math.Max(1, Math.Ceiling(cpus)));
    }

    private static decimal SizeOf(string members)
    {
        string text = members.Split("size: ")[1].Split([',', ' ', '}'])[0];
        return Pavise.Policy.Model.Reading.Values.Size(new(), Pavise.Policy.Json.JsonValue.Of(text), "");
    }
}
