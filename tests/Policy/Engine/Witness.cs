using System.Text.Json.Nodes;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Engine;

/// <summary>For each rule a request that it alone refuses.</summary>
/// <param name="Rule">Id of the rule.</param>
/// <param name="Policy">The policy.</param>
/// <param name="State">What has happened before.</param>
/// <param name="Request">The request.</param>
internal sealed record Witness(string Rule, PolicyDocument Policy, PolicyState State, Request Request)
{
    private const long Now = PolicyLimits.ClockEarliestNs + 1_000_000_000;

    public static IReadOnlyList<Witness> All { get; } = [.. Make()];

    private static IEnumerable<Witness> Make()
    {
        PolicyDocument policy = Sample.Document();
        PolicyDocument strict = Sample.Document(p => p["strict"] = true);
        PolicyState empty = PolicyState.Empty, attached = Sample.Attached(policy), created = Sample.Created(policy), running = Sample.Running(policy);
        PolicyState exec = running.Do(policy, Sample.Ping()).Do(policy, Sample.Shell());
        PolicyState stopped = running.AfterExit("c1", "", 0);
        PolicyState paused = running.Do(policy, new PauseContainer("c1"));
        PolicyState clock = empty.Do(policy, new SetClock(Now, 0));
        Witness Of(string rule, PolicyState state, Request request) => new(rule, policy, state, request);
        Witness Spec(string rule, Action<JsonObject> change) => new(rule, policy, attached, Sample.Create(change));
        Witness Exec(string rule, string process) => new(rule, policy, running, Sample.Exec(process, "e9"));

        yield return Of("ending", empty.Do(policy, new Shutdown(0)), new SubscribeEvents());
        yield return Of("Bind.once", empty.Do(policy, new Bind(false, true)), new Bind(false, true));
        yield return Of("Bind.shielded", empty, new Bind(true, true));
        yield return Of("Bind.tee", empty, new Bind(false, true) { Tee = "snp" });
        yield return Of("ConfigureSandbox.hostname", empty, new ConfigureSandbox("UPPER"));
        yield return Of("AttachImage.root", empty, new AttachImage(0, Sample.OtherRoot, 10));
        yield return Of("AttachImage.slot", empty, new AttachImage(256, Sample.Root, 10));
        yield return Of("AttachImage.blocks", empty, new AttachImage(0, Sample.Root, 0));
        yield return Of("SetClock.range", empty, new SetClock(1, 0));
        yield return Of("SetClock.backwards", clock, new SetClock(Now, Now + 1));
        yield return Of("SetClock.jump", clock, new SetClock(Now + PolicyLimits.ClockJumpNs + 1, Now));
        yield return Of("SetClock.broker", empty.After(new ClockPlan(Now) { FromBroker = true }), new SetClock(Now, Now));
        yield return Of("Checkpoint.never", running, new Checkpoint("c1"));
        PolicyDocument silentOwners = Sample.Document(p => p.Remove("owners"));
        yield return new("OpenSession.owners", silentOwners, Sample.Running(silentOwners), new OpenSession("c1", "s1"));
        yield return Of("OpenSession.exists", running, new OpenSession("none", "s1"));
        yield return Of("OpenSession.live", stopped, new OpenSession("c1", "s1"));
        yield return Of("OpenSession.id", running, new OpenSession("c1", ""));
        yield return Of("OpenSession.many", Enumerable.Range(0, PolicyLimits.Sessions).Aggregate(running, (s, i) => s.Do(policy, new OpenSession("c1", $"s{i}"))), new OpenSession("c1", "last"));
        Func<string, string, OwnerRequest>[] owners =
        [
            (o, c) => new OwnerExec(o, c) { Args = ["x"] }, (o, c) => new OwnerAttach(o, c), (o, c) => new OwnerLogs(o, c), (o, c) => new OwnerCopyIn(o, c), (o, c) => new OwnerCopyOut(o, c),
            (o, c) => new OwnerForward(o, c), (o, c) => new OwnerProcesses(o, c), (o, c) => new OwnerStats(o, c), (o, _) => new OwnerAudit(o),
        ];
        foreach (Func<string, string, OwnerRequest> make in owners)
        {
            string point = make("", "").Point.ToString();
            yield return Of($"{point}.may", running, make("bob", "c1"));
            if (DecisionPoints.All.Single(r => r.Point.ToString() == point).Rules is var rules && rules.Contains($"{point}.exists"))
            {
                yield return Of($"{point}.exists", running, make("alice", "none"));
            }

            if (rules.Contains($"{point}.running"))
            {
                yield return Of($"{point}.running", paused, make("alice", "c1"));
            }
        }

        yield return Of("CreateContainer.id", created.AfterExit("c1", "", 0).Do(policy, new DeleteContainer("c1", "", false)), Sample.Create());
        yield return Of("CreateContainer.many", Full(created), Sample.Create(Sample.SecondSpec(), "c2"));
        yield return Spec("CreateContainer.hooks", s => s["hooks"] = new JsonObject { ["poststop"] = new JsonArray(new JsonObject { ["path"] = "/bin/x" }) });
        yield return Spec("CreateContainer.devices", s => s["linux"]!["devices"] = new JsonArray(new JsonObject { ["path"] = "/dev/mem", ["type"] = "c", ["major"] = 1, ["minor"] = 1 }));
        yield return Spec("CreateContainer.idMappings", s => s["linux"]!["gidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 1, ["size"] = 1 }));
        yield return Spec("CreateContainer.paths", s => s["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/data/../etc", ["type"] = "bind", ["source"] = "/x" }));
        yield return Of("CreateContainer.attached", empty, Sample.Create());
        yield return Spec("CreateContainer.hostname", s => s["hostname"] = "NOT-ADMITTED");
        yield return Of("CreateContainer.root", attached with { Attached = [Sample.OtherRoot] }, Sample.Create(root: Sample.OtherRoot));
        yield return Spec("CreateContainer.args", s => s["process"]!["args"] = new JsonArray("server", "--port=80; rm"));
        yield return Spec("CreateContainer.cwd", s => s["process"]!["cwd"] = "/");
        yield return Spec("CreateContainer.user", s => s["process"]!["user"]!["uid"] = 0);
        yield return Spec("CreateContainer.terminal", s => s["process"]!["terminal"] = true);
        yield return Spec("CreateContainer.env", s => s["process"]!["env"]!.AsArray()[1] = "POD_IP=evil");
        yield return Spec("CreateContainer.resources", s => s["linux"]!["resources"]!["memory"]!["limit"] = 1L << 40);
        yield return Spec("CreateContainer.files", s => s["mounts"]!.AsArray().RemoveAt(2));
        yield return Of("CreateContainer.instances", running, Sample.Create(id: "c2"));
        PolicyState twice = stopped.Do(policy, Sample.Create(id: "c2")).AfterExit("c2", "", 0);
        yield return Of("CreateContainer.restarts", twice, Sample.Create(id: "c3"));
        PolicyDocument network = Sample.Document(p => p["network"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["port"] = 80 }), ["egress"] = new JsonArray(new JsonObject { ["host"] = "a.test", ["port"] = 443, ["tls"] = "require" }, new JsonObject { ["host"] = "pinned.test", ["port"] = 443, ["addresses"] = new JsonArray("10.1.2.3") }) });
        yield return new("CreateContainer.unbuilt", network, attached, Sample.Create());
        yield return new("NetResolve.name", network, running, new NetResolve("b.test"));
        yield return new("NetResolve.pinned", network, running, new NetResolve("pinned.test"));
        yield return new("NetConnect.destination", network, running, new NetConnect("10.1.2.3", 80));
        yield return new("NetListen.port", network, running, new NetListen(81));
        yield return new("NetAccept.port", network, running, new NetAccept(81));
        yield return new("NetDatagram.built", network, running, new NetDatagram("a.test", 53));
        yield return new("CreateContainer.strict", strict, attached, Sample.Create(s => s["process"]!["env"]!.AsArray().Add("LD_PRELOAD=/x.so")));

