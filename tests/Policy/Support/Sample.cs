using System.Text;
using System.Text.Json.Nodes;
using Pavise.Policy.Engine;
using Pavise.Policy.Json;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Policy.Tests.Support;

/// <summary>A policy with one of everything that is built, and a host that behaves.</summary>
internal static class Sample
{
    public const string RootText = "verity-sha256:1111111111111111111111111111111111111111111111111111111111111111";

    public static RootHash Root { get; } = RootHash.TryParse(RootText, out RootHash root) ? root : throw new InvalidOperationException();

    public static RootHash OtherRoot { get; } = RootHash.FromBytes(new byte[32]);

    public static string PinnedDigest { get; } = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("pinned"u8));

    /// <summary>A P-256 key.</summary>
    public static string OwnerKey { get; } = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==";

    public static JsonObject Policy(Action<JsonObject>? change = null)
    {
        JsonObject policy = JsonNode.Parse($$"""
            {
              "apiVersion": "pavise.dev/v1", "kind": "Policy", "metadata": { "name": "sample", "version": 1 },
              "owners": [
                { "name": "alice", "signKey": "{{OwnerKey}}", "sealKey": "{{OwnerKey}}", "may": ["exec", "attach", "logs", "copy", "forward", "ps", "stats", "audit"] },
                { "name": "bob", "signKey": "{{OwnerKey}}", "sealKey": "{{OwnerKey}}" }
              ],
              "sandbox": { "hostname": { "from": "host", "matches": "[a-z0-9-]+" } },
              "containers": [
                {
                  "name": "main", "image": { "rootfs": "{{RootText}}" }, "instances": 1, "restarts": { "max": 1 },
                  "process": {
                    "args": ["server", { "matches": "--port=[0-9]{1,5}" }],
                    "env": { "PATH": "/usr/bin", "POD_IP": { "from": "host", "matches": "[0-9.]+" }, "ZONE": { "from": "host", "default": "none" } },
                    "cwd": "/data", "user": { "uid": 999, "gid": 999 }
                  },
                  "mounts": [
                    { "path": "/data", "volume": "data" },
                    { "path": "/etc/hosts", "from": "host" },
                    { "path": "/etc/app", "files": { "app.conf": "sha256:{{PinnedDigest}}" } }
                  ],
                  "exec": [ { "args": ["ping"], "output": "host" }, { "args": ["sh", { "matches": "[a-z]+" }], "output": "exit-code", "env": { "LEVEL": { "from": "host", "matches": "[0-9]" } } },
                            { "args": ["shell"], "output": "host", "stdin": "host", "terminal": true } ],
                  "stdio": { "stdin": "host", "stdout": "host", "stderr": "none" }, "signals": ["TERM", "KILL"], "exit": "success",
                  "resources": { "memory": "256Mi", "cpus": 1, "pids": 100 }
                },
                {
                  "name": "second", "image": { "rootfs": "{{RootText}}" }, "after": [ { "container": "main", "state": "running" } ],
                  "process": { "args": ["second"], "user": { "uid": 0, "gid": 0 }, "terminal": true }, "stdio": { "stdin": "host", "stdout": "host" }, "signals": ["TERM"], "exit": "hidden"
                }
              ],
              "volumes": { "data": { "kind": "memory", "size": "64Mi" } },
              "host": { "stats": "coarse", "processes": "count", "pause": "allow", "resize": { "maxMemory": "512Mi" }, "errors": "detailed" },
              "attestation": { "tees": ["sim"] }
            }
            """)!.AsObject();
        change?.Invoke(policy);
        return policy;
    }

    public static PolicyDocument Document(Action<JsonObject>? change = null) => Parse(Policy(change).ToJsonString());

    public static PolicyDocument Parse(string json) => PolicyDocument.FromTree(JsonTree.Parse(Encoding.UTF8.GetBytes(json), PolicyLimits.PolicyBytes));

    /// <summary>What an honest engine sends for the entry <c>main</c>.</summary>
    public static JsonObject Spec(Action<JsonObject>? change = null)
    {
        JsonObject spec = JsonNode.Parse("""
            {
              "ociVersion": "1.0.2",
              "process": { "user": { "uid": 999, "gid": 999 }, "args": ["server", "--port=80"], "env": ["PATH=/usr/bin", "POD_IP=10.0.0.7"], "cwd": "/data", "noNewPrivileges": true,
                           "capabilities": { "bounding": [], "effective": [], "permitted": [] } },
              "root": { "path": "rootfs", "readonly": true }, "hostname": "pod-1",
              "mounts": [ { "destination": "/proc", "type": "proc", "source": "proc" }, { "destination": "/etc/hosts", "type": "bind", "source": "/run/hosts" }, { "destination": "/etc/app", "type": "bind", "source": "/run/app" } ],
              "linux": { "resources": { "memory": { "limit": 1048576 } }, "namespaces": [ { "type": "pid" } ] }
            }
            """)!.AsObject();
        change?.Invoke(spec);
        return spec;
    }

    public static JsonObject SecondSpec() => Spec(s =>
    {
        s["process"]!["args"] = new JsonArray("second");
        s["process"]!["cwd"] = "/";
        s["process"]!["terminal"] = true;
        s["process"]!["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 };
        s["linux"]!.AsObject().Remove("resources");
    });

    public static CreateContainer Create(Action<JsonObject>? change = null, string id = "c1", RootHash? root = null) => Create(Spec(change), id, root);

    public static CreateContainer Create(JsonObject spec, string id = "c1", RootHash? root = null) =>
        new(id, "", OciSpec.Parse(Encoding.UTF8.GetBytes(spec.ToJsonString())), root ?? Root);

    public static ExecProcess Exec(string process, string id = "e1", string container = "c1") => new(container, id, OciProcess.Parse(Encoding.UTF8.GetBytes(process)));

    public static ExecProcess Ping(string id = "e1") => Exec("""{"args":["ping"],"cwd":"/data","user":{"uid":999,"gid":999}}""", id);

    public static ExecProcess Shell(string id = "t1") => Exec("""{"args":["shell"],"cwd":"/data","user":{"uid":999,"gid":999},"terminal":true,"consoleSize":{"width":80,"height":24}}""", id);

    public static PutFile Hosts { get; } = new("c1", "/etc/hosts", "", 5, new byte[32]);

    public static PutFile Pinned { get; } = new("c1", "/etc/app", "app.conf", 6, Convert.FromHexString(PinnedDigest));

    /// <summary>The policy with /data on an encrypted volume.</summary>
    public static PolicyDocument WithEncryptedVolume() => Document(p =>
    {
        p["volumes"]!["data"] = new JsonObject { ["kind"] = "encrypted", ["size"] = "1Gi", ["key"] = "kbs:///a/b/c", ["freshness"] = "broker" };
        p["attestation"]!["keyBroker"] = new JsonObject { ["url"] = "https://kbs:1", ["key"] = $"spki-sha256:{PinnedDigest}" };
    });

    /// <summary>Attached.</summary>
    public static PolicyState Attached(PolicyDocument policy) => PolicyState.Empty.Do(policy, new AttachImage(0, Root, 10));

    /// <summary>Attached and <c>main</c> created as c1.</summary>
    public static PolicyState Created(PolicyDocument policy) => Attached(policy).Do(policy, Create());

    /// <summary>c1 has its files and runs.</summary>
    public static PolicyState Running(PolicyDocument policy) => Created(policy).Do(policy, Hosts).Do(policy, Pinned).Do(policy, new StartContainer("c1"));

    /// <summary>Decides, insists on a permission, and goes on to the state after it.</summary>
    public static PolicyState Do(this PolicyState state, PolicyDocument policy, Request request) => state.After(Permitted(policy, state, request));

    public static Plan Permitted(PolicyDocument policy, PolicyState state, Request request)
    {
        Decision decision = PolicyEngine.Decide(policy, state, request);
        Assert.True(decision.IsPermitted, $"{request.Point}: {decision.Refusal}");
        return decision.Plan!;
    }

    public static Refusal Refused(PolicyDocument policy, PolicyState state, Request request)
    {
        Decision decision = PolicyEngine.Decide(policy, state, request);
        Assert.NotNull(decision.Refusal);
        Assert.Null(decision.Plan);
        return decision.Refusal;
    }
}
