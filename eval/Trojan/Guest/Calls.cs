using System.Text.Json.Nodes;
using Google.Protobuf;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Trojan.Attacks;

namespace Pavise.Trojan.Guest;

/// <summary>Calls of the guest API that no honest visor makes.</summary>
internal static class Calls
{
    private static int execs;

    /// <summary>The listed program still runs: what the guest was asked before has not broken it.</summary>
    public static async Task<bool> AliveAsync(GuestClient guest)
    {
        string id = $"alive{Interlocked.Increment(ref execs)}";
        await guest.ExecProcessAsync(Exec(id, Process("echo", "permitted")), default);
        WaitProcessResponse end = await guest.WaitProcessAsync(new() { ContainerId = "one", ExecId = id }, default);
        return end.ExitStatus == 0;
    }

    public static IEnumerable<Attack> Of(VisorGround ground)
    {
        GuestClient guest = ground.Guest;
        Func<Task<Observation>> alive = async () => Observation.Of(await AliveAsync(guest), "the listed program runs");
        Attack Call(string name, string finding, string what, Func<Task> call, Func<Task<Observation>>? neighbour = null) => new(name, finding, what, async () =>
        {
            await call();
            return Observation.Effect("the guest did it");
        }, neighbour ?? alive);

        // Before there is a container.
        Func<Task<Observation>> create = async () =>
        {
            await guest.CreateContainerAsync(new() { ContainerId = "one", Spec = ground.Spec(), RootHash = ground.Hash }, default);
            return Observation.Effect("the container of the policy is created");
        };
        foreach ((string name, string finding, string what, Action<JsonObject> change) in Specs)
        {
            yield return Call($"create/{name}", finding, what, () => guest.CreateContainerAsync(new() { ContainerId = $"c-{name}", Spec = ground.Spec(change), RootHash = ground.Hash }, default), create);
        }

        yield return Call("create/not-attached", "OCI-01", "creates it on a root that was not verified", () => guest.CreateContainerAsync(new() { ContainerId = "c-root", Spec = ground.Spec(), RootHash = ByteString.CopyFrom(new byte[32]) }, default), create);
        yield return Call("create/bad-id", "QM-27", "creates it under an id that is a path", () => guest.CreateContainerAsync(new() { ContainerId = "../one", Spec = ground.Spec(), RootHash = ground.Hash }, default), create);
        yield return Call("create/used-id", "OCI-17", "creates another under an id in use", () => guest.CreateContainerAsync(new() { ContainerId = "one", Spec = ground.Spec(), RootHash = ground.Hash }, default), create);
        yield return Call("create/garbage", "QM-01", "creates it from bytes that are no configuration", () => guest.CreateContainerAsync(new() { ContainerId = "c-garbage", Spec = ByteString.CopyFrom(new byte[4096]), RootHash = ground.Hash }, default), create);
        yield return Call("create/deep", "QM-01", "creates it from a configuration that is nested without end", () => guest.CreateContainerAsync(new() { ContainerId = "c-deep", Spec = ByteString.CopyFromUtf8(new string('[', 500_000)), RootHash = ground.Hash }, default), create);
        yield return Call("create/large", "QM-08", "sends a configuration above the limit", () => guest.CreateContainerAsync(new() { ContainerId = "c-large", Spec = ByteString.CopyFrom(new byte[BoundaryLimits.OciSpecBytes + 1]), RootHash = ground.Hash }, default), create);

        // Created, not started: its file is missing.
        PutFileRequest File(string text, string mount = "/etc/app", string name = "conf", ulong offset = 0) => new() { ContainerId = "one", Mount = mount, Name = name, Offset = offset, Data = ByteString.CopyFromUtf8(text), Last = true };
        Func<Task<Observation>> put = async () =>
        {
            await guest.PutFileAsync(File("right"), default);
            return Observation.Effect("the owner's content is taken");
        };
        yield return Call("files/start-without", "OCI-16", "starts it before its file was brought", () => guest.StartContainerAsync(new() { ContainerId = "one" }, default), () => Task.FromResult(Observation.Effect("the next deeds bring it")));
        yield return Call("files/content", "OCI-16", "brings other content", () => guest.PutFileAsync(File("wrong"), default), () => Task.FromResult(Observation.Effect("the next deeds bring it")));
        yield return Call("files/undeclared", "OCI-16", "brings a file that the policy does not know", () => guest.PutFileAsync(File("x", name: "evil"), default), () => Task.FromResult(Observation.Effect("the next deeds bring it")));
        yield return Call("files/path", "QM-27", "brings a file whose name is a path", () => guest.PutFileAsync(File("x", name: "../evil"), default), () => Task.FromResult(Observation.Effect("the next deeds bring it")));
        yield return Call("files/elsewhere", "OCI-16", "brings the file elsewhere", () => guest.PutFileAsync(File("right", mount: "/bin", name: "sh"), default), () => Task.FromResult(Observation.Effect("the next deeds bring it")));
        yield return Call("files/offset", "QM-08", "begins behind the file's beginning", () => guest.PutFileAsync(File("right", offset: 4096), default), put);
        Func<Task<Observation>> start = async () =>
        {
            await guest.StartContainerAsync(new() { ContainerId = "one" }, default);
            return Observation.Effect("with its file it starts");
        };
        yield return Call("files/twice", "OCI-16", "brings the file again", () => guest.PutFileAsync(File("wrong"), default), start);
        foreach (Attack attack in Running(ground, Call))
        {
            yield return attack;
        }
    }

