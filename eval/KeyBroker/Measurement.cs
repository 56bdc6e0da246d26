using System.Text.Json.Nodes;

namespace Pavise.Eval.KeyBroker;

/// <summary>Repeated readings of one thing.</summary>
internal sealed record Measurement(string Name, string Unit, IReadOnlyList<double> Values)
{
    public double Median => Quantile(0.5);

    public double Quantile(double part) => Values.Order().ElementAt((int)Math.Min(Values.Count - 1, Values.Count * part));

    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["unit"] = Unit,
        ["median"] = Math.Round(Median, 3),
        ["min"] = Math.Round(Values.Min(), 3),
        ["max"] = Math.Round(Values.Max(), 3),
        ["p99"] = Math.Round(Quantile(0.99), 3),
        ["runs"] = Values.Count,
    };
}

/// <summary>A measurement against a target.</summary>
internal sealed record Ratio(string Name, string Of, string To, double Value, double Target, bool HigherIsBetter)
{
    public bool Met => HigherIsBetter ? Value >= Target : Value <= Target;

    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["of"] = Of,
        ["to"] = To,
        ["value"] = Math.Round(Value, 3),
        ["target"] = Target,
        ["better"] = HigherIsBetter ? "higher" : "lower",
        ["met"] = Met,
    };
}
