using System.Globalization;
using Pavise.Policy;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Owner.Policies.Operations;

/// <summary>Everything about one container but its processes.</summary>
internal static class ContainerOperations
{
    private const string Id = Scene.Container;

    public static void Add(Inventory inventory, Vocabulary vocabulary, string name, ContainerEntry? entry)
    {
        PolicyDocument policy = inventory.Policy;
        PolicyState attached = Scene.Attached(policy);
        PolicyState created = entry is null ? attached : Scene.Created(policy, entry), running = entry is null ? attached : Scene.Running(policy, entry);
        PolicyState paused = entry is null ? attached : Scene.With(running, c => c with { Status = ContainerStatus.Paused }), stopped = running.AfterExit(Id, "", 0);
        if (entry is not null)
        {
            Create(inventory, attached, entry);
        }

        Start(inventory, vocabulary, name, entry, created);
        Files(inventory, vocabulary, name, created);
        foreach (string mount in vocabulary.Encrypted(name).Append("/pavise/other"))
        {
            inventory.Ask(name, mount == "/pavise/other" ? "a disk at any other place" : $"the volume at {mount}", created, new AttachVolume(Id, mount, 0), "whether it opens");
        }

        inventory.Ask(name, "a session of an owner", running, new OpenSession(Id, "s"), "that there is one, and how many bytes it moves");
        inventory.Ask(name, "processes", running, new ListProcesses(Id), policy.Host.Processes.ToString().ToLowerInvariant());
        inventory.Ask(name, "resource use", running, new ReadStats(Id), policy.Host.Stats.ToString().ToLowerInvariant());
        inventory.Ask(name, "freeze", running, new PauseContainer(Id));
        inventory.Ask(name, "thaw", paused, new ResumeContainer(Id));
        Resize(inventory, vocabulary, name, running);
        inventory.Ask(name, "remove it after its end", stopped, new DeleteContainer(Id, "", false), "the status, as for waiting");
        inventory.Ask(name, "remove it while it runs", running, new DeleteContainer(Id, "", false));
        inventory.Ask(name, "end and remove it by force", running, new DeleteContainer(Id, "", true), "KILL, then the status");
        inventory.Ask(name, "checkpoint", running, new Checkpoint(Id));
    }

    private static void Create(Inventory inventory, PolicyState attached, ContainerEntry entry)
    {
        Box box = Box.Of(inventory.Policy, entry);
        Dictionary<string, string?> values = box.Uncovered([]).Values;
        CreateContainer request = Scene.Create(values);
        string holes = string.Join("; ", box.Parts.Where(p => p.Value is { Literal: null } && (p.Value.Pattern is not null || p.Value.IsNumber || p.Value == Language.Something) && !p.Key.StartsWith("argument ", StringComparison.Ordinal)).Select(p => $"{p.Key}: {p.Value}"));
        inventory.Ask(entry.Name, $"{Box.Describe(entry.Process)}{(holes.Length > 0 ? $"; {holes}" : "")}", attached, request, "which streams it may open, which files it has to bring");
        foreach ((string what, Func<OciSpec, OciSpec> change) in Foreign)
        {
            inventory.Ask(entry.Name, what, attached, request with { Spec = change(request.Spec) }, "without effect, noted in the audit");
        }

        inventory.Ask(entry.Name, "from another image", attached, request with { Root = RootHash.FromBytes(new byte[32]) });
        inventory.Ask(entry.Name, "before its image is attached", attached with { Attached = [] }, request);
        Counts(inventory, attached, entry, values);
    }

    /// <summary>Fields that no policy lets through.</summary>
    private static readonly (string What, Func<OciSpec, OciSpec> Change)[] Foreign =
    [
        ("with another program", s => s with { Process = s.Process with { Args = ["/pavise/other"] } }),
        ("with one argument more", s => s with { Process = s.Process with { Args = s.Process.Args.Add("--pavise-other") } }),
        ("as another user", s => s with { Process = s.Process with { Uid = s.Process.Uid ^ 0x5A5A } }),
        ("in another folder", s => s with { Process = s.Process with { Cwd = "/pavise/other" } }),
        ("with the terminal changed", s => s with { Process = s.Process with { Terminal = !s.Process.Terminal } }),
        ("with an undeclared variable", s => s with { Process = s.Process with { Env = s.Process.Env.Add($"{Box.Undeclared}=1") } }),
        ("with an undeclared mount", s => s with { Mounts = s.Mounts.Add(new("/pavise/other", "bind", "/", ["rbind"], false)) }),
        ("with hooks", s => s with { Hooks = new("poststop") }),
        ("with a device", s => s with { Linux = s.Linux with { Devices = [new OciDevice("/dev/mem", "c", 1, 1)] } }),
        ("with id mappings", s => s with { Linux = s.Linux with { UidMappings = 1 } }),
        ("with a climbing path", s => s with { Mounts = s.Mounts.Add(new("/a/../etc", "bind", "/", [], false)) }),
    ];

