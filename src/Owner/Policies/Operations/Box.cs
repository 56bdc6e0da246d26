using System.Globalization;
using Pavise.Policy.Model;

namespace Pavise.Owner.Policies.Operations;

/// <summary>
/// Everything that one entry of a policy admits, as one language for each part of a request: the entry admits exactly the requests whose every
/// part is in its language. A part that is not named may be anything.
/// </summary>
/// <param name="Name">The entry.</param>
/// <param name="Parts">Part to language.</param>
/// <param name="Strict">Whether what the entry does not declare must be absent.</param>
internal sealed record Box(string Name, IReadOnlyDictionary<string, Language> Parts, bool Strict)
{
    /// <summary>What engines set or mount for every container, which strict does not blame.</summary>
    private static readonly string[] Blameless =
    [
        "variable HOME", "variable HOSTNAME", "variable TERM", "variable container", "variable PATH",
        "file at /etc/hosts", "file at /etc/resolv.conf", "file at /etc/hostname", "file at /run/.containerenv", "file at /run/secrets", "file at /dev/shm", "file at /etc/mtab",
    ];

    /// <summary>A variable that no policy declares: it stands for everything that would have no effect, which a strict policy refuses.</summary>
    public const string Undeclared = "PAVISE_UNDECLARED";

    private const int MostTries = 20_000;

    public Language this[string part] => Parts.GetValueOrDefault(part,
        part.StartsWith("limit ", StringComparison.Ordinal) ? Language.UpTo(null)
        : Strict && (part.StartsWith("variable ", StringComparison.Ordinal) || part.StartsWith("file at ", StringComparison.Ordinal)) && !Blameless.Contains(part) ? Language.Nothing
        : Language.Anything);

    /// <summary>The requests for which the entry is chosen, if none before it is: what a strict policy blames is looked at only then.</summary>
    public Box Selecting { get => field ?? this; private init; }

    /// <summary>What a container entry admits of the host's configuration.</summary>
    public static Box Of(PolicyDocument policy, ContainerEntry entry)
    {
        Dictionary<string, Language> selecting = Process(false, entry.Process), parts = Process(policy.Strict, entry.Process);
        Selection(selecting, entry);
        Selection(parts, entry);
        if (policy.Sandbox.HostnameFromHost)
        {
            parts["host name"] = Language.Matching(policy.Sandbox.HostnameMatches, absent: true, HostnameForm);
        }
        else if (policy.Strict && policy.Sandbox.HostnameWritten)
        {
            parts["host name"] = Language.Optionally(policy.Sandbox.Hostname);
        }
        else
        {
            // An empty name is none.
            parts["host name"] = Language.Matching(Something, absent: true);
        }

        return new(entry.Name, parts, policy.Strict) { Selecting = new(entry.Name, selecting, Strict: false) };
    }

    private static void Selection(Dictionary<string, Language> parts, ContainerEntry entry)
    {
        parts["root image"] = Language.Exactly(entry.Root.ToString());
        Limit(parts, "limit memory", entry.Resources.MemoryBytes is { } memory ? (long)memory : null);
        Limit(parts, "limit cpus (thousandths)", entry.Resources.MilliCpus);
        Limit(parts, "limit processes", entry.Resources.Pids);
        foreach (MountEntry mount in entry.Mounts)
        {
            parts[$"file at {mount.Path}"] = mount.Required && mount.Source is MountSource.PinnedFiles or MountSource.HostFile ? Language.Something : Language.Anything;
        }
    }

    /// <summary>What an exec entry admits.</summary>
    public static Box Of(PolicyDocument policy, ContainerEntry container, ExecEntry entry)
    {
        Dictionary<string, Language> parts = Process(policy.Strict, entry.Process);
        foreach (EnvEntry inherited in policy.Strict ? container.Process.Env.Where(e => !entry.Process.Env.Any(own => own.Name == e.Name)) : [])
        {
            // The value that the container has in the scene: what it inherits an exec may say again.
            string? value = inherited is { FromHost: true, Required: true } ? Languages.Find(Hole(inherited), []).Value : inherited.Value;
            parts[$"variable {inherited.Name}"] = value is null ? Language.Nothing : Language.Optionally(value);
        }

        return new(ExecName(container, entry), parts, policy.Strict) { Selecting = new(ExecName(container, entry), Process(false, entry.Process), Strict: false) };
    }

    /// <summary>An exec's name within its container: its line, and a number where entries before it have the same.</summary>
    public static string ExecName(ContainerEntry container, ExecEntry entry)
    {
        string line = Describe(entry.Process);
        int before = container.Exec.Take(entry.Index).Count(e => Describe(e.Process) == line);
        return before == 0 ? line : $"{line} ({(before + 1).ToString(CultureInfo.InvariantCulture)})";
    }

    /// <summary>An argument vector, user, folder and terminal in one line.</summary>
    public static string Describe(ProcessEntry process) =>
        $"[{string.Join(", ", process.Args.Select(a => a.Matches is null ? Shown(a.Text) : a.ToString()))}] as {process.Uid}:{process.Gid} in {process.Cwd}{(process.Terminal ? " with a terminal" : "")}";

