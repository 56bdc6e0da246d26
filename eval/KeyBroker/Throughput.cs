using System.Collections.Concurrent;
using System.Diagnostics;
using Pavise.Session.Client;

namespace Pavise.Eval.KeyBroker;

/// <summary>How many attestations a second, client and broker on the same CPUs.</summary>
internal static class Throughput
{
    /// <summary>Whole exchanges (challenge, evidence, attestation) from a number of guests at once, each over one kept connection or a new one each time.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="guests">Guests at once.</param>
    /// <param name="kept">Whether each keeps its connection.</param>
    /// <param name="parameters">What each shows.</param>
    /// <param name="evidence">How its evidence is made, for the name.</param>
    /// <param name="round">Time of a round.</param>
    /// <param name="rounds">Rounds, after one that does not count.</param>
    /// <returns>Attestations a second, one value a round; the time of each exchange; CPU time an attestation, which other work on the machine hardly changes.</returns>
    public static async Task<IReadOnlyList<Measurement>> AttestAsync(BrokerProcess broker, int guests, bool kept, AttestParameters parameters, string evidence, TimeSpan round, int rounds)
    {
        string how = $"{(kept ? "kept connections" : "new connections")}, {evidence}";
        List<double> rates = [], brokerCpu = [], clientCpu = [], idle = [];
        using Process self = Process.GetCurrentProcess();
        ConcurrentBag<double> times = [];
        for (int r = -1; r < rounds; r++)
        {
            TimeSpan before = broker.Cpu, own = Cpu(self);
            long began = Stopwatch.GetTimestamp();
            int done = 0;
            await Task.WhenAll(Enumerable.Range(0, guests).Select(_ => Task.Run(async () =>
            {
                BrokerClient client = broker.Client();
                while (Stopwatch.GetElapsedTime(began) < round)
                {
                    long one = Stopwatch.GetTimestamp();
                    using BrokerSession session = await client.AttestAsync(parameters, CancellationToken.None);
                    Interlocked.Increment(ref done);
                    if (r >= 0)
                    {
                        times.Add(Stopwatch.GetElapsedTime(one).TotalMilliseconds);
                    }

                    if (!kept)
                    {
                        await client.DisposeAsync();
                        client = broker.Client();
                    }
                }

                await client.DisposeAsync();
            })));
            if (r >= 0)
            {
                rates.Add(done / Stopwatch.GetElapsedTime(began).TotalSeconds);
                brokerCpu.Add((broker.Cpu - before).TotalMilliseconds / done);
                clientCpu.Add((Cpu(self) - own).TotalMilliseconds / done);
                idle.Add(Environment.ProcessorCount * 1000 / (brokerCpu[^1] + clientCpu[^1]));
            }
        }

        return
        [
            new($"attestations, {guests} guests, {how}", "1/s", rates),
            new($"attestation exchange, {guests} guests, {how}", "ms", [.. times]),
            new($"broker CPU an attestation, {how}", "ms", brokerCpu),
            new($"client CPU an attestation, {how}", "ms", clientCpu),
            new($"attestations that this CPU time allows on {Environment.ProcessorCount} idle CPUs, {how}", "1/s", idle),
        ];
    }

    private static TimeSpan Cpu(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }
}
