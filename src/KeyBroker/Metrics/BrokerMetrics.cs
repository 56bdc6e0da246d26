using System.Diagnostics.Metrics;
using Pavise.KeyBroker.Sessions;

namespace Pavise.KeyBroker.Metrics;

/// <summary>What the broker counts (meter <c>Pavise.KeyBroker</c>), for OpenTelemetry and <c>/metrics</c>.</summary>
internal sealed class BrokerMetrics : IDisposable
{
    public const string MeterName = "Pavise.KeyBroker";

    private readonly Meter _meter = new(MeterName, "1.0");
    private readonly Counter<long> _challenges;
    private readonly Counter<long> _attestations;
    private readonly Counter<long> _releases;
    private readonly Histogram<double> _verification;

    public BrokerMetrics(SessionTable sessions)
    {
        _challenges = _meter.CreateCounter<long>("pavise.keybroker.challenges", "{challenge}", "Challenges that were given");
        _attestations = _meter.CreateCounter<long>("pavise.keybroker.attestations", "{attestation}", "Attestations by kind of evidence and result");
        _releases = _meter.CreateCounter<long>("pavise.keybroker.releases", "{resource}", "Resources released, or refused by reason");
        _verification = _meter.CreateHistogram<double>("pavise.keybroker.verification", "s", "Time to verify evidence");
        _meter.CreateObservableGauge("pavise.keybroker.sessions", () => sessions.Count, "{session}", "Exchanges under way");
        _meter.CreateObservableGauge("pavise.keybroker.attested", () => sessions.AttestedCount, "{session}", "Attested guests");
    }

    public void Challenged() => _challenges.Add(1);

    public void Attested(string tee, string result, TimeSpan time)
    {
        _attestations.Add(1, new("tee", tee), new KeyValuePair<string, object?>("result", result));
        _verification.Record(time.TotalSeconds);
    }

    public void Released(string? refusal) => _releases.Add(1, new KeyValuePair<string, object?>("result", refusal ?? "released"));

    public void Dispose() => _meter.Dispose();
}