        yield return Of("StartContainer.exists", running, new StartContainer("none"));
        yield return Of("StartContainer.created", running, new StartContainer("c1"));
        yield return Of("StartContainer.files", created, new StartContainer("c1"));
        PolicyDocument disks = Sample.WithEncryptedVolume();
        PolicyState waiting = Sample.Attached(disks).Do(disks, Sample.Create()).Do(disks, Sample.Hosts).Do(disks, Sample.Pinned);
        AttachVolume attach = new("c1", "/data", 1);
        yield return new("StartContainer.volumes", disks, waiting, new StartContainer("c1"));
        yield return new("AttachVolume.exists", disks, waiting, attach with { ContainerId = "none" });
        yield return new("AttachVolume.created", disks, waiting.AfterExit("c1", "", 137), attach);
        yield return new("AttachVolume.declared", disks, waiting, attach with { Mount = "/etc/hosts" });
        yield return new("AttachVolume.slot", disks, waiting, attach with { Slot = 256 });

        PolicyState second = stopped.Do(policy, Sample.Create(Sample.SecondSpec(), "c2"));
        yield return Of("StartContainer.after", second, new StartContainer("c2"));

        yield return Of("PutFile.exists", created, Sample.Hosts with { ContainerId = "none" });
        yield return Of("PutFile.created", created.AfterExit("c1", "", 137), Sample.Hosts);
        yield return Of("PutFile.declared", created, Sample.Hosts with { Mount = "/etc/passwd" });
        yield return Of("PutFile.once", created.Do(policy, Sample.Hosts), Sample.Hosts);
        yield return Of("PutFile.size", created, Sample.Hosts with { Length = PolicyLimits.HostFileBytes + 1 });
        yield return Of("PutFile.digest", created, Sample.Pinned with { Sha256 = new byte[32] });

        yield return Of("FileOpen.shared", running, new FileOpen("other"));

