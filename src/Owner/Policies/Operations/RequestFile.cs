using System.Globalization;
using System.Text;
using Pavise.Policy;
using Pavise.Policy.Engine;
using Pavise.Policy.Json;
using Pavise.Policy.Model;
using Pavise.Policy.Model.Reading;
using Pavise.Policy.Oci;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Owner.Policies.Operations;

/// <summary>
/// One request as a JSON file: <c>{"request": "ExecProcess", "container": "redis", "process": {…}}</c>, with the OCI objects as an engine sends them.
/// <c>container</c> names the policy's entry; it runs, its files are there, unless <c>state</c> says <c>created</c>, <c>paused</c>, <c>stopped</c> or <c>none</c>.
/// </summary>
internal static class RequestFile
{
    private const int MostBytes = 2 * PolicyLimits.OciBytes;
    private static readonly string[] Kinds = [.. DecisionPoints.All.Select(r => r.Point.ToString())];

    /// <summary>The request, and the state before it.</summary>
    /// <exception cref="OwnerException">The file is malformed; with the path of the member.</exception>
    public static (Request Request, PolicyState State) Read(string file, string text, PolicyDocument policy)
    {
        try
        {
            JsonValue tree = JsonTree.Parse(Encoding.UTF8.GetBytes(text), MostBytes);
            Problems problems = new();
            Section root = Section.Map(problems, tree, "");
            root.Required("request");
            string kind = root.Word("request", Kinds) ?? "";
            problems.ThrowIfAny();
            ContainerEntry? entry = Entry(root, policy, problems);
            Request request = Of(root, kind, problems, policy, entry);
            PolicyState state = State(root, policy, entry, request);
            root.Close();
            problems.ThrowIfAny();
            return (request, state);
        }
        catch (JsonFormatException e)
        {
            throw new OwnerException($"{file}: {e.Message}", null, e);
        }
        catch (OciFormatException e)
        {
            throw new OwnerException($"{file}: {e.Message}", "spec, process and resources are OCI objects, as an engine sends them", e);
        }
        catch (PolicyFormatException e)
        {
            throw new OwnerException(string.Join("\nerror: ", e.Problems.Select(p => $"{file}: {p}")), "the form is described in docs/policy-tools.md", e);
        }
    }

    private static ContainerEntry? Entry(Section root, PolicyDocument policy, Problems problems)
    {
        if (root.OptionalText("container") is not { } name)
        {
            return policy.Containers.Length == 1 ? policy.Containers[0] : null;
        }

        ContainerEntry? entry = policy.Containers.FirstOrDefault(c => c.Name == name);
        if (entry is null)
        {
            problems.Add("container", $"the policy has no container {Values.Shown(name)}{Suggestion.For(name, policy.Containers.Select(c => c.Name))}");
        }

        return entry;
    }

    private static Request Of(Section root, string kind, Problems problems, PolicyDocument policy, ContainerEntry? entry)
    {
        string id = Scene.Container, exec = root.OptionalText("exec", 128) ?? "";
        uint Number(string key) => (uint)root.Integer(key, 0, uint.MaxValue, 0);
        byte[] Bytes(string key) => root.Raw(key) is { } value ? CanonicalJson.Write(value) : "{}"u8.ToArray();
        RootHash Root()
        {
            RootHash root1 = entry?.Root ?? default;
            return root.OptionalText("rootfs") is not { } text ? root1 : RootHash.TryParse(text, out RootHash hash) ? hash : Bad(problems, "rootfs", "must be verity-sha256: and 64 lower-case hexadecimal digits", root1);
        }

        return kind switch
        {
            "Bind" => new Bind(root.Flag("unshielded", absent: false), root.Flag("developmentGuest", absent: true)) { Tee = root.Word("tee", "sim", "snp", "tdx") ?? policy.Attestation.Tees.FirstOrDefault("sim") },
            "ConfigureSandbox" => new ConfigureSandbox(root.OptionalText("hostname") ?? ""),
            "AttachImage" => new AttachImage(Number("slot"), Root(), (ulong)root.Integer("blocks", 0, long.MaxValue, 1)),
            "CreateContainer" => new CreateContainer(id, root.OptionalText("name") ?? entry?.Name ?? "", OciSpec.Parse(Bytes("spec")), Root()),
            "StartContainer" => new StartContainer(id),
            "ExecProcess" => new ExecProcess(id, exec.Length > 0 ? exec : "e", OciProcess.Parse(Bytes("process"))),
            "SignalProcess" => new SignalProcess(id, exec, Signal(root, problems), root.Flag("all", absent: false)),
            "OpenStream" => new OpenStream(id, exec, root.Word("stream", "stdin", "stdout", "stderr") switch { "stdin" => StandardStream.Stdin, "stderr" => StandardStream.Stderr, _ => StandardStream.Stdout }),
            "CloseStdin" => new CloseStdin(id, exec),
            "ResizeTerminal" => new ResizeTerminal(id, exec, Number("columns"), Number("rows")),
            "WaitProcess" => new WaitProcess(id, exec),
            "ListProcesses" => new ListProcesses(id),
            "ReadStats" => new ReadStats(id),
            "SubscribeEvents" => new SubscribeEvents(),
            "PauseContainer" => new PauseContainer(id),
            "ResumeContainer" => new ResumeContainer(id),
            "UpdateResources" => new UpdateResources(id, OciResources.Parse(Bytes("resources"))),
            "PutFile" => new PutFile(id, root.OptionalText("mount") ?? "", root.OptionalText("name") ?? "", (ulong)root.Integer("length", 0, long.MaxValue, 1), Digest(root, problems)),
            "AttachVolume" => new AttachVolume(id, root.OptionalText("mount") ?? "", Number("slot")),
            "SetClock" => new SetClock(root.Integer("proposed", long.MinValue, long.MaxValue, 0), root.Integer("current", long.MinValue, long.MaxValue, 0)),
            "DeleteContainer" => new DeleteContainer(id, exec, root.Flag("force", absent: false)),
            "Checkpoint" => new Checkpoint(id),
            "Shutdown" => new Shutdown(Number("grace")),
            "OpenSession" => new OpenSession(id, exec.Length > 0 ? exec : "s"),
            _ => Beyond(root, kind, id),
        };
    }

