using System.Text.Json.Nodes;

namespace Pavise.Eval.Overhead;

/// <summary>Repeated readings of one thing.</summary>
internal sealed record Measurement(string Name, string Unit, IReadOnlyList<double> Values)
{
    public double Median => Values.Order().ElementAt(Values.Count / 2);

    public JsonObject ToJson() => new() { ["name"] = Name, ["unit"] = Unit, ["median"] = Math.Round(Median, 4), ["min"] = Math.Round(Values.Min(), 4), ["max"] = Math.Round(Values.Max(), 4), ["runs"] = Values.Count };
}

/// <summary>One measurement against another, or against a plain target.</summary>
internal sealed record Ratio(string Name, string Of, string To, double Value, double Target)
{
    public JsonObject ToJson() => new() { ["name"] = Name, ["of"] = Of, ["to"] = To, ["value"] = Math.Round(Value, 4), ["target"] = Target, ["better"] = "lower", ["met"] = Value <= Target };
}
