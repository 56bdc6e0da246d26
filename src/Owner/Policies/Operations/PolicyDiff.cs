using System.Collections.Immutable;
using Pavise.Policy;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Owner.Policies.Operations;

/// <summary>
/// What a second policy newly permits and newly refuses. Where a request has holes (creating a container, running a process, a host name) the sets of
/// admitted requests are compared, by their expressions, not by samples; everything else is enumerated. Every difference is confirmed by the engine.
/// </summary>
internal static class PolicyDiff
{
    /// <summary>Decision points whose requests have holes: compared as sets.</summary>
    private static readonly DecisionPoint[] Sets = [DecisionPoint.CreateContainer, DecisionPoint.ExecProcess];

    public static ImmutableArray<Difference> Of(PolicyDocument before, PolicyDocument after)
    {
        Vocabulary vocabulary = new(before, after);
        Dictionary<(DecisionPoint, string, string), Operation> old = Inventory.Of(before, vocabulary).DistinctBy(o => o.Key).ToDictionary(o => o.Key);
        List<Difference> differences = [];
        foreach (Operation now in Inventory.Of(after, vocabulary).DistinctBy(o => o.Key).Where(o => !Sets.Contains(o.Point)))
        {
            if (old.TryGetValue(now.Key, out Operation? then) && (then.Permitted != now.Permitted || (now.Permitted && then.Effect != now.Effect)))
            {
                Change change = then.Permitted == now.Permitted ? Change.OtherEffect : now.Permitted ? Change.NewlyPermitted : Change.NewlyRefused;
                differences.Add(new(change, now.Point, now.Subject, now.What, Answer(then), Answer(now)) { Example = now.Request, State = now.Permitted ? now.State : then.State });
            }
        }

        differences.AddRange(Containers(before, after, Change.NewlyPermitted));
        differences.AddRange(Containers(after, before, Change.NewlyRefused));
        differences.AddRange(Execs(before, after, Change.NewlyPermitted));
        differences.AddRange(Execs(after, before, Change.NewlyRefused));
        differences.AddRange(OtherEffects(before, after));
        differences.AddRange(Lines(DecisionPoint.BrokerCall, "", Attested(before), Attested(after)));
        return [.. differences.OrderBy(d => d.Change).ThenBy(d => d.Point)];
    }

    /// <summary>What the wider policy's entries admit and no entry of the narrower one does.</summary>
    private static IEnumerable<Difference> Containers(PolicyDocument narrow, PolicyDocument wide, Change change)
    {
        Box[] others = [.. narrow.Containers.Select(c => Box.Of(narrow, c))];
        PolicyState narrowState = Scene.Attached(narrow) with { Attached = narrow.Roots.Union(wide.Roots) }, wideState = Scene.Attached(wide);
        foreach (ContainerEntry entry in wide.Containers)
        {
            foreach ((string what, Dictionary<string, string?> values) in Beyond(Box.Of(wide, entry), [.. wide.Containers.Take(entry.Index).Select(c => Box.Of(wide, c))], others, narrow.Containers.IsEmpty ? null : narrow.Containers.FirstOrDefault(c => c.Name == entry.Name) is { } same ? others[same.Index] : null))
            {
                CreateContainer request = Scene.Create(values);
                if (Answers(narrow, narrowState, request, wide, wideState, CreateDecision.Unbuilt) is { } refusal)
                {
                    yield return Made(change, DecisionPoint.CreateContainer, entry.Name, what, refusal, request, wideState);
                }
            }

            if (narrow.Containers.FirstOrDefault(c => c.Name == entry.Name) is { } known)
            {
                foreach ((string what, bool more) in new[] { ($"{entry.Instances} at once", entry.Instances > known.Instances), ($"{(long)entry.Instances + entry.MaxRestarts} times in one boot", (long)entry.Instances + entry.MaxRestarts > (long)known.Instances + known.MaxRestarts) }.Where(m => m.Item2))
                {
                    yield return new(change, DecisionPoint.CreateContainer, entry.Name, what, change == Change.NewlyPermitted ? "refused" : "permitted", change == Change.NewlyPermitted ? "permitted" : "refused");
                }
            }
        }
    }

    private static IEnumerable<Difference> Execs(PolicyDocument narrow, PolicyDocument wide, Change change)
    {
        foreach (ContainerEntry entry in wide.Containers)
        {
            ContainerEntry? known = narrow.Containers.FirstOrDefault(c => c.Name == entry.Name);
            Box[] others = known is null ? [] : [.. known.Exec.Select(e => Box.Of(narrow, known, e))];
            PolicyState narrowState = known is null ? Scene.Attached(narrow) : Scene.Running(narrow, known), wideState = Scene.Running(wide, entry);
            foreach (ExecEntry exec in entry.Exec)
            {
                foreach ((string what, Dictionary<string, string?> values) in Beyond(Box.Of(wide, entry, exec), [.. entry.Exec.Take(exec.Index).Select(e => Box.Of(wide, entry, e))], others, others.FirstOrDefault(o => o.Name == Box.ExecName(entry, exec))))
                {
                    ExecProcess request = Scene.Exec(values, "e");
                    if (Answers(narrow, narrowState, request, wide, wideState, "") is { } refusal)
                    {
                        yield return Made(change, DecisionPoint.ExecProcess, entry.Name, what, refusal, request, wideState);
                    }
                }
            }
        }
    }