    private static Request Beyond(Section root, string kind, string id)
    {
        string owner = root.OptionalText("owner") ?? "", host = root.OptionalText("host") ?? "";
        int port = (int)root.Integer("port", 0, 65535, 0);
        return kind switch
        {
            "OwnerExec" => new OwnerExec(owner, id),
            "OwnerAttach" => new OwnerAttach(owner, id),
            "OwnerLogs" => new OwnerLogs(owner, id),
            "OwnerCopyIn" => new OwnerCopyIn(owner, id),
            "OwnerCopyOut" => new OwnerCopyOut(owner, id),
            "OwnerForward" => new OwnerForward(owner, id),
            "OwnerProcesses" => new OwnerProcesses(owner, id),
            "OwnerStats" => new OwnerStats(owner, id),
            "OwnerAudit" => new OwnerAudit(owner),
            "NetResolve" => new NetResolve(host),
            "NetConnect" => new NetConnect(host, port) { Names = root.Texts("names") },
            "NetListen" => new NetListen(port),
            "NetAccept" => new NetAccept(port),
            "NetDatagram" => new NetDatagram(host, port),
            "FileOpen" => new FileOpen(root.OptionalText("volume") ?? ""),
            "BrokerCall" => new BrokerCall(),
            "TeeReport" => new TeeReport(),
            "ClockRead" => new ClockRead(),
            _ => throw new OwnerException($"requests of kind {kind} have no form in a file yet"),
        };
    }

    private static PolicyState State(Section root, PolicyDocument policy, ContainerEntry? entry, Request request)
    {
        string usual = request switch { CreateContainer or AttachImage or Bind or ConfigureSandbox => "none", StartContainer or PutFile or AttachVolume => "created", ResumeContainer => "paused", _ => "running" };
        string word = root.Word("state", "none", "created", "running", "paused", "stopped") ?? usual;
        PolicyState attached = Scene.Attached(policy) with { ClockSet = root.Flag("clockSet", absent: true), Bound = root.Flag("bound", absent: request is not Bind) };
        if (entry is null || word == "none")
        {
            return attached;
        }

        PolicyState state = word == "created" ? Scene.Created(policy, entry) : Scene.Running(policy, entry);
        if (root.Flag("filesBrought", absent: true) && word == "created" && request is not (PutFile or AttachVolume))
        {
            state = Scene.With(state, c => c with { Wanted = [] });
        }

        foreach ((JsonValue value, string path) in root.List("ended"))
        {
            // Entries whose container has ended well: what `after` waits for.
            string name = Values.Text(root.Problems, value, path, PolicyLimits.NameChars);
            if (policy.Containers.FirstOrDefault(c => c.Name == name) is { } other)
            {
                state = state with { History = state.History.SetItem(other.Index, new(1, 1, 1, 0)) };
            }
        }

        state = request switch
        {
            SignalProcess { ExecId: var e } => WithExec(state, entry, e),
            OpenStream { ExecId: var e } => WithExec(state, entry, e),
            CloseStdin { ExecId: var e } => WithExec(state, entry, e),
            ResizeTerminal { ExecId: var e } => WithExec(state, entry, e),
            WaitProcess { ExecId: var e } => WithExec(state, entry, e),
            DeleteContainer { ExecId: var e } => WithExec(state, entry, e),
            _ => state,
        };
        state = root.Flag("volumesAttached", absent: true) ? state with { Volumes = [.. policy.Volumes.Keys] } : state;
        return word switch
        {
            "paused" => Scene.With(state, c => c with { Status = ContainerStatus.Paused }),
            "stopped" => state.AfterExit(Scene.Container, "", 0),
            _ => state with { ClockSet = attached.ClockSet },
        };
    }

    /// <summary>An exec is named by its position in the policy's list.</summary>
    private static PolicyState WithExec(PolicyState state, ContainerEntry entry, string exec) =>
        int.TryParse(exec, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < entry.Exec.Length
            ? Scene.With(state, c => c with { Execs = c.Execs.SetItem(exec, new(entry.Exec[index].Stdio, true)) })
            : state;

    private static int Signal(Section root, Problems problems)
    {
        if (root.Raw("signal") is not { Kind: JsonKind.String } value)
        {
            return (int)root.Integer("signal", 0, 1000, 0);
        }

        int number = SignalNames.Number(value.Text);
        return number > 0 ? number : Bad(problems, "signal", $"{Values.Shown(value.Text)} is no signal{Suggestion.For(value.Text, SignalNames.Known)}", 0);
    }

    private static byte[] Digest(Section root, Problems problems) =>
        root.OptionalText("digest") is { } text ? Convert.FromHexString(Values.Digest(problems, text, "digest")) : new byte[32];

    private static T Bad<T>(Problems problems, string path, string message, T instead)
    {
        problems.Add(path, message);
        return instead;
    }
}
