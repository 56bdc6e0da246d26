using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pavise.Owner.Policies.Schema;
using Pavise.Owner.Tests.Policies.Generation;
using Pavise.Owner.Tests.Support;
using Pavise.Policy.Json;
using Pavise.Policy.Model;
using JsonValue = System.Text.Json.Nodes.JsonValue;

namespace Pavise.Owner.Tests.Policies.Schema;

/// <summary>The schema is held against the parser: each map takes the same keys, and what the tools write is valid.</summary>
public sealed class SchemaTests : IDisposable
{
    private const string Unknown = "zzzzzzzzzzzzzzzzzzzzzzzzzzzz";
    private static readonly string Hash = new('1', 64);

    /// <summary>A document that has every map of the language at least once.</summary>
    private static readonly string Everything = $$"""
        {
          "apiVersion": "pavise.dev/v1", "kind": "Policy", "metadata": { "name": "p", "version": 1 },
          "owners": [{ "name": "o", "signKey": "", "sealKey": "", "may": ["exec"] }],
          "sandbox": { "hostname": { "from": "host", "matches": "a" }, "memory": "1Mi", "cpus": 1 },
          "containers": [
            {
              "name": "a", "image": { "rootfs": "verity-sha256:{{Hash}}", "reference": "r" }, "instances": 1, "restarts": { "max": 1 }, "after": [{ "container": "b", "state": "started" }],
              "process": { "args": ["x", { "matches": "a" }], "env": { "A": "x", "B": { "from": "host", "matches": "a", "required": true }, "C": { "from": "host", "sealed": ["kbs:///a/b/c"] } },
                           "cwd": "/", "user": { "uid": 0, "gid": 0, "additionalGids": [1] }, "rlimits": { "nofile": { "soft": 1, "hard": 2 }, "core": 0 }, "capabilities": ["CHOWN"], "sysctls": { "net.core.somaxconn": "1" },
                           "seccomp": { "base": "default", "deny": ["chmod"], "allow": ["keyctl"] } },
              "mounts": [{ "path": "/v", "volume": "v" }, { "path": "/t", "tmpfs": "1Mi", "mode": "0700" }, { "path": "/f", "files": { "x": "sha256:{{Hash}}" } }, { "path": "/h", "from": "host", "maxSize": 5 }, { "path": "/s", "from": "host", "sealed": ["kbs:///a/b/c"], "mode": "0400" }],
              "exec": [{ "args": ["x"], "output": "host", "user": { "uid": 1, "gid": 1 }, "env": { "D": { "from": "host" } } }],
              "stdio": { "stdin": "none" }, "signals": ["TERM"], "exit": "exact", "resources": { "memory": "1Mi", "cpus": 0.5, "pids": 5 }
            },
            { "name": "b", "image": { "rootfs": "verity-sha256:{{Hash}}" }, "process": { "args": ["y"], "user": { "uid": 0, "gid": 0 } } }
          ],
          "volumes": { "v": { "kind": "memory", "size": "1Mi" } },
          "secrets": [{ "resource": "kbs:///a/b/c", "to": { "container": "a", "file": "/run/x" } }],
          "network": { "ingress": [{ "port": 1 }], "egress": [{ "host": "h", "port": 1 }], "search": ["a.b"] },
          "host": { "stats": "none", "resize": { "maxMemory": "1Mi", "maxCpus": 1, "maxPids": 1 } },
          "attestation": { "keyBroker": { "url": "https://k:1", "key": "spki-sha256:{{Hash}}" }, "tees": ["sim"], "instances": { "most": 1, "lease": "kbs:///a/b/c", "seconds": 60 } },
          "strict": false
        }
        """;

    private readonly TestImages images = new();
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-schema-").FullName;

