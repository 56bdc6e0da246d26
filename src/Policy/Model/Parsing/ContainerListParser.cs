using System.Collections.Immutable;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>containers</c>: each by itself, then what they say of each other.</summary>
internal static class ContainerListParser
{
    public static ImmutableArray<ContainerEntry> Parse(Section root, ImmutableSortedDictionary<string, VolumeEntry> volumes)
    {
        root.Required("containers");
        List<(Section Section, ContainerEntry Entry)> parsed = [];
        foreach (Section s in root.Children("containers", PolicyLimits.Containers))
        {
            parsed.Add((s, ContainerParser.Parse(s, parsed.Count, volumes)));
        }

        foreach ((Section s, ContainerEntry entry) in parsed)
        {
            if (parsed.Any(p => p.Entry.Index < entry.Index && p.Entry.Name == entry.Name))
            {
                root.Problems.Add(s.PathOf("name"), $"another container has the name {Values.Shown(entry.Name)}");
            }
        }

        string[] names = [.. parsed.Select(p => p.Entry.Name)];
        ImmutableArray<ContainerEntry> entries = [.. parsed.Select(p => p.Entry with { After = After(p.Section, names) })];
        foreach ((Section s, _) in parsed)
        {
            s.Close();
        }

        if (!root.Problems.Any && entries.Any(e => Reaches(entries, e.Index, e.Index, [])))
        {
            root.Problems.Add("containers", "\"after\" goes in a circle: none of these containers could ever start");
        }

        return entries;
    }

    private static ImmutableArray<AfterEntry> After(Section container, string[] names)
    {
        ImmutableArray<AfterEntry>.Builder after = ImmutableArray.CreateBuilder<AfterEntry>();
        foreach (Section s in container.Children("after"))
        {
            string name = s.Text("container");
            int index = Array.IndexOf(names, name);
            if (index < 0)
            {
                s.Problems.Add(s.PathOf("container"), $"there is no container {Values.Shown(name)}{Suggestion.For(name, names)}");
            }

            s.Required("state");
            AfterState state = s.Word("state", "succeeded", "ended", "running", "started") switch
            {
                "started" => AfterState.Started,
                "running" => AfterState.Running,
                "ended" => AfterState.Ended,
                _ => AfterState.Succeeded,
            };
            after.Add(new(Math.Max(0, index), name, state));
            s.Close();
        }

        return after.ToImmutable();
    }

    private static bool Reaches(ImmutableArray<ContainerEntry> entries, int from, int target, HashSet<int> seen) =>
        seen.Add(from) && entries[from].After.Any(a => a.Container == target || Reaches(entries, a.Container, target, seen));
}