    /// <summary>
    /// Values that this entry admits and another policy's entries, in their order, do not: either none of them is chosen, or the one that is blames something.
    /// For the entries before this one in its own policy the request is not.
    /// </summary>
    public (Found Found, Dictionary<string, string?> Values) Beyond(IReadOnlyList<Box> before, IReadOnlyList<Box> others)
    {
        Found result = Found.None;
        for (int chosen = others.Count; chosen >= 0; chosen--)
        {
            Box box = chosen == others.Count ? this : And(others[chosen].Selecting);
            (Found found, Dictionary<string, string?> values) = box.Uncovered([.. before.Concat(others.Take(chosen)).Select(o => o.Selecting), .. others.Skip(chosen).Take(1)]);
            if (found == Found.Value)
            {
                return (found, values);
            }

            result = found == Found.Unknown ? found : result;
        }

        return (result, []);
    }

    /// <summary>What both admit.</summary>
    private Box And(Box other) => new(Name, Parts.Keys.Union(other.Parts.Keys).ToDictionary(p => p, p => this[p].And(other[p]), StringComparer.Ordinal), Strict);

    /// <summary>Values for which this box admits a request and no other does; a null value: the part is absent.</summary>
    public (Found Found, Dictionary<string, string?> Values) Uncovered(IEnumerable<Box> others)
    {
        if (Parts.Values.Any(p => Languages.Find(p, []).Found == Found.None))
        {
            return (Found.None, []);
        }

        Box[] near = [.. others.Where(o => !Apart(o))];
        Dictionary<string, List<Language>> exclude = new(StringComparer.Ordinal);
        int tries = 0;
        Found found = Choose(near, 0, exclude, ref tries);
        return (found, found == Found.Value ? Values(exclude) : []);
    }

    /// <summary>Values that this box admits, the given part outside another language.</summary>
    public Dictionary<string, string?> Values(IReadOnlyDictionary<string, List<Language>> exclude)
    {
        Dictionary<string, string?> values = new(StringComparer.Ordinal);
        foreach (string part in Parts.Keys.Union(exclude.Keys))
        {
            values[part] = Languages.Find(this[part], exclude.GetValueOrDefault(part) ?? []).Value;
        }

        return values;
    }

    private Found Choose(Box[] others, int index, Dictionary<string, List<Language>> exclude, ref int tries)
    {
        if (index == others.Length)
        {
            return Found.Value;
        }

        Found result = Found.None;
        foreach (string part in others[index].Strict ? others[index].Parts.Keys.Union(Parts.Keys) : others[index].Parts.Keys)
        {
            if (++tries > MostTries)
            {
                return Found.Unknown;
            }

            List<Language> list = exclude.TryGetValue(part, out List<Language>? known) ? known : exclude[part] = [];
            list.Add(others[index][part]);
            Found here = Languages.Find(this[part], list).Found;
            Found rest = here == Found.None ? Found.None : Choose(others, index + 1, exclude, ref tries);
            if (here == Found.Value && rest == Found.Value)
            {
                return Found.Value;
            }

            list.RemoveAt(list.Count - 1);
            if (list.Count == 0)
            {
                exclude.Remove(part);
            }

            result = here == Found.Unknown || rest == Found.Unknown ? Found.Unknown : result;
        }

        return result;
    }

    /// <summary>Whether two exact values differ, so that no request fits both.</summary>
    private bool Apart(Box other) => Parts.Any(p => p.Value.Literal is { } mine && other[p.Key].Literal is { } its && mine != its && !(p.Value.Absent && other[p.Key].Absent));

    private static Dictionary<string, Language> Process(bool strict, ProcessEntry process)
    {
        Dictionary<string, Language> parts = new(StringComparer.Ordinal)
        {
            ["number of arguments"] = Language.Exactly(process.Args.Length.ToString(CultureInfo.InvariantCulture)),
            ["working directory"] = Language.Exactly(process.Cwd),
            ["user"] = Language.Exactly($"{process.Uid}:{process.Gid}"),
            ["terminal"] = Language.Exactly(process.Terminal ? "yes" : "no"),
        };
        for (int i = 0; i < process.Args.Length; i++)
        {
            parts[$"argument {i}"] = process.Args[i].Matches is { } pattern ? Language.Matching(pattern, absent: false) : Language.Exactly(process.Args[i].Text);
        }

        foreach (EnvEntry hole in process.Env.Where(e => e.FromHost))
        {
            parts[$"variable {hole.Name}"] = Hole(hole);
        }

        if (strict)
        {
            parts[$"variable {Undeclared}"] = Language.Nothing;
            foreach (EnvEntry pinned in process.Env.Where(e => !e.FromHost))
            {
                parts[$"variable {pinned.Name}"] = Language.Optionally(pinned.Value!);
            }
        }

        return parts;
    }

    private static Language Hole(EnvEntry hole) => Language.Matching(hole.Sealed.IsEmpty ? hole.Matches : SealedForm, absent: !hole.Required);

    private static void Limit(Dictionary<string, Language> parts, string name, long? most)
    {
        if (most is not null)
        {
            parts[name] = Language.UpTo(most);
        }
    }

    private static string Shown(string text) => text.Length > 0 && !text.AsSpan().ContainsAny(" ,[]\"'\n") ? text : Pavise.Policy.Model.Reading.Values.Shown(text);

    private static readonly Pavise.Policy.Matching.Pattern HostnameForm = Form("[A-Za-z0-9][A-Za-z0-9.-]{0,63}");

    private static readonly Pavise.Policy.Matching.Pattern Something = Form("(.|\\n)+");

    private static readonly Pavise.Policy.Matching.Pattern SealedForm = Form("sealed\\.(.|\\n)*");

    private static Pavise.Policy.Matching.Pattern Form(string text) => Pavise.Policy.Matching.Pattern.TryParse(text, out Pavise.Policy.Matching.Pattern? form, out string error) ? form! : throw new InvalidOperationException(error);
}
