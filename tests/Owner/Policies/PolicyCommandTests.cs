using System.IO.Compression;
using System.Text;
using CsCheck;
using Pavise.Owner.Policies;
using Pavise.Policy.Json;
using Pavise.Policy.Model;

namespace Pavise.Owner.Tests.Policies;

public sealed class PolicyCommandTests : IDisposable
{
    private const string Good = """
        # a comment
        apiVersion: pavise.dev/v1
        kind: Policy
        metadata: { name: redis, version: 1 }
        containers:
          - name: redis
            image: { rootfs: "verity-sha256:1111111111111111111111111111111111111111111111111111111111111111" }
            process:
              args: [redis-server, --save, "", 'it''s', "0400"]
              env: { PATH: "/usr/bin:/bin" }
              user: { uid: 999, gid: 999 }
            signals: [TERM, KILL]
        attestation:
          tees: [sim]
        strict: true

        """;

    private readonly string folder = Directory.CreateTempSubdirectory("pavise-policy-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_policy_in_YAML_and_its_compiled_JSON_are_the_same_document()
    {
        string yaml = Write("p.yaml", Good), json = Path.Combine(folder, "p.json");

        Assert.Equal(0, (await RunAsync("policy", "compile", yaml, "-o", json)).Code);
        Assert.Equal((await RunAsync("policy", "digest", yaml)).Output, (await RunAsync("policy", "digest", json)).Output);
        Assert.Equal(File.ReadAllBytes(json), PolicyDocument.ParseCanonical(File.ReadAllBytes(json)).CanonicalBytes.ToArray());
        Assert.Equal(["redis-server", "--save", "", "it's", "0400"], PolicyDocument.ParseCanonical(File.ReadAllBytes(json)).Containers[0].Process.Args.Select(a => a.Text));
    }

    [Fact]
    public async Task The_digest_is_that_of_the_canonical_bytes()
    {
        string yaml = Write("p.yaml", Good);
        string compiled = (await RunAsync("policy", "compile", yaml)).Output;
        string digest = (await RunAsync("policy", "digest", yaml)).Output;
        Assert.Contains($"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(compiled)))}", digest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_annotation_unpacks_to_the_canonical_bytes_and_is_always_the_same()
    {
        string yaml = Write("p.yaml", Good);
        string annotation = (await RunAsync("policy", "annotation", yaml)).Output.Trim();
        using GZipStream gzip = new(new MemoryStream(Convert.FromBase64String(annotation)), CompressionMode.Decompress);
        using MemoryStream bytes = new();
        gzip.CopyTo(bytes);

        Assert.Equal((await RunAsync("policy", "compile", yaml)).Output, Encoding.UTF8.GetString(bytes.ToArray()));
        Assert.Equal(annotation, (await RunAsync("policy", "annotation", yaml)).Output.Trim());
    }

    [Theory]
    [InlineData("signals: [TERM, KILL]", "signls: [TERM, KILL]", ":12:5: containers[0].signls: is not known; did you mean \"signals\"?")]
    [InlineData("uid: 999", "uid: -1", ":11:15: containers[0].process.user.uid: must be a whole number")]
    [InlineData("uid: 999", "uid: 0999", "put it in quotes")]
    [InlineData("version: 1 }", "version: 1, version: 2 }", "stands twice")]
    [InlineData("[sim]", "&a [sim]", "anchors and aliases")]
    [InlineData("[sim]", "*a", "anchors and aliases")]
    [InlineData("[sim]", "!!set [sim]", "tags are not used")]
    [InlineData("[sim]", "[sim", "not YAML")]
    [InlineData("strict: true", "strict: yes", "must be true or false, not text")]
    [InlineData("strict: true", "strict: true\n---\na: b", "one document")]
    public async Task A_mistake_is_reported_with_file_line_and_column(string part, string instead, string message)
    {
        string yaml = Write("p.yaml", Good.Replace(part, instead, StringComparison.Ordinal));
        (int code, _, string errors) = await RunAsync("policy", "check", yaml);
        Assert.Equal(1, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.Contains(yaml + ":", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exit_codes_tell_good_bad_and_misused_apart()
    {
        Assert.Equal(0, (await RunAsync("policy", "check", Write("p.yaml", Good))).Code);
        Assert.Equal(1, (await RunAsync("policy", "check", Path.Combine(folder, "none.yaml"))).Code);
        Assert.Equal(2, (await RunAsync("policy", "check")).Code);
        Assert.Equal(2, (await RunAsync("policy", "chekc", "x")).Code);
    }

    [Fact]
    public void Any_text_is_YAML_or_refused_with_a_place() =>
        Gen.Char["abc: -[]{}\"'\n\t#&*!|>?,0.~\\"].Array[0, 60].Sample(characters =>
        {
            try
            {
                JsonValue tree = YamlTree.Parse("f", new string(characters)).Tree;
                CanonicalJson.Write(tree);
            }
            catch (OwnerException e)
            {
                Assert.StartsWith("f:", e.Message, StringComparison.Ordinal);
            }
            catch (JsonFormatException)
            {
            }
        }, iter: 5000, threads: 2);

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        StringWriter output = new(), errors = new();
        int code = await CommandLine.RunAsync(arguments, output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