        yield return Of("ExecProcess.exists", running, Sample.Ping() with { ContainerId = "none" });
        yield return Of("ExecProcess.running", paused, Sample.Ping());
        yield return Of("ExecProcess.id", exec.AfterExit("c1", "e1", 0).Do(policy, new DeleteContainer("c1", "e1", false)), Sample.Ping());
        yield return Of("ExecProcess.many", FullOfExecs(running, policy), Sample.Ping("last"));
        yield return Exec("ExecProcess.args", """{"args":["ping","-f"],"cwd":"/data","user":{"uid":999,"gid":999}}""");
        yield return Exec("ExecProcess.user", """{"args":["ping"],"cwd":"/data","user":{"uid":0,"gid":0}}""");
        yield return Exec("ExecProcess.cwd", """{"args":["ping"],"cwd":"/","user":{"uid":999,"gid":999}}""");
        yield return Exec("ExecProcess.terminal", """{"args":["ping"],"cwd":"/data","user":{"uid":999,"gid":999},"terminal":true}""");
        yield return Exec("ExecProcess.env", """{"args":["sh","x"],"cwd":"/data","user":{"uid":999,"gid":999},"env":["LEVEL=10"]}""");
        yield return new("ExecProcess.strict", strict, Sample.Running(strict), Sample.Exec("""{"args":["ping"],"cwd":"/data","user":{"uid":999,"gid":999},"env":["LD_PRELOAD=/x.so"]}"""));

        yield return Of("SignalProcess.exists", running, new SignalProcess("none", "", 15, false));
        yield return Of("SignalProcess.listed", running, new SignalProcess("c1", "", 1, false));
        yield return Of("SignalProcess.running", stopped, new SignalProcess("c1", "", 15, false));
        yield return Of("OpenStream.exists", running, new OpenStream("c1", "none", StandardStream.Stdout));
        yield return Of("OpenStream.target", running, new OpenStream("c1", "", StandardStream.Stderr));
        yield return Of("CloseStdin.exists", running, new CloseStdin("none", ""));
        yield return Of("CloseStdin.target", exec, new CloseStdin("c1", "e1"));
        yield return Of("ResizeTerminal.exists", running, new ResizeTerminal("none", "", 80, 24));
        yield return Of("ResizeTerminal.terminal", running, new ResizeTerminal("c1", "", 80, 24));
        yield return Of("ResizeTerminal.size", exec, new ResizeTerminal("c1", "t1", 80, 70000));
        yield return Of("WaitProcess.exists", running, new WaitProcess("c1", "none"));

        PolicyDocument silent = Sample.Document(p => p.Remove("host"));
        PolicyState quiet = Sample.Running(silent);
        yield return Of("ListProcesses.exists", running, new ListProcesses("none"));
        yield return new("ListProcesses.disclosed", silent, quiet, new ListProcesses("c1"));
        yield return Of("ReadStats.exists", running, new ReadStats("none"));
        yield return new("ReadStats.disclosed", silent, quiet, new ReadStats("c1"));
        yield return Of("PauseContainer.exists", running, new PauseContainer("none"));
        yield return new("PauseContainer.permitted", silent, quiet, new PauseContainer("c1"));
        yield return Of("PauseContainer.running", paused, new PauseContainer("c1"));
        yield return Of("ResumeContainer.exists", running, new ResumeContainer("none"));
        yield return new("ResumeContainer.permitted", silent, paused, new ResumeContainer("c1"));
        yield return Of("ResumeContainer.paused", running, new ResumeContainer("c1"));
        Pavise.Policy.Oci.OciResources more = new() { MemoryLimit = 1 << 20 };
        yield return Of("UpdateResources.exists", running, new UpdateResources("none", more));
        yield return new("UpdateResources.permitted", silent, quiet, new UpdateResources("c1", more));
        yield return Of("UpdateResources.live", stopped, new UpdateResources("c1", more));
        yield return Of("UpdateResources.maximum", running, new UpdateResources("c1", new() { MemoryLimit = 1L << 31 }));
        yield return Of("DeleteContainer.exists", running, new DeleteContainer("none", "", true));
        yield return Of("DeleteContainer.ended", running, new DeleteContainer("c1", "", false));
        PolicyDocument gentle = Sample.Document(p => p["containers"]![0]!["signals"] = new JsonArray("TERM"));
        yield return new("DeleteContainer.kill", gentle, Sample.Running(gentle), new DeleteContainer("c1", "", true));
    }

    private static PolicyState Full(PolicyState state)
    {
        ContainerState one = state.Containers["c1"];
        return state with { Containers = state.Containers.AddRange(Enumerable.Range(0, PolicyLimits.LiveContainers).Select(i => KeyValuePair.Create($"f{i}", one with { Id = $"f{i}" }))) };
    }

    private static PolicyState FullOfExecs(PolicyState state, PolicyDocument policy) =>
        Enumerable.Range(0, PolicyLimits.LiveExecs).Aggregate(state, (s, i) => s.Do(policy, Sample.Ping($"x{i}")));
}
