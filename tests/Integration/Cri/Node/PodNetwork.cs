using System.Text.Json.Nodes;

namespace Pavise.Cri.Node;

/// <summary>A pod network in the form of the container network interface: one veth pair a pod and addresses of a private range, no way out of the node.</summary>
public static class PodNetwork
{
    /// <summary>Writes the configuration into a folder of its own and returns it.</summary>
    /// <param name="folder">Where the configuration and the record of addresses in use are kept.</param>
    public static string Write(string folder)
    {
        string configuration = Directory.CreateDirectory(Path.Combine(folder, "cni")).FullName;
        JsonObject network = new()
        {
            ["cniVersion"] = "0.4.0",
            ["name"] = Path.GetFileName(folder),
            ["plugins"] = new JsonArray(new JsonObject
            {
                ["type"] = "ptp",
                ["ipMasq"] = false,
                ["ipam"] = new JsonObject
                {
                    ["type"] = "host-local",
                    ["dataDir"] = Path.Combine(folder, "addresses"),
                    ["ranges"] = new JsonArray(new JsonArray(new JsonObject { ["subnet"] = $"10.{Random.Shared.Next(64, 128)}.{Random.Shared.Next(256)}.0/24" })),
                    ["routes"] = new JsonArray(new JsonObject { ["dst"] = "0.0.0.0/0" }),
                },
            }),
        };
        File.WriteAllText(Path.Combine(configuration, "10-pods.conflist"), network.ToJsonString());
        return configuration;
    }
}
