using System.Collections.Immutable;
using Pavise.Policy.Model.Reading;
using Pavise.Policy.Plans;
using Pavise.Policy.Seccomp;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads one element of <c>containers</c>; the list's parser closes it.</summary>
internal static class ContainerParser
{
    public static ContainerEntry Parse(Section s, int index, ImmutableSortedDictionary<string, VolumeEntry> volumes)
    {
        string name = Values.Name(s.Problems, s.Text("name"), s.PathOf("name"));
        (string reference, RootHash root) = Image(s);
        s.Required("process");
        Section process = s.Child("process");
        ProcessEntry entry = ProcessParser.Parse(process);
        (bool isSealed, ulong overlay) = Executables(process);
        (SeccompPlan seccomp, bool isStrict) = SeccompParser.Parse(process);
        process.Close();

        ContainerEntry container = new()
        {
            Index = index,
            Name = name,
            ImageReference = reference,
            Root = root,
            Instances = (int)s.Integer("instances", 1, PolicyLimits.Instances, 1),
            MaxRestarts = MaxRestarts(s),
            After = [],
            Process = entry,
            Mounts = MountParser.Parse(s, volumes, isSealed, entry),
            Exec = [],
            Stdio = Stdio(s, entry.Terminal),
            Signals = Signals(s),
            Exit = s.Word("exit", "hidden", "exact", "success") switch { "exact" => ExitDisclosure.Exact, "success" => ExitDisclosure.Success, _ => ExitDisclosure.Hidden },
            Resources = Maximums(s),
            Seccomp = seccomp,
            CodeIsFixed = isStrict,
            Sealed = isSealed,
            OverlayBytes = overlay,
        };
        return container with { Exec = ExecParser.Parse(s, entry) };
    }

    private static (string Reference, RootHash Root) Image(Section container)
    {
        container.Required("image");
        Section s = container.Child("image");
        string text = s.Text("rootfs");
        if (!RootHash.TryParse(text, out RootHash root) && s.Present)
        {
            s.Problems.Add(s.PathOf("rootfs"), "must be verity-sha256: and 64 lower-case hexadecimal digits; find it with: pavise image hash");
        }

        string reference = s.OptionalText("reference", 1024) ?? "";
        s.Close();
        return (reference, root);
    }

    private static int MaxRestarts(Section container)
    {
        Section s = container.Child("restarts");
        int max = (int)s.Integer("max", 0, PolicyLimits.Restarts, 0);
        s.Close();
        return max;
    }

    private static (bool Sealed, ulong OverlayBytes) Executables(Section process)
    {
        bool isSealed = process.Word("executables", "sealed", "open") != "open";
        ulong? writable = process.Size("writable");
        if (isSealed == writable is not null)
        {
            process.Problems.Add(process.PathOf("writable"), isSealed
                ? "a sealed container has no writable root; write executables: open for one, or mount a volume where it writes"
                : "is missing: with executables: open it is the size of the writable root, such as 64Mi");
        }

        return (isSealed, isSealed ? 0 : writable ?? 1);
    }

    private static StdioPlan Stdio(Section container, bool terminal)
    {
        Section s = container.Child("stdio");
        string? stdin = s.Word("stdin", "none", "host", "owner"), stdout = s.Word("stdout", "none", "host", "owner"), stderr = s.Word("stderr", "none", "host", "owner");
        s.Close();
        return new(Target(stdin), Target(stdout), terminal ? StreamTarget.None : Target(stderr), terminal);
    }

    private static StreamTarget Target(string? word) => word switch { "host" => StreamTarget.Host, "owner" => StreamTarget.Owner, _ => StreamTarget.None };

    private static ulong Signals(Section s)
    {
        ulong set = 0;
        foreach ((Json.JsonValue value, string path) in s.List("signals", PolicyLimits.ListItems))
        {
            string name = Values.Text(s.Problems, value, path, 16);
            int number = SignalNames.Number(name);
            if (number == 0)
            {
                s.Problems.Add(path, $"{Values.Shown(name)} is no signal{Suggestion.For(name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name, SignalNames.Known)}");
            }

            set |= number == 0 ? 0 : 1UL << (number - 1);
        }

        return set;
    }

    private static ResourceMaximums Maximums(Section container)
    {
        Section s = container.Child("resources");
        ResourceMaximums maximums = new()
        {
            MemoryBytes = s.Size("memory"),
            MilliCpus = s.Raw("cpus") is { } cpus ? Values.MilliCpus(s.Problems, cpus, s.PathOf("cpus")) : null,
            Pids = s.Has("pids") ? s.Integer("pids", 1, PolicyLimits.Pids, 1) : null,
        };
        s.Close();
        return maximums;
    }
}
