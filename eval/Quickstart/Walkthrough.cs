using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Quickstart;

/// <summary>From Debian packages to a redis-server in a pVM that gets its password by attestation; then what an orchestrator may and may not do.</summary>
internal sealed class Walkthrough(Owner owner, Node node, string folder, string guestImage, string machine)
{
    private readonly Canary password = Canary.Random();
    private readonly List<string> measurements = [];

    private string root = "", layout = "", rootHash = "", policy = "", annotation = "";

    public async Task RunAsync(Steps steps)
    {
        Console.WriteLine("The owner");
        bool ready =
            await steps.RunAsync("OCI image of redis-server made from Debian's packages", BuildImageAsync) &&
            await steps.RunAsync("root hash of the image computed", HashAsync) &&
            await steps.RunAsync("owner's keys made", owner.InitAsync) &&
            await steps.RunAsync("key broker started on the loopback interface", owner.ServeAsync) &&
            await steps.RunAsync("policy written, checked and compiled", PolicyAsync) &&
            await steps.RunAsync("redis' password put into the key broker", PutSecretsAsync);
        if (!ready)
        {
            return;
        }

        Orchestrator orchestrator = new(node, root, annotation);
        Console.WriteLine("No release rule, no secret; no secret, no start");
        await steps.RunAsync("the pVM attests, is refused the secret, and redis does not start", orchestrator.StartWithoutSecretAsync);
        await steps.RunAsync("the broker's audit names the refusal", () => owner.AuditAsync("attested", "refused"));
        await steps.RunAsync("launch measurement computed from the guest image", MeasureAsync);
        await steps.RunAsync("the secret allowed for this policy and this measurement", AllowAsync);

        Console.WriteLine("The orchestrator, within the policy");
        if (await steps.RunAsync("container created and started in a pVM", orchestrator.StartAsync))
        {
            await steps.RunAsync("the broker's audit shows attestation and release", () => owner.AuditAsync("attested", "released"));
            await steps.RunAsync("redis asks for the password: redis-cli without it is refused", () => orchestrator.ExecAsync("NOAUTH", "env", "-u", "REDISCLI_AUTH", "redis-cli", "ping"));
            await steps.RunAsync("permitted exec: redis-cli ping, with the password inside the pVM", () => orchestrator.ExecAsync("PONG", "redis-cli", "ping"));
            await steps.RunAsync("permitted exec: redis-cli set, get", orchestrator.SetAndGetAsync);
            await steps.RunAsync("state names machine and shield", orchestrator.StateAsync);
            Console.WriteLine("A malicious orchestrator");
            await steps.RunAsync("the password is nowhere on the node: files, logs, images, memory of the visor", SearchAsync);
            await steps.RunAsync("injected LD_PRELOAD had no effect", orchestrator.VariablesAsync);
            await steps.RunAsync("added capabilities had no effect", () => orchestrator.ExecAsync("CapEff:\t0000000000000000", "cat", "/proc/1/status"));
            await steps.RunAsync("exec of another program is refused", () => orchestrator.RefusedExecAsync("cat", "/run/secrets/redis.conf"));
            await steps.RunAsync("exec as root is refused", () => orchestrator.RefusedExecAsync(["redis-cli", "ping"], "--user", "0:0"));
            await steps.RunAsync("a signal not listed is refused", orchestrator.RefusedSignalAsync);
            await steps.RunAsync("TERM stops redis cleanly with status 0", orchestrator.StopAsync);
            await steps.RunAsync("container deleted, nothing left over", orchestrator.DeleteAsync);
        }

        await steps.RunAsync("other arguments are refused at create", () => orchestrator.RefusedCreateAsync("args", c => c["process"]!["args"] = new JsonArray("redis-server", "--protected-mode", "no")));
        await steps.RunAsync("a hook is refused at create", () => orchestrator.RefusedCreateAsync("hooks", c => c["hooks"] = JsonNode.Parse("""{"prestart":[{"path":"/bin/true"}]}""")));
        await steps.RunAsync("a changed image is refused", orchestrator.ChangedImageAsync);
        await steps.RunAsync("without a policy nothing runs", orchestrator.WithoutPolicyAsync);
    }

    private async Task<string> BuildImageAsync()
    {
        (root, layout) = await RedisImage.BuildAsync(Path.Combine(folder, "image"));
        return layout;
    }

    private async Task<string> HashAsync() => rootHash = (await owner.RunAsync("image", "hash", layout)).OrThrow("pavise image hash").Output.Trim();

    private async Task<string> PolicyAsync()
    {
        policy = Path.Combine(folder, "policy.yaml");
        await File.WriteAllTextAsync(policy, RedisWithSecret.Policy(rootHash, owner.PolicyLines));
        (await owner.RunAsync("policy", "check", policy)).OrThrow("pavise policy check");
        annotation = (await owner.RunAsync("policy", "annotation", policy)).OrThrow("pavise policy annotation").Output.Trim();
        return (await owner.RunAsync("policy", "digest", policy)).OrThrow("pavise policy digest").Output.Trim();
    }

    // redis writes its title over the variables that it was started with, unless told not to; one step below looks at them.
    private async Task<string> PutSecretsAsync() =>
        $"{await owner.PutAsync(RedisWithSecret.Configuration, $"requirepass {password.Text}\nset-proc-title no\n")}\n{await owner.PutAsync(RedisWithSecret.Password, password.Text)}";

    // `auto` is the node's choice: what the image measures to on each machine that it could be.
    private async Task<string> MeasureAsync()
    {
        string[] which = machine == "auto" ? [] : ["--machine", machine];
        JsonNode measured = JsonNode.Parse((await owner.RunAsync(["measure", guestImage, "--json", .. which])).OrThrow("pavise measure").Output)!;
        measurements.AddRange(measured["measurements"]!.AsArray().Select(m => (string)m!["digest"]!));
        return string.Join('\n', measured["measurements"]!.AsArray().Select(m => $"{m!["machine"]} {m["digest"]}"));
    }

    private async Task<string> AllowAsync() =>
        (await owner.RunAsync(["kb", "allow", "redis/secrets/*", "--policy", policy, "--tee", "sim", .. measurements.SelectMany(m => new[] { "--measurement", m })])).OrThrow("pavise kb allow").Output.Trim();

    private async Task<string> SearchAsync()
    {
        HostSearch search = new(password);
        await search.FolderAsync(node.Folder);
        await search.FolderAsync(Path.Combine(folder, "image"));
        foreach (int visor in node.Visors())
        {
            search.Memory(visor);
        }

        return search.Found.Count == 0 ? $"{search.Bytes >> 20} MiB searched, in nine forms" : throw new InvalidOperationException(string.Join('\n', search.Found));
    }
}