    private static IEnumerable<Attack> Running(VisorGround ground, Func<string, string, string, Func<Task>, Func<Task<Observation>>?, Attack> call)
    {
        GuestClient guest = ground.Guest;
        Attack Call(string name, string finding, string what, Func<Task> deed) => call(name, finding, what, deed, null);
        yield return Call("start/again", "OCI-17", "starts it twice", () => guest.StartContainerAsync(new() { ContainerId = "one" }, default));
        yield return Call("start/none", "OCI-17", "starts what does not exist", () => guest.StartContainerAsync(new() { ContainerId = "none" }, default));
        yield return Call("files/after-start", "OCI-16", "changes a file of a running container", () => guest.PutFileAsync(new() { ContainerId = "one", Mount = "/etc/app", Name = "conf", Data = ByteString.CopyFromUtf8("wrong"), Last = true }, default));
        yield return Call("bind/again", "CC-16", "binds again", () => guest.BindAsync(new() { ApiVersion = 1, Policy = ByteString.CopyFrom(ground.Policy) }, default));
        yield return Call("bind/again-unshielded", "QH-01", "switches the shield off by a second binding", () => guest.BindAsync(new() { ApiVersion = 1, Unshielded = true }, default));
        foreach ((string name, string process) in Execs)
        {
            yield return Call($"process/{name}", "OCI-03", $"runs {(process.Length > 60 ? process[..60] + "…" : process)}", () => guest.ExecProcessAsync(Exec($"e-{name}", process), default));
        }

        yield return Call("process/used-id", "OCI-17", "uses an exec's id twice", async () =>
        {
            await guest.ExecProcessAsync(Exec("used", Process("echo", "permitted")), default);
            try
            {
                await guest.ExecProcessAsync(Exec("used", Process("echo", "permitted")), default);
            }
            finally
            {
                await guest.WaitProcessAsync(new() { ContainerId = "one", ExecId = "used" }, default);
            }
        });
        foreach (uint signal in new uint[] { 0, 1, 2, 3, 6, 9, 10, 12, 18, 19, 20, 34, 64, 65, uint.MaxValue })
        {
            yield return Call($"signal/{signal}", "OCI-05", $"sends the signal {signal}", () => guest.SignalProcessAsync(new() { ContainerId = "one", Signal = signal }, default));
        }

        yield return Call("signal/all", "OCI-05", "sends KILL to all processes of the container", () => guest.SignalProcessAsync(new() { ContainerId = "one", Signal = 9, All = true }, default));
        yield return Call("memory/checkpoint", "QH-14", "asks for the application's memory", () => guest.CheckpointAsync(new() { ContainerId = "one" }, default));
        yield return Call("lifecycle/pause", "OCI-12", "pauses it", () => guest.PauseContainerAsync(new() { ContainerId = "one" }, default));
        yield return Call("lifecycle/resume", "OCI-12", "resumes what is not paused", () => guest.ResumeContainerAsync(new() { ContainerId = "one" }, default));
        yield return Call("lifecycle/delete", "OCI-14", "deletes it by force while it runs, though KILL is not listed", () => guest.DeleteContainerAsync(new() { ContainerId = "one", Force = true }, default));
        yield return Call("lifecycle/delete-running", "OCI-14", "deletes it while it runs", () => guest.DeleteContainerAsync(new() { ContainerId = "one" }, default));
        yield return Call("limits/one-byte", "OCI-15", "sets a memory limit of a byte", () => guest.UpdateResourcesAsync(new() { ContainerId = "one", Resources = ByteString.CopyFromUtf8("""{"memory":{"limit":1}}""") }, default));
        yield return Call("limits/processes", "OCI-15", "sets a limit of one process", () => guest.UpdateResourcesAsync(new() { ContainerId = "one", Resources = ByteString.CopyFromUtf8("""{"pids":{"limit":1}}""") }, default));
        yield return call("numbers/names", "QM-25", "lists names of processes", async () =>
        {
            ListProcessesResponse list = await guest.ListProcessesAsync(new() { ContainerId = "one" }, default);
            _ = list.Count > 0 || list.Processes.Count > 0 ? 0 : throw new InvalidOperationException("nothing was told");
        }, null);
        yield return call("numbers/statistics", "OCI-13", "reads statistics", async () =>
        {
            ReadStatsResponse stats = await guest.ReadStatsAsync(new() { ContainerId = "one" }, default);
            _ = stats.Available || stats.MemoryBytes > 0 ? 0 : throw new InvalidOperationException("nothing was told");
        }, null);
        yield return Call("terminal/none", "QM-14", "sets the size of a terminal that is not there", () => guest.ResizeTerminalAsync(new() { ContainerId = "one", Columns = 80, Rows = 24 }, default));
        yield return Call("terminal/huge", "QM-14", "sets an absurd size", () => guest.ResizeTerminalAsync(new() { ContainerId = "one", Columns = uint.MaxValue, Rows = uint.MaxValue }, default));
        yield return Call("streams/close", "QM-15", "closes a standard input that is not the host's", () => guest.CloseStdinAsync(new() { ContainerId = "one" }, default));
        Func<Task<Observation>> now = async () =>
        {
            await guest.SetClockAsync(new() { UnixNs = Now }, default);
            return Observation.Effect("the present is taken");
        };
        yield return call("clock/1970", "QH-10", "says that it is 1970", () => guest.SetClockAsync(new() { UnixNs = 1 }, default), now);
        yield return call("clock/2200", "QH-10", "says that it is 2200", () => guest.SetClockAsync(new() { UnixNs = 7_258_118_400_000_000_000 }, default), now);
        yield return call("clock/backwards", "QH-10", "sets it back by a day", () => guest.SetClockAsync(new() { UnixNs = Now - 86_400_000_000_000 }, default), now);
        yield return call("clock/forwards", "QH-10", "sets it a day ahead", () => guest.SetClockAsync(new() { UnixNs = Now + 86_400_000_000_000 }, default), now);
        yield return call("clock/in-steps", "QH-10", "sets it two hours ahead in steps of a quarter", async () =>
        {
            for (int i = 1; i <= 8; i++)
            {
                await guest.SetClockAsync(new() { UnixNs = Now + i * 900_000_000_000 }, default);
            }
        }, null);
        yield return Call("session/open", "CC-19", "opens an owner's session as the host", () => guest.OpenSessionAsync(new() { ContainerId = "one" }, default));
        yield return call("numbers/status", "OCI-11", "waits for an end that the policy hides and reads its status", async () =>
        {
            using CancellationTokenSource limit = new(TimeSpan.FromMilliseconds(300));
            WaitProcessResponse end = await guest.WaitProcessAsync(new() { ContainerId = "one" }, limit.Token);
            _ = end.ExitStatus != 0 ? 0 : throw new InvalidOperationException("nothing was told");
        }, null);
    }

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;