    /// <summary>Ways in which a box is wider than all others: one for each part that is wider than the nearest one's, else one example.</summary>
    private static IEnumerable<(string What, Dictionary<string, string?> Values)> Beyond(Box box, Box[] before, Box[] others, Box? nearest)
    {
        (Found found, Dictionary<string, string?> example) = box.Beyond(before, others);
        if (found == Found.None)
        {
            yield break;
        }

        bool told = false;
        foreach (string part in nearest is null ? [] : box.Parts.Keys.Union(nearest.Parts.Keys))
        {
            Language mine = box[part], its = nearest![part];
            if (Languages.Find(mine, [its]) is { Found: Found.Value, Value: var value })
            {
                told = true;
                Dictionary<string, string?> values = box.Values(new Dictionary<string, List<Language>> { [part] = [its] });
                yield return ($"{part}: {mine} instead of {its}; such as {(value is null ? "none" : Pavise.Policy.Model.Reading.Values.Shown(value))}", values);
            }
        }

        // The parts that differ may be covered by other entries each, and still not together; or an entry before this one is chosen.
        if (!told || others.Length > 1 || before.Length > 0)
        {
            yield return (found == Found.Unknown ? $"{box.Name}: the expressions are too large to be compared" : Shown(box, example), example);
        }
    }

    private static string Shown(Box box, Dictionary<string, string?> values) =>
        string.Join(", ", values.Where(v => v.Value is not null && box.Parts.ContainsKey(v.Key) && v.Key != "number of arguments").Select(v => $"{v.Key} {(v.Key == "root image" ? v.Value : Pavise.Policy.Model.Reading.Values.Shown(v.Value!))}"));

    /// <summary>Why the narrower policy refuses a request that the wider one permits; null where they agree after all.</summary>
    private static Refusal? Answers(PolicyDocument narrow, PolicyState narrowState, Request request, PolicyDocument wide, PolicyState wideState, string disabled)
    {
        HashSet<string> off = [disabled];
        return PolicyEngine.Decide(wide, wideState, request, off).IsPermitted ? PolicyEngine.Decide(narrow, narrowState, request, off).Refusal : null;
    }

    private static Difference Made(Change change, DecisionPoint point, string subject, string what, Refusal refusal, Request request, PolicyState state)
    {
        string no = $"refused: {refusal.Reason}";
        return new(change, point, subject, what, change == Change.NewlyPermitted ? no : "permitted", change == Change.NewlyPermitted ? "permitted" : no) { Example = request, State = state };
    }

    /// <summary>Entries of both policies that make something else.</summary>
    private static IEnumerable<Difference> OtherEffects(PolicyDocument before, PolicyDocument after)
    {
        foreach (ContainerEntry now in after.Containers)
        {
            if (before.Containers.FirstOrDefault(c => c.Name == now.Name) is not { } then)
            {
                continue;
            }

            foreach (Difference line in Lines(DecisionPoint.CreateContainer, now.Name, Effects.Of(before, then), Effects.Of(after, now)))
            {
                yield return line;
            }

            foreach (ExecEntry exec in now.Exec)
            {
                string name = Box.ExecName(now, exec);
                if (then.Exec.FirstOrDefault(e => Box.ExecName(then, e) == name) is { } known)
                {
                    foreach (Difference line in Lines(DecisionPoint.ExecProcess, $"{now.Name} exec {name}", Effects.Of(known), Effects.Of(exec)))
                    {
                        yield return line;
                    }
                }
            }
        }
    }

    private static SortedDictionary<string, string> Attested(PolicyDocument policy)
    {
        SortedDictionary<string, string> lines = new(StringComparer.Ordinal);
        if (policy.Attestation.Instances is { } instances)
        {
            lines["pVMs at once"] = FormattableString.Invariant($"{instances.Most}, by a lease of {instances.Seconds} s on {instances.Lease}");
        }

        return lines;
    }

    private static IEnumerable<Difference> Lines(DecisionPoint point, string subject, SortedDictionary<string, string> then, SortedDictionary<string, string> now) =>
        then.Keys.Union(now.Keys).Order(StringComparer.Ordinal).Where(k => then.GetValueOrDefault(k) != now.GetValueOrDefault(k))
            .Select(k => new Difference(Change.OtherEffect, point, subject, k, then.GetValueOrDefault(k, "none"), now.GetValueOrDefault(k, "none")));

    private static string Answer(Operation operation) => operation.Permitted ? operation.Effect.Length > 0 ? $"permitted: {operation.Effect}" : "permitted" : $"refused: {operation.Effect}";
}