    public void Dispose()
    {
        images.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Every_map_of_the_schema_takes_exactly_the_keys_that_the_parser_knows_there()
    {
        Dictionary<SchemaNode.Map, HashSet<string>> known = new(new ByReference());
        List<(SchemaNode.Map Map, JsonObject At)> places = [];
        JsonNode document = JsonNode.Parse(Everything)!;
        Walk(PolicySchema.Root, document, places);
        foreach ((SchemaNode.Map map, JsonObject at) in places)
        {
            at[Unknown] = 1;
            PolicyFormatException refused = Assert.Throws<PolicyFormatException>(() => PolicyDocument.FromTree(JsonTree.Parse(Encoding.UTF8.GetBytes(document.ToJsonString()), 1 << 20)));
            at.Remove(Unknown);
            string message = refused.Problems.Single(p => p.Path.EndsWith(Unknown, StringComparison.Ordinal)).ToString();
            string keys = message[(message.IndexOf("known here: ", StringComparison.Ordinal) + 12)..];
            (known.TryGetValue(map, out HashSet<string>? all) ? all : known[map] = []).UnionWith(keys.Split(", "));
        }

        Assert.Equal(Maps(PolicySchema.Root).Distinct(ReferenceEqualityComparer.Instance).Count(), known.Count);
        foreach ((SchemaNode.Map map, HashSet<string> keys) in known)
        {
            Assert.Equal(keys.Order(StringComparer.Ordinal), map.Members.Select(m => m.Name).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task What_the_generator_writes_is_valid_by_the_schema()
    {
        foreach (string name in ManifestFile.Names.Where(n => ManifestFile.Read(n).IsAccepted))
        {
            string path = Path.Combine(folder, "policy.yaml");
            (int code, _, string errors) = await PaviseCommand.RunAsync(ManifestFile.Read(name).Generate(images, path));
            Assert.True(code == 0, errors);
            JsonNode policy = JsonNode.Parse((await PaviseCommand.RunAsync("policy", "compile", path)).Output)!;
            Assert.Null(Invalid(PolicySchema.Root, policy, name));
        }

        JsonNode everything = JsonNode.Parse(Everything)!;
        Assert.Null(Invalid(PolicySchema.Root, everything, ""));
        everything["host"]!["stats"] = "some";
        Assert.Equal(".host.stats", Invalid(PolicySchema.Root, everything, ""));
    }

    [Fact]
    public async Task The_command_prints_a_schema_that_names_its_draft()
    {
        JsonNode schema = JsonNode.Parse((await PaviseCommand.RunAsync("policy", "schema")).Output)!;
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string)schema["$schema"]!);
        Assert.False((bool)schema["additionalProperties"]!);
        Assert.Equal(["apiVersion", "kind", "metadata", "containers"], schema["required"]!.AsArray().Select(r => (string)r!));
    }

    private sealed class ByReference : IEqualityComparer<SchemaNode.Map>
    {
        public bool Equals(SchemaNode.Map? x, SchemaNode.Map? y) => ReferenceEquals(x, y);

        public int GetHashCode(SchemaNode.Map obj) => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj);
    }

    private static void Walk(SchemaNode node, JsonNode? at, List<(SchemaNode.Map, JsonObject)> places)
    {
        switch (node)
        {
            case SchemaNode.Map map when at is JsonObject o:
                places.Add((map, o));
                foreach (SchemaNode.Member member in map.Members)
                {
                    Walk(member.Node, o[member.Name], places);
                }

                break;
            case SchemaNode.Named named when at is JsonObject o:
                foreach ((_, JsonNode? value) in o)
                {
                    Walk(named.Value, value, places);
                }

                break;
            case SchemaNode.List list when at is JsonArray a:
                foreach (JsonNode? item in a)
                {
                    Walk(list.Item, item, places);
                }

                break;
            case SchemaNode.OneOf one:
                foreach (SchemaNode form in one.Forms)
                {
                    Walk(form, at, places);
                }

                break;
            default:
                break;
        }
    }

    private static IEnumerable<SchemaNode.Map> Maps(SchemaNode node) => node switch
    {
        SchemaNode.Map map => map.Members.SelectMany(m => Maps(m.Node)).Prepend(map),
        SchemaNode.Named named => Maps(named.Value),
        SchemaNode.List list => Maps(list.Item),
        SchemaNode.OneOf one => one.Forms.SelectMany(Maps),
        _ => [],
    };

    /// <summary>The first path that is not valid, or null.</summary>
    private static string? Invalid(SchemaNode node, JsonNode? at, string path) => node switch
    {
        SchemaNode.Map map => at is not JsonObject o || map.Members.Any(m => m.Required && o[m.Name] is null) ? path
            : o.Select(p => map.Members.FirstOrDefault(m => m.Name == p.Key) is { } m ? Invalid(m.Node, p.Value, $"{path}.{p.Key}") : $"{path}.{p.Key}").FirstOrDefault(p => p is not null),
        SchemaNode.Named named => at is not JsonObject o ? path : o.Select(p => Invalid(named.Value, p.Value, $"{path}.{p.Key}")).FirstOrDefault(p => p is not null),
        SchemaNode.List list => at is not JsonArray a || (list.NotEmpty && a.Count == 0) ? path : a.Select((v, i) => Invalid(list.Item, v, $"{path}[{i}]")).FirstOrDefault(p => p is not null),
        SchemaNode.OneOf one => one.Forms.Any(f => Invalid(f, at, path) is null) ? null : path,
        SchemaNode.Word word => at is JsonValue v && v.TryGetValue(out string? text) && word.Words.Contains(text) ? null : path,
        SchemaNode.Text text => at is JsonValue v && v.TryGetValue(out string? s) && (text.Pattern is null || Regex.IsMatch(s, text.Pattern, RegexOptions.None, TimeSpan.FromSeconds(5))) ? null : path,
        SchemaNode.Number number => at is JsonValue v && v.TryGetValue(out double d) && d >= number.Least && d <= number.Most && (!number.Whole || d == Math.Floor(d)) ? null : path,
        SchemaNode.Flag => at is JsonValue v && v.TryGetValue(out bool _) ? null : path,
        _ => path,
    };
}