    /// <summary>How many at once, and how often again.</summary>
    private static void Counts(Inventory inventory, PolicyState attached, ContainerEntry entry, Dictionary<string, string?> values)
    {
        ContainerState one = Scene.Created(inventory.Policy, entry).Containers[Id];
        PolicyState full = attached with { Containers = attached.Containers.AddRange(Enumerable.Range(0, entry.Instances).Select(i => KeyValuePair.Create($"other{i}", one))) };
        inventory.Ask(entry.Name, $"beside {Number(entry.Instances)} of it", full, Scene.Create(values));
        long most = (long)entry.Instances + entry.MaxRestarts;
        PolicyState last = attached with { History = attached.History.SetItem(entry.Index, new((int)Math.Min(most - 1, int.MaxValue), 0, 0, 0)) };
        PolicyState over = attached with { History = attached.History.SetItem(entry.Index, new((int)Math.Min(most, int.MaxValue), 0, 0, 0)) };
        inventory.Ask(entry.Name, $"for time number {Number(most)} in one boot", last, Scene.Create(values), "as the first time");
        inventory.Ask(entry.Name, $"for time number {Number(most + 1)} in one boot", over, Scene.Create(values));
    }

    private static void Start(Inventory inventory, Vocabulary vocabulary, string name, ContainerEntry? entry, PolicyState created)
    {
        PolicyState attached = created with { Volumes = [.. inventory.Policy.Volumes.Keys] };
        PolicyState ready = entry is null ? attached : Scene.With(attached, c => c with { Wanted = [] });
        EntryHistory well = new(2, 2, 1, 0);
        PolicyState Others(PolicyState state, string except, EntryHistory history, bool running)
        {
            foreach (ContainerEntry other in inventory.Policy.Containers.Where(c => c.Name != name))
            {
                bool chosen = other.Name == except;
                state = state with { History = state.History.SetItem(other.Index, chosen ? history : well) };
                if (!chosen || running)
                {
                    ContainerState at = Scene.Created(inventory.Policy, other).Containers[Id];
                    state = state with { Containers = state.Containers.SetItem($"other{Number(other.Index)}", at with { Status = ContainerStatus.Running }) };
                }
            }

            return state;
        }

        inventory.Ask(name, "when every other container has run and runs", Others(ready, "", default, true), new StartContainer(Id));
        foreach (string other in vocabulary.Containers.Where(o => o != name))
        {
            inventory.Ask(name, $"when {other} was never started", Others(ready, other, default, false), new StartContainer(Id));
            inventory.Ask(name, $"when {other} runs for the first time", Others(ready, other, new(1, 1, 0, 0), true), new StartContainer(Id));
            inventory.Ask(name, $"when {other} has failed", Others(ready, other, new(1, 1, 1, 1), false), new StartContainer(Id));
            inventory.Ask(name, $"when {other} has succeeded and runs no more", Others(ready, other, new(1, 1, 1, 0), false), new StartContainer(Id));
        }

        if (!vocabulary.Files(name).IsEmpty)
        {
            inventory.Ask(name, "before its files were brought", Others(attached, "", default, true), new StartContainer(Id));
        }

        if (!vocabulary.Encrypted(name).IsEmpty)
        {
            inventory.Ask(name, "before its volumes were attached", Others(ready with { Volumes = [] }, "", default, true), new StartContainer(Id));
        }
    }

    private static void Files(Inventory inventory, Vocabulary vocabulary, string name, PolicyState created)
    {
        byte[] other = [.. Enumerable.Repeat((byte)0xA5, 32)];
        foreach ((string mount, string file, string? digest, ulong most) in vocabulary.Files(name))
        {
            string path = file.Length == 0 ? mount : $"{mount}/{file}";
            if (digest is not null)
            {
                inventory.Ask(name, $"{path} with the content sha256:{digest}", created, new PutFile(Id, mount, file, 1, Convert.FromHexString(digest)));
            }

            inventory.Ask(name, $"{path} with any content up to {most.ToString(CultureInfo.InvariantCulture)} bytes", created, new PutFile(Id, mount, file, most, other));
            inventory.Ask(name, $"{path} with more than {most.ToString(CultureInfo.InvariantCulture)} bytes", created, new PutFile(Id, mount, file, most + 1, digest is null ? other : Convert.FromHexString(digest)));
        }

        inventory.Ask(name, "any other file", created, new PutFile(Id, "/pavise/other", "file", 1, other));
    }

    private static void Resize(Inventory inventory, Vocabulary vocabulary, string name, PolicyState running)
    {
        void Ask(string what, IReadOnlyList<long> bounds, Func<long, OciResources> of)
        {
            foreach (long bound in bounds)
            {
                inventory.Ask(name, $"{what} up to {Number(bound)}", running, new UpdateResources(Id, of(bound)), Effect(inventory, of(bound)));
                inventory.Ask(name, $"{what} above {Number(bound)}", running, new UpdateResources(Id, of(bound + 1)), Effect(inventory, of(bound + 1)));
            }
        }

        Ask("memory (bytes)", vocabulary.Resize(m => (long?)m.MemoryBytes), b => new() { MemoryLimit = b });
        Ask("cpus (thousandths)", vocabulary.Resize(m => m.MilliCpus), b => new() { CpuQuota = b * 100, CpuPeriod = 100_000 });
        Ask("processes", vocabulary.Resize(m => m.Pids), b => new() { Pids = b });
        inventory.Ask(name, "nothing", running, new UpdateResources(Id, OciResources.None));
    }

    /// <summary>A limit for which <c>host.resize</c> has no maximum is taken and does nothing.</summary>
    private static string Effect(Inventory inventory, OciResources asked) =>
        inventory.Policy.Host.Resize is { } most && ((asked.MemoryLimit is not null && most.MemoryBytes is null) || (asked.CpuQuota is not null && most.MilliCpus is null) || (asked.Pids is not null && most.Pids is null)) ? "without effect" : "";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
