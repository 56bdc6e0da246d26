using System.Text.Json.Nodes;

namespace Pavise.Trojan.Attacks;

/// <summary>What became of one attack.</summary>
/// <param name="Attack">The attack.</param>
/// <param name="Struck">What its strike did.</param>
/// <param name="Neighbour">What its benign neighbour did.</param>
internal sealed record Verdict(Attack Attack, Observation Struck, Observation Neighbour)
{
    public bool Stopped => !Struck.Happened;

    public bool Works => Neighbour.Happened;

    /// <summary>A case of the results (schema <c>pavise.eval/v1</c>).</summary>
    public JsonObject ToJson() => new()
    {
        ["id"] = Attack.Id,
        ["class"] = Attack.Class,
        ["reference"] = Attack.Finding,
        ["what"] = Attack.What,
        ["expected"] = "stopped, neighbour works",
        ["observed"] = $"{(Stopped ? "stopped" : "SUCCEEDED")}, {(Works ? "neighbour works" : "NEIGHBOUR FAILED")}",
        ["seen"] = Struck.Seen,
        ["neighbour"] = Neighbour.Seen,
        ["stopped"] = Stopped,
        ["works"] = Works,
        ["ok"] = Stopped && Works,
    };
}
