using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Pavise.Owner.Tests.Policies.Generation;
using Pavise.Owner.Tests.Policies.Operations;
using Pavise.Owner.Tests.Support;

namespace Pavise.Owner.Tests.Policies;

/// <summary>Whatever a file holds, a command ends with an exit code that says what happened, and never with a stack trace.</summary>
public sealed class CommandFuzzTests : IDisposable
{
    private readonly TestImages images = new();
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-fuzz-").FullName;

    private static readonly Gen<(int At, int Length, string Instead)> Edit = Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 40],
        Gen.OneOf(Gen.Char["{}[]:,-\"'#&*!|>%@`\n\t \\$()?~0aé\u0000"].Array[0, 6].Select(c => new string(c)), Gen.OneOf(new[] { "null", "[]", "{}", "-1", "1e999", "99999999999999999999", "name", "\"\"", "true", "? ", "<<: *a", "!!binary x", "- - -" }.Select(Gen.Const).ToArray())));

    public void Dispose()
    {
        images.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_mutated_policy_is_read_or_refused_by_every_command() =>
        Edit.Array[1, 4].Sample(edits =>
        {
            string policy = Write("policy.yaml", Apply(Samples.Yaml, edits)), good = Write("good.yaml", Samples.Yaml), pod = Write("pod.yaml", "kind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: a, image: i}]}");
            string request = Write("request.json", """{"request":"Shutdown"}""");
            Ends("policy", "check", policy);
            Ends("policy", "permitted", policy);
            Ends("policy", "diff", policy, good);
            Ends("policy", "diff", good, policy);
            Ends("policy", "explain", policy, request);
            Ends("policy", "explain", policy, "--syscalls");
            Ends("policy", "annotate", policy, pod);
        }, iter: 150, threads: 1);

    [Fact]
    public void A_mutated_manifest_is_generated_annotated_or_refused()
    {
        string[] names = [.. ManifestFile.Names];
        string layout = images.Make("fuzz", new JsonObject { ["Cmd"] = new JsonArray("/app"), ["User"] = "1000" });
        Gen.Select(Gen.Int[0, names.Length - 1], Edit.Array[1, 5]).Sample((index, edits) =>
        {
            ManifestFile file = ManifestFile.Read(names[index]);
            string yaml = Write("mutated.yaml", Apply(File.ReadAllText(file.Path), edits)), policy = Write("good.yaml", Samples.Yaml);
            Ends(["policy", "generate", yaml, .. file.Images.SelectMany(i => new[] { "--image", $"{i.Reference}={layout}" }), .. file.Options]);
            Ends("policy", "annotate", policy, yaml);
        }, iter: 150, threads: 1);
    }

    [Fact]
    public void A_mutated_request_is_decided_or_refused()
    {
        string[] requests =
        [
            """{"request":"CreateContainer","container":"main","spec":{"process":{"args":["server","--port=80"],"env":["POD_IP=1"],"user":{"uid":999}},"mounts":[{"destination":"/etc","source":"/x"}],"linux":{"resources":{"memory":{"limit":1}}}}}""",
            """{"request":"ExecProcess","container":"main","state":"paused","process":{"args":["ping"],"cwd":"/data","user":{"uid":999,"gid":999}}}""",
            """{"request":"PutFile","container":"main","mount":"/etc/one","name":"","length":5,"digest":"sha256:4444444444444444444444444444444444444444444444444444444444444444"}""",
            """{"request":"UpdateResources","container":"main","resources":{"memory":{"limit":100}}}""",
            """{"request":"SignalProcess","container":"main","exec":"0","signal":"TERM","all":false}""",
            """{"request":"SetClock","proposed":1,"current":2,"clockSet":true}""",
        ];
        string policy = Write("policy.yaml", Samples.Yaml);
        Gen.Select(Gen.Int[0, requests.Length - 1], Edit.Array[1, 4]).Sample((index, edits) => Ends("policy", "explain", policy, Write("request.json", Apply(requests[index], edits))), iter: 400, threads: 1);
    }

    [Fact]
    public void A_mutated_image_configuration_is_generated_or_refused() =>
        Edit.Array[1, 4].Sample(edits =>
        {
            string layout = Path.Combine(folder, $"{Guid.NewGuid():N}");
            string config = Apply("""{"config":{"Entrypoint":["/a"],"Cmd":["b"],"Env":["A=b"],"User":"app:1","WorkingDir":"/w","ExposedPorts":{"80/tcp":{}},"Volumes":{"/v":{}},"StopSignal":"QUIT","Healthcheck":{"Test":["CMD","x"]}},"rootfs":{"type":"layers","diff_ids":[]}}""", edits);
            WriteLayout(layout, config);
            Ends("policy", "generate", layout);
            Directory.Delete(layout, recursive: true);
        }, iter: 200, threads: 1);

    private static void WriteLayout(string layout, string config)
    {
        string blobs = Path.Combine(layout, "blobs", "sha256");
        Directory.CreateDirectory(blobs);
        string Put(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            string digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
            File.WriteAllBytes(Path.Combine(blobs, digest), bytes);
            return digest;
        }

        string manifest = Put($"{{\"config\":{{\"digest\":\"sha256:{Put(config)}\"}},\"layers\":[]}}");
        File.WriteAllText(Path.Combine(layout, "index.json"), $"{{\"manifests\":[{{\"digest\":\"sha256:{manifest}\"}}]}}");
        File.WriteAllText(Path.Combine(layout, "oci-layout"), "{}");
    }

    private static string Apply(string text, (int At, int Length, string Instead)[] edits) =>
        edits.Aggregate(text, (t, e) => e.At % (t.Length + 1) is var at ? string.Concat(t.AsSpan(0, at), e.Instead, t.AsSpan(Math.Min(t.Length, at + e.Length))) : t);

    private static void Ends(params string[] arguments)
    {
        (int code, string output, string errors) = PaviseCommand.RunAsync(arguments).GetAwaiter().GetResult();
        Assert.True(code is 0 or 1 or 4, $"{code}: {errors}");
        Assert.DoesNotContain("   at Pavise.", errors + output, StringComparison.Ordinal);
        Assert.True(code != 1 || errors.Contains("error: ", StringComparison.Ordinal) || output.Length > 0, "a refusal without a word");
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
