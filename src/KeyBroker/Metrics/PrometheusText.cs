using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Http;

namespace Pavise.KeyBroker.Metrics;

/// <summary>The broker's meter in Prometheus' text format (0.0.4); histograms as count and sum. For the admin listener only.</summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _values = new(StringComparer.Ordinal);

    public PrometheusText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == BrokerMetrics.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public Task HandleAsync(HttpContext context, Administrator administrator)
    {
        _listener.RecordObservableInstruments();
        StringBuilder text = new();
        foreach ((string name, double value) in _values.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
        }

        return Answers.SendAsync(context, StatusCodes.Status200OK, "text/plain; version=0.0.4", Encoding.UTF8.GetBytes(text.ToString()));
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        StringBuilder labels = new();
        foreach ((string name, object? tag) in tags)
        {
            labels.Append(CultureInfo.InvariantCulture, $"{(labels.Length == 0 ? "" : ",")}{name}=\"{tag}\"");
        }

        string suffix = labels.Length == 0 ? "" : $"{{{labels}}}";
        string key = instrument.Name.Replace('.', '_');
        switch (instrument)
        {
            case Histogram<double>:
                _values.AddOrUpdate($"{key}_seconds_sum{suffix}", value, (_, sum) => sum + value);
                _values.AddOrUpdate($"{key}_seconds_count{suffix}", 1, (_, count) => count + 1);
                break;
            case Counter<long>:
                _values.AddOrUpdate($"{key}_total{suffix}", value, (_, sum) => sum + value);
                break;
            default:
                _values[key + suffix] = value;
                break;
        }
    }
}
