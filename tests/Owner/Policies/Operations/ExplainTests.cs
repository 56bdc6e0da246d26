using System.Text.Json.Nodes;
using Pavise.Owner.Tests.Support;

namespace Pavise.Owner.Tests.Policies.Operations;

public sealed class ExplainTests : IDisposable
{
    private const string Process = """{"args":["ping"],"cwd":"/data","user":{"uid":999,"gid":999}}""";
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-explain-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("""{"request":"ExecProcess","container":"main","process":PROCESS}""", 0, "ping")]
    [InlineData("""{"request":"ExecProcess","container":"init","process":PROCESS}""", 1, "lists no exec")]
    [InlineData("""{"request":"ExecProcess","container":"main","state":"paused","process":PROCESS}""", 1, "paused, not running")]
    [InlineData("""{"request":"SignalProcess","container":"main","signal":"HUP"}""", 1, "add HUP to signals")]
    [InlineData("""{"request":"SignalProcess","container":"main","signal":15}""", 0, "permitted")]
    [InlineData("""{"request":"StartContainer","container":"main"}""", 1, "init has not succeeded")]
    [InlineData("""{"request":"StartContainer","container":"main","ended":["init"]}""", 0, "permitted")]
    [InlineData("""{"request":"CreateContainer","container":"main","spec":{"process":{"args":["server","--port=80"],"env":["POD_IP=10.0.0.1","LD_PRELOAD=/x"],"cwd":"/data","user":{"uid":999,"gid":999}},"mounts":[{"destination":"/etc","type":"bind","source":"/x"}]}}""", 0, "LD_PRELOAD")]
    [InlineData("""{"request":"CreateContainer","container":"main","spec":{"process":{"args":["server","--port=eighty"]}}}""", 1, "does not admit the arguments")]
    [InlineData("""{"request":"Checkpoint","container":"main"}""", 1, "never")]
    [InlineData("""{"request":"NetConnect","host":"db","port":5432}""", 1, "NetConnect")]
    [InlineData("""{"request":"SetClock","proposed":1}""", 1, "before 2026")]
    [InlineData("""{"request":"Bind","tee":"tdx"}""", 1, "add tdx to attestation.tees")]
    [InlineData("""{"request":"OpenStream","container":"main","exec":"1","stream":"stdin"}""", 0, "permitted")]
    public async Task One_request_is_decided_offline_with_its_reason(string request, int code, string text)
    {
        (int got, string output, string errors) = await RunAsync(request.Replace("PROCESS", Process, StringComparison.Ordinal));
        Assert.True(got == code, output + errors);
        Assert.Contains(text, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"request":"ExecProces"}""", "must be Bind or")]
    [InlineData("""{"request":"Shutdown","grce":1}""", "grce: is not known; did you mean \"grace\"?")]
    [InlineData("""{"request":"SignalProcess","container":"mian","signal":"TERM"}""", "did you mean \"main\"?")]
    [InlineData("""{"request":"SignalProcess","container":"main","signal":"TREM"}""", "is no signal")]
    [InlineData("""{"request":"CreateContainer","container":"main","spec":{"process":{"args":"x"}}}""", "process.args")]
    [InlineData("""{""", "error: ")]
    [InlineData("""[]""", "must be a map")]
    public async Task A_mistake_in_the_request_is_named(string request, string message)
    {
        (int code, _, string errors) = await RunAsync(request);
        Assert.Equal(1, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_system_calls_of_a_container_are_printed_as_the_OCI_specification_has_them()
    {
        string policy = Samples.Write(folder, Samples.Yaml.Replace("user: { uid: 999, gid: 999 }", "user: { uid: 999, gid: 999 }\n      seccomp: { base: strict, deny: [chmod], allow: [memfd_create] }", StringComparison.Ordinal));
        (int code, string output, string errors) = await PaviseCommand.RunAsync("policy", "explain", policy, "--syscalls", "--container", "main", "-f", "json");
        Assert.True(code == 0, errors);
        JsonNode profile = JsonNode.Parse(output)!;
        Assert.Equal("SCMP_ACT_ERRNO", (string)profile["defaultAction"]!);
        JsonArray allowed = profile["syscalls"]![0]!["names"]!.AsArray();
        Assert.Contains("memfd_create", allowed.Select(n => (string)n!));
        Assert.DoesNotContain("chmod", allowed.Select(n => (string)n!));
        Assert.Contains("choose one: --container init | main", (await PaviseCommand.RunAsync("policy", "explain", policy, "--syscalls")).Errors, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(string request)
    {
        string file = Path.Combine(folder, "request.json");
        await File.WriteAllTextAsync(file, request);
        return await PaviseCommand.RunAsync("policy", "explain", Samples.Write(folder, Samples.Yaml), file);
    }
}