    private static IEnumerable<(string Name, string Finding, string What, Action<JsonObject> Change)> Specs =>
    [
        ("hooks", "OCI-07", "with a hook", s => s["hooks"] = new JsonObject { ["prestart"] = new JsonArray(new JsonObject { ["path"] = "/bin/sh" }) }),
        ("devices", "OCI-16", "with the node's memory as a device", s => s["linux"]!["devices"] = new JsonArray(new JsonObject { ["path"] = "/dev/mem", ["type"] = "c", ["major"] = 1, ["minor"] = 1 })),
        ("id-mappings", "OCI-19", "with an id mapping", s => s["linux"]!["uidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 1000, ["size"] = 1 })),
        ("args", "OCI-02", "with other arguments", s => s["process"]!["args"] = new JsonArray("sh")),
        ("cwd", "OCI-02", "in another folder", s => s["process"]!["cwd"] = "/etc"),
        ("cwd-parent", "OCI-02", "in a folder that leaves its root", s => s["process"]!["cwd"] = "/../../etc"),
        ("user", "OCI-02", "as another user", s => s["process"]!["user"] = new JsonObject { ["uid"] = 1, ["gid"] = 1 }),
        ("terminal", "OCI-10", "with a terminal", s => s["process"]!["terminal"] = true),
        ("mount-parent", "OCI-16", "with a mount that leaves its root", s => s["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/x/../../etc", ["type"] = "bind", ["source"] = "/etc" })),
    ];

    private static IEnumerable<(string Name, string Process)> Execs =>
    [
        ("shell", Process("sh")),
        ("more", Process("echo", "permitted", "more")),
        ("user", """{"args":["echo","permitted"],"cwd":"/","user":{"uid":1000,"gid":1000}}"""),
        ("cwd", """{"args":["echo","permitted"],"cwd":"/etc","user":{"uid":0,"gid":0}}"""),
        ("terminal", """{"args":["echo","permitted"],"cwd":"/","user":{"uid":0,"gid":0},"terminal":true}"""),
        ("no-args", """{"cwd":"/","user":{"uid":0,"gid":0}}"""),
        ("args-text", """{"args":"echo permitted","cwd":"/","user":{"uid":0,"gid":0}}"""),
        ("args-twice", """{"args":["echo","permitted"],"args":["sh"],"cwd":"/","user":{"uid":0,"gid":0}}"""),
        ("nul", """{"args":["echo","permitted\u0000x"],"cwd":"/","user":{"uid":0,"gid":0}}"""),
        ("negative-user", """{"args":["echo","permitted"],"cwd":"/","user":{"uid":-1,"gid":0}}"""),
        ("garbage", "\u0001\u0002\u0003"),
    ];

    private static string Process(params string[] args) => new JsonObject { ["args"] = new JsonArray([.. args.Select(a => (JsonNode)a!)]), ["cwd"] = "/", ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 }, ["env"] = new JsonArray("PATH=/usr/bin:/bin") }.ToJsonString();

    private static ExecProcessRequest Exec(string id, string process) => new() { ContainerId = "one", ExecId = id, Process = ByteString.CopyFromUtf8(process) };
}
