using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Pavise.Policy.Json;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Model;

public sealed class PolicyDocumentTests
{
    // Where, what is written there, and a part of the message.
    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "contianers", "[]", "contianers: is not known; did you mean \"containers\"?" },
        { "containers[0].proces", "{}", "did you mean \"process\"?" },
        { "containers[0].process.capabilites", "[]", "did you mean \"capabilities\"?" },
        { "containers[0].process.capabilities", "[\"SYS_ADMINN\"]", "did you mean \"SYS_ADMIN\"?" },
        { "containers[0].signals", "[\"SIGTERM\"]", "did you mean \"TERM\"?" },
        { "containers[0].process.user", "{\"uid\":-1,\"gid\":0}", "whole number from 0" },
        { "containers[0].process.user", "{\"uid\":0}", "\"gid\" is missing" },
        { "containers[0].process.args", "[]", "at least the program" },
        { "containers[0].process.args", "[1]", "put it in quotes" },
        { "containers[0].process.cwd", "\"/a/../b\"", "plain absolute path" },
        { "containers[0].process.env", "{\"A=B\":\"x\"}", "no variable" },
        { "containers[0].process.env", "{\"A\":{\"from\":\"host\",\"matches\":\"(\"}}", "not an expression" },
        { "containers[0].process.env", "{\"A\":{\"matches\":\"x\"}}", "\"from\" is missing" },
        { "containers[0].process.executables", "\"open\"", "writable: is missing" },
        { "containers[0].process.writable", "\"64Mi\"", "no writable root" },
        { "containers[0].process.seccomp", "{\"base\":\"default\",\"allow\":[\"bpf\"]}", "refused in every profile" },
        { "containers[0].process.seccomp", "{\"base\":\"default\",\"allow\":[\"socket\"]}", "cannot be lifted" },
        { "containers[0].process.seccomp", "{\"base\":\"default\",\"deny\":[\"fchownatt\"]}", "did you mean \"fchownat\"?" },
        { "containers[0].process.sysctls", "{\"kernel.hostname\":\"x\"}", "no setting of a container" },
        { "containers[0].process.rlimits", "{\"nofile\":{\"soft\":2,\"hard\":1}}", "above the hard one" },
        { "containers[0].process.umask", "\"9\"", "octal mode" },
        { "containers[0].image.rootfs", "\"sha256:00\"", "verity-sha256:" },
        { "containers[0].instances", "0", "whole number from 1" },
        { "containers[0].after", "[{\"container\":\"mian\",\"state\":\"running\"}]", "did you mean \"main\"?" },
        { "containers[0].after", "[{\"container\":\"second\",\"state\":\"ended\"}]", "goes in a circle" },
        { "containers[1].name", "\"main\"", "another container has the name" },
        { "containers[0].mounts", "[{\"path\":\"/proc/x\",\"tmpfs\":\"1Mi\"}]", "nothing can be mounted" },
        { "containers[0].mounts", "[{\"path\":\"/x\",\"volume\":\"dat\"}]", "did you mean \"data\"?" },
        { "containers[0].mounts", "[{\"path\":\"/x\"}]", "exactly one of" },
        { "containers[0].mounts", "[{\"path\":\"/x\",\"from\":\"host\",\"digest\":\"sha256:00\"}]", "64 lower-case hexadecimal digits" },
        { "containers[0].mounts", "[{\"path\":\"/x\",\"tmpfs\":\"1Mi\",\"exec\":true}]", "executables: open" },
        { "containers[0].exec", "[{\"args\":[\"x\"]}]", "\"output\" is missing" },
        { "containers[0].stdio", "{\"stdout\":\"hots\"}", "must be none or host or owner" },
        { "volumes.data", "{\"kind\":\"memory\"}", "\"size\" is missing" },
        { "volumes.data", "{\"kind\":\"encrypted\",\"size\":\"1Gi\"}", "kbs:///" },
        { "volumes.data", "{\"kind\":\"encrypted\",\"size\":\"1Gi\",\"key\":\"kbs:///a/b/c\"}", "attestation.keyBroker" },
        { "volumes.data", "{\"kind\":\"encrypted\",\"size\":\"1Mi\",\"key\":\"kbs:///a/b/c\"}", "at least 32Mi" },
        { "volumes.data", "{\"kind\":\"shared\"}", "visibleToHost: true" },
        { "volumes.data", "{\"kind\":\"memory\",\"size\":\"1.5Gi\"}", "must be a size" },
        { "secrets", "[{\"resource\":\"kbs:///a/b/c\",\"to\":{\"container\":\"none\",\"file\":\"/x\"}}]", "there is no container" },
        { "secrets", "[{\"resource\":\"kbs:///a/b/c\",\"to\":{\"container\":\"main\",\"file\":\"/x\"}}]", "come from a key broker" },
        { "secrets", "[{\"resource\":\"kbs:///a/b/c\",\"to\":{\"container\":\"main\",\"file\":\"/etc/hosts\"}}]", "mounted at \"/etc/hosts\" already" },
        { "secrets", "[{\"resource\":\"kbs:///a/b/c\",\"to\":{\"container\":\"main\",\"env\":\"PATH\"}}]", "has a value already" },
        { "secrets", "[{\"resource\":\"kbs:///a/b/c\",\"to\":{\"container\":\"main\",\"env\":\"A=B\"}}]", "is no variable" },
        { "attestation.instances", "{\"lease\":\"kbs:///a/b/c\"}", "\"most\" is missing" },
        { "attestation.instances", "{\"most\":1,\"lease\":\"kbs:///a/b\"}", "each part 1 to 128" },
        { "attestation.instances", "{\"most\":1,\"lease\":\"kbs:///a/b/c\",\"seconds\":1}", "whole number from 10" },
        { "attestation.instances", "{\"most\":1,\"lease\":\"kbs:///a/b/c\"}", "counted by a key broker" },
        { "containers[0].process.env", "{\"A\":{\"from\":\"host\",\"sealed\":true}}", "must be a list" },
        { "containers[0].process.env", "{\"A\":{\"from\":\"host\",\"sealed\":[]}}", "names no resource" },
        { "containers[0].process.env", "{\"A\":{\"from\":\"host\",\"sealed\":[\"kbs:///a/b/*\"]}}", "each part 1 to 128" },
        { "containers[0].process.env", "{\"A\":{\"from\":\"host\",\"sealed\":[\"kbs:///a/b/c\"],\"matches\":\"x\"}}", "neither matches nor default" },
        { "containers[0].process.env", "{\"A\":{\"from\":\"host\",\"sealed\":[\"kbs:///a/b/c\"]}}", "name it under attestation.keyBroker" },
        { "containers[0].process.env", "{\"A\":{\"from\":\"host\",\"sealed\":[\"kbs:///a/b/c\"]}}", "who may: [seal]" },
        { "containers[0].mounts", "[{\"path\":\"/x\",\"tmpfs\":\"1Mi\",\"sealed\":[\"kbs:///a/b/c\"]}]", "sealed: is not known" },
        { "containers[0].mounts", "[{\"path\":\"/x\",\"from\":\"host\",\"mode\":\"0400\"}]", "mode: is not known" },
        { "containers[0].exec", "[{\"args\":[\"x\"],\"output\":\"host\",\"env\":{\"A\":{\"from\":\"host\",\"sealed\":[\"kbs:///a/b/c\"]}}}]", "no sealed variables of its own" },
        { "attestation.keyBroker", "{\"url\":\"https://x/path\",\"key\":\"spki-sha256:0\"}", "https://host:port" },
        { "network", "{\"egress\":[{\"host\":\"a b\",\"port\":1}]}", "must be a name, \"*.\" and a name, an address, or a range" },
        { "network", "{\"egress\":[{\"host\":\"10.1.0.1/16\",\"port\":1}]}", "whose bits beyond its length are 0" },
        { "network", "{\"egress\":[{\"host\":\"010.1.2.3\",\"port\":1}]}", "must be a name" },
        { "network", "{\"egress\":[{\"host\":\"*.a.b\",\"port\":1,\"addresses\":[\"10.0.0.1\"]}]}", "belong to one name" },
        { "network", "{\"egress\":[{\"host\":\"a.b\",\"port\":1,\"addresses\":[\"::ffff:1.2.3.4\"]}]}", "must be an address" },
        { "network", "{\"search\":[\"*.a\"]}", "must be a domain's name" },
        { "network", "{\"ingress\":[{\"port\":1},{\"port\":1}]}", "stands twice" },
        { "attestation.tees", "[\"sgx\"]", "must be snp or tdx or sim" },
        { "attestation.keyBroker", "{\"url\":\"http://x\",\"key\":\"spki-sha256:0\"}", "must be https://host:port" },
        { "owners", "[{\"name\":\"a\",\"signKey\":\"AAAA\",\"sealKey\":\"AAAA\"}]", "P-256 or P-384" },
        { "apiVersion", "\"pavise.dev/v2\"", "must be pavise.dev/v1" },
        { "metadata.version", "0", "whole number from 1" },
        { "host.errors", "\"verbose\"", "must be redacted or detailed" },
        { "strict", "\"yes\"", "must be true or false" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_place_and_what_to_write(string path, string value, string message)
    {
        PolicyFormatException e = Assert.Throws<PolicyFormatException>(() => Sample.Document(p => Set(p, path, JsonNode.Parse(value)!)));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.All(e.Problems, p => Assert.NotEmpty(p.Message));
    }

    [Fact]
    public void All_mistakes_are_reported_at_once()
    {
        PolicyFormatException e = Assert.Throws<PolicyFormatException>(() => Sample.Document(p =>
        {
            p["strikt"] = true;
            p["host"]!["stats"] = "all";
            p["volumes"]!["data"]!["size"] = 0;
        }));
        Assert.Equal(["volumes.data.size", "host.stats", "strikt"], e.Problems.Select(p => p.Path));
    }

    [Fact]
    public void What_is_absent_is_refused_none_or_empty()
    {
        PolicyDocument policy = Sample.Parse($$"""
            {"apiVersion":"pavise.dev/v1","kind":"Policy","metadata":{"name":"least","version":1},
             "containers":[{"name":"a","image":{"rootfs":"{{Sample.RootText}}" },"process":{"args":["a"],"user":{"uid":1,"gid":1} } }]}
            """);
        ContainerEntry entry = policy.Containers[0];
        Assert.True(policy is { Strict: false, ErrorsDetailed: false, Network.IsEmpty: true, Attestation.Tees.IsEmpty: true, Secrets.IsEmpty: true, Owners.IsEmpty: true });
        Assert.True(policy.Host is { Pause: false, Resize: null, Stats: StatsDisclosure.None, Processes: ProcessDisclosure.None });
        Assert.True(entry is { Instances: 1, MaxRestarts: 0, Signals: 0, Sealed: true, Exit: ExitDisclosure.Hidden, Exec.IsEmpty: true, Mounts.IsEmpty: true });
        Assert.Equal(new StdioPlan(StreamTarget.None, StreamTarget.None, StreamTarget.None, false), entry.Stdio);
        Assert.True(entry.Process is { NoNewPrivileges: true, Capabilities.IsEmpty: true, Env.IsEmpty: true, Terminal: false, AmbientCapabilities: false });
        Assert.Contains("/proc/kcore", entry.Process.MaskedPaths);
        Assert.Contains("/proc/sys", entry.Process.ReadonlyPaths);
    }

    [Fact]
    public void Canonical_bytes_parse_and_their_digest_is_the_documents()
    {
        PolicyDocument policy = Sample.Document();
        PolicyDocument again = PolicyDocument.ParseCanonical(policy.CanonicalBytes.Span);
        Assert.Equal(policy.CanonicalBytes.ToArray(), again.CanonicalBytes.ToArray());
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(policy.CanonicalBytes.Span), again.Sha256());
        Assert.Equal(System.Security.Cryptography.SHA384.HashData(policy.CanonicalBytes.Span), again.Sha384());
    }

    [Fact]
    public void Bytes_in_another_form_are_refused()
    {
        byte[] canonical = Sample.Document().CanonicalBytes.ToArray();
        foreach (byte[] other in (byte[][])[[.. canonical, (byte)'\n'], [(byte)' ', .. canonical], Encoding.UTF8.GetBytes(Sample.Policy().ToJsonString()), Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(canonical).Replace("\"version\":1", "\"version\":1.0", StringComparison.Ordinal))])
        {
            Assert.Contains("canonical form", Assert.Throws<PolicyFormatException>(() => PolicyDocument.ParseCanonical(other)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Changed_bytes_are_another_policy_or_none()
    {
        byte[] canonical = Sample.Document().CanonicalBytes.ToArray();
        Gen.Select(Gen.Int[0, canonical.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            byte[] bytes = [.. canonical];
            bytes[at] = value;
            try
            {
                Assert.Equal(bytes, PolicyDocument.ParseCanonical(bytes).CanonicalBytes.ToArray());
            }
            catch (PolicyFormatException e)
            {
                Assert.NotEmpty(e.Problems);
            }
        }, iter: 3000, threads: 2);
    }

    [Fact]
    public void Values_of_any_kind_anywhere_are_read_or_refused()
    {
        string[] values = ["null", "true", "-1", "1.5", "\"x\"", "\"\"", "[]", "{}", "[{}]", "[[]]", "{\"a\":{}}", "1e300"];
        List<string> paths = [.. Leaves(JsonTree.Parse(Sample.Document().CanonicalBytes.Span, 1 << 20), "")];
        foreach (string path in paths)
        {
            foreach (string value in values)
            {
                try
                {
                    Sample.Document(p => Set(p, path, JsonNode.Parse(value)));
                }
                catch (PolicyFormatException)
                {
                }
            }
        }
    }

    private static IEnumerable<string> Leaves(Pavise.Policy.Json.JsonValue value, string path)
    {
        List<string> paths = path.Length > 0 ? [path] : [];
        foreach (KeyValuePair<string, Pavise.Policy.Json.JsonValue> member in value.Members.ToArray().Where(m => !m.Key.Contains('.', StringComparison.Ordinal)))
        {
            paths.AddRange(Leaves(member.Value, path.Length == 0 ? member.Key : $"{path}.{member.Key}"));
        }

        for (int i = 0; i < value.Items.Length; i++)
        {
            paths.AddRange(Leaves(value.Items[i], $"{path}[{i}]"));
        }

        return paths;
    }

    /// <summary>Writes at a path such as <c>containers[0].process</c>; a last name that is not there is added.</summary>
    private static void Set(JsonObject policy, string path, JsonNode? value)
    {
        string[] steps = path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries);
        JsonNode at = policy;
        for (int i = 0; i < steps.Length - 1; i++)
        {
            at = steps[i][0] == '[' ? at[int.Parse(steps[i].Trim('[', ']'))]! : at[steps[i]]!;
        }

        if (steps[^1][0] == '[')
        {
            at[int.Parse(steps[^1].Trim('[', ']'))] = value;
        }
        else
        {
            at[steps[^1]] = value;
        }
    }
}
