namespace Pavise.Trojan.Attacks;

/// <summary>Runs attacks one after the other, neighbours that several share once.</summary>
internal sealed class Runner(TextWriter progress)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Dictionary<Func<Task<Observation>>, Observation> neighbours = [];
    private readonly List<Verdict> verdicts = [];

    public IReadOnlyList<Verdict> Verdicts => verdicts;

    /// <summary>Runs all of them. An exception of a strike is a refusal; one of a neighbour, a failure.</summary>
    public async Task RunAsync(IEnumerable<Attack> attacks)
    {
        foreach (Attack attack in attacks)
        {
            Observation struck = await TryAsync(attack.Strike, "refused");
            if (!neighbours.TryGetValue(attack.Neighbour, out Observation? neighbour))
            {
                neighbour = neighbours[attack.Neighbour] = await TryAsync(attack.Neighbour, "failed");
            }

            Verdict verdict = new(attack, struck, neighbour);
            verdicts.Add(verdict);
            await progress.WriteLineAsync($"{(verdict.Stopped ? "stopped  " : "SUCCEEDED")} {(verdict.Works ? "works " : "FAILED")} {attack.Finding,-6} {attack.Id}: {(verdict.Works ? struck.Seen : $"{struck.Seen} | neighbour: {neighbour.Seen}")}");
        }
    }

    private static async Task<Observation> TryAsync(Func<Task<Observation>> deed, string word)
    {
        try
        {
            return await deed().WaitAsync(Patience);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return Observation.None($"{word}: {(e is Grpc.Core.RpcException r ? r.Status.Detail : e.Message)}");
        }
    }
}
