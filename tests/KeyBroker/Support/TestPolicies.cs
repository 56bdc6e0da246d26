using System.Text;
using Pavise.Policy.Json;

namespace Pavise.KeyBroker.Tests.Support;

/// <summary>Policies of a workload, canonical.</summary>
internal static class TestPolicies
{
    public static string Of(string name, long version, string host = "any")
    {
        string json = $$$"""
            {"apiVersion":"pavise.dev/v1","kind":"Policy","metadata":{"name":"{{{name}}}","version":{{{version}}}},"sandbox":{"hostname":"{{{host}}}"},
             "containers":[{"name":"main","image":{"rootfs":"verity-sha256:1111111111111111111111111111111111111111111111111111111111111111"},
             "process":{"args":["app"],"user":{"uid":0,"gid":0} } }],"attestation":{"tees":["sim"]}}
            """;
        return Encoding.UTF8.GetString(CanonicalJson.Write(JsonTree.Parse(Encoding.UTF8.GetBytes(json), 1 << 20)));
    }
}
