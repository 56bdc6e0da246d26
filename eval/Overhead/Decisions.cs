using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Pavise.Policy;
using Pavise.Policy.Engine;
using Pavise.Policy.Json;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Eval.Overhead;

/// <summary>Times of decisions, in this process, after warming up.</summary>
internal static class Decisions
{
    private const int Rounds = 31;

    public static IReadOnlyList<Measurement> Measure()
    {
        RootHash root = RootHash.FromBytes(new byte[32]);
        byte[] canonical = Policy(root);
        PolicyDocument policy = PolicyDocument.ParseCanonical(canonical);
        byte[] config = Config();
        CreateContainer create = new("c", "", OciSpec.Parse(config), root);
        PolicyState attached = PolicyState.Empty.After(new Pavise.Policy.Plans.SimplePlan(DecisionPoint.Bind)).After(Plan(policy, PolicyState.Empty, new AttachImage(0, root, 10)));
        PolicyState running = attached.After(Plan(policy, attached, create));
        running = running.After(Plan(policy, running, new StartContainer("c")));
        OciProcess process = OciProcess.Parse("""{"args":["probe","19"],"cwd":"/","env":["PATH=/bin"],"user":{"uid":0,"gid":0}}"""u8);
        ExecProcess exec = new("c", "e", process);
        SignalProcess signal = new("c", "", 15, false);
        OpenStream stream = new("c", "", StandardStream.Stdout);
        return
        [
            Time("decide ExecProcess", 20_000, () => Permitted(PolicyEngine.Decide(policy, running, exec))),
            Time("decide SignalProcess", 20_000, () => Permitted(PolicyEngine.Decide(policy, running, signal))),
            Time("decide OpenStream", 20_000, () => Permitted(PolicyEngine.Decide(policy, running, stream))),
            Time("decide CreateContainer, 100 variables, 30 mounts, parse included", 500, () => Permitted(PolicyEngine.Decide(policy, attached, new CreateContainer("c", "", OciSpec.Parse(config), root)))),
            Time("load policy", 200, () => PolicyDocument.ParseCanonical(canonical)),
        ];
    }

    private static Pavise.Policy.Plans.Plan Plan(PolicyDocument policy, PolicyState state, Request request) =>
        PolicyEngine.Decide(policy, state, request) is { Plan: { } plan } ? plan : throw new InvalidOperationException(PolicyEngine.Decide(policy, state, request).Refusal!.Reason);

    private static void Permitted(Decision decision)
    {
        if (!decision.IsPermitted)
        {
            throw new InvalidOperationException(decision.Refusal!.Reason);
        }
    }

    private static Measurement Time(string name, int calls, Action call)
    {
        List<double> values = [];
        for (int round = 0; round < Rounds + 5; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < calls; i++)
            {
                call();
            }

            if (round >= 5)
            {
                values.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / calls);
            }
        }

        return new(name, "us", values);
    }

    private static byte[] Policy(RootHash root)
    {
        StringBuilder env = new("\"PATH\":\"/bin\""), mounts = new(), exec = new();
        for (int i = 0; i < 99; i++)
        {
            env.Append($",\"VARIABLE_{i}\":{{\"from\":\"host\",\"matches\":\"[a-z0-9-]+\"}}");
        }

        for (int i = 0; i < 20; i++)
        {
            mounts.Append($"{(i > 0 ? "," : "")}{{\"path\":\"/mount/{i}\",\"tmpfs\":\"1Mi\"}}");
            exec.Append($"{(i > 0 ? "," : "")}{{\"args\":[\"probe\",\"{i}\"],\"output\":\"exit-code\"}}");
        }

        string json = $$"""
            {"apiVersion":"pavise.dev/v1","kind":"Policy","metadata":{"name":"eval","version":1},"sandbox":{"hostname":"any"},"attestation":{"tees":["sim"]},
            "containers":[{"name":"main","image":{"rootfs":"{{root}}"},"process":{"args":["run"],"cwd":"/","user":{"uid":0,"gid":0},"env":{ {{env}} } },"mounts":[{{mounts}}],"exec":[{{exec}}],
            "stdio":{"stdout":"host"},"signals":["TERM"],"exit":"exact"}]}
            """;
        return PolicyDocument.FromTree(JsonTree.Parse(Encoding.UTF8.GetBytes(json), 1 << 20)).CanonicalBytes.ToArray();
    }

    private static byte[] Config()
    {
        JsonObject config = Workloads.Bundle.Config("/root", ["run"], env: [.. Enumerable.Range(0, 99).Select(i => $"VARIABLE_{i}=some-value-{i}"), "PATH=/bin"]);
        JsonArray mounts = config["mounts"]!.AsArray();
        for (int i = 0; mounts.Count < 30; i++)
        {
            mounts.Add(new JsonObject { ["destination"] = $"/mount/{i}", ["type"] = "bind", ["source"] = $"/var/lib/kubelet/pods/{i}", ["options"] = new JsonArray("rbind", "rw") });
        }

        return Encoding.UTF8.GetBytes(config.ToJsonString());
    }
}
