using System.Diagnostics;
using Pavise.Session;
using Pavise.Session.Client;

namespace Pavise.Eval.KeyBroker;

/// <summary>How long one guest waits for its secrets.</summary>
internal static class Latency
{
    private static readonly ResourceUri[] All = [.. Enumerable.Range(0, BrokerProcess.Secrets).Select(i => ResourceUri.Parse($"eval/secret/{i}"))];

    /// <summary>Connection, challenge, attestation and one secret, less the time that the evidence itself took to make.</summary>
    public static async Task<IReadOnlyList<Measurement>> MeasureAsync(BrokerProcess broker, int runs)
    {
        List<double> first = [], evidence = [], batch = [], single = [];
        for (int r = -5; r < runs; r++)
        {
            TimeSpan making = default;
            AttestParameters parameters = BrokerProcess.Guest.Parameters;
            AttestParameters timed = parameters with
            {
                Evidence = async (data, cancellation) =>
                {
                    long at = Stopwatch.GetTimestamp();
                    ReadOnlyMemory<byte> made = await parameters.Evidence(data, cancellation);
                    making = Stopwatch.GetElapsedTime(at);
                    return made;
                },
            };
            long began = Stopwatch.GetTimestamp();
            await using BrokerClient client = broker.Client();
            using BrokerSession session = await client.AttestAsync(timed, CancellationToken.None);
            await session.GetAsync(All[0], CancellationToken.None);
            TimeSpan whole = Stopwatch.GetElapsedTime(began);
            began = Stopwatch.GetTimestamp();
            int got = (await session.GetAsync(All, CancellationToken.None)).Count(a => a.Content is { Length: 1024 });
            TimeSpan together = Stopwatch.GetElapsedTime(began);
            if (got != All.Length)
            {
                throw new InvalidOperationException($"{got} of {All.Length} secrets came");
            }

            TimeSpan alone = default;
            if (r % 5 == 0)
            {
                began = Stopwatch.GetTimestamp();
                foreach (ResourceUri resource in All)
                {
                    await session.GetAsync(resource, CancellationToken.None);
                }

                alone = Stopwatch.GetElapsedTime(began);
            }

            if (r >= 0)
            {
                first.Add((whole - making).TotalMilliseconds);
                evidence.Add(making.TotalMilliseconds);
                batch.Add(together.TotalMilliseconds);
                if (alone > TimeSpan.Zero)
                {
                    single.Add(alone.TotalMilliseconds);
                }
            }
        }

        return
        [
            new("connect, attest, fetch one secret, without the evidence's making", "ms", first), new("making simulated evidence", "ms", evidence),
            new("128 secrets in one batch", "ms", batch), new("128 secrets one by one", "ms", single),
        ];
    }
}
