using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Configuration;
using Pavise.Host.ImageCache;
using Pavise.Host.Interop;
using Pavise.Host.Shim.CommandLine;
using Pavise.Host.Shim.Events;
using Pavise.Host.Shim.Logging;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Shim.Sandboxes;
using Pavise.Host.Shim.Service;
using Pavise.Host.Shim.Tasks;
using Pavise.Host.Tests.Runtime.Support;
using Pavise.Host.Visor;
using Empty = Google.Protobuf.WellKnownTypes.Empty;

namespace Pavise.Host.Tests.Shim.Support;

/// <summary>The Task service behind a real ttrpc connection, with a model guest and recorded events.</summary>
internal sealed class ShimRig : IAsyncDisposable
{
    private readonly IGuestService service;
    private readonly List<FakeSandbox> sandboxes = [];
    private readonly EventQueue queue;
    private readonly TtrpcClient client;
    private readonly CancellationTokenSource end = new();
    private readonly Task serving;
    private readonly Func<(NetworkStream Stream, Task Serving)> connect;

    public ShimRig()
    {
        (service, Guest) = ModelGuest.Make();
        Folder = Directory.CreateTempSubdirectory("pavise-shim-").FullName;
        ShimArguments arguments = ShimArguments.Parse(["-namespace", "ns", "-address", Path.Combine(Folder, "c.sock"), "-id", "any"]);
        ShimLog log = new(Log, TimeProvider.System, debug: true);
        queue = new EventQueue(Events, "ns", TimeProvider.System, log);
        Tasks = new TaskService(new TaskMaker(arguments, new Surroundings(ConfigurationOf, ImageAsync, LaunchAsync, Path.Combine(Folder, "sandboxes")), log, TimeProvider.System), queue, log, TimeProvider.System);
        TtrpcServer server = new(TimeProvider.System, (_, method, e) => Faults.Add($"{method}: {e}"));
        TaskBinding.Register(server, Tasks);
        connect = () =>
        {
            (SafeSocketHandle left, SafeSocketHandle right) = NativeDescriptors.SocketPair();
            return (new NetworkStream(new Socket(left), ownsSocket: true), server.ServeAsync(new NetworkStream(new Socket(right), ownsSocket: true), end.Token));
        };
        (NetworkStream stream, serving) = connect();
        client = new TtrpcClient(stream);
    }

    public string Folder { get; }

    public ModelGuest Guest { get; }

    public RecordedEvents Events { get; } = new();

    public TaskService Tasks { get; }

    public MemoryStream Log { get; } = new();

    /// <summary>Exceptions that no method should throw.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Steps that fail: launch, image.</summary>
    public HashSet<string> Failing { get; } = [];

    /// <summary>Files that the configuration was asked for from; null is the usual place.</summary>
    public List<string?> Configurations { get; } = [];

    public IReadOnlyList<FakeSandbox> Sandboxes => sandboxes;

    public Task<T> CallAsync<T>(string method, IMessage request, MessageParser<T> parser)
        where T : IMessage<T> => client.CallAsync(TaskBinding.Version2, method, request, parser, CancellationToken.None);

    /// <summary>Sends these bytes as a request on a connection of its own; answers the status.</summary>
    public async Task<int> RawAsync(string method, byte[] bytes)
    {
        (NetworkStream stream, Task served) = connect();
        await using (stream)
        {
            byte[] request = new Request { Service = TaskBinding.Version2, Method = method, Payload = ByteString.CopyFrom(bytes) }.ToByteArray();
            byte[] header = [0, 0, 0, 0, 0, 0, 0, 1, 1, 0];
            BinaryPrimitives.WriteInt32BigEndian(header, request.Length);
            await stream.WriteAsync(header.Concat(request).ToArray());
            await stream.ReadExactlyAsync(header);
            byte[] answer = new byte[BinaryPrimitives.ReadInt32BigEndian(header)];
            await stream.ReadExactlyAsync(answer);
            stream.Socket.Shutdown(SocketShutdown.Both);
            await served;
            return Response.Parser.ParseFrom(answer).Status?.Code ?? 0;
        }
    }

    /// <summary>Calls and expects an error of this kind; answers its text.</summary>
    public async Task<string> RefusedAsync(TtrpcStatus status, string method, IMessage request)
    {
        TtrpcException e = await Assert.ThrowsAsync<TtrpcException>(() => CallAsync(method, request, Empty.Parser));
        Assert.Equal((status, e.Message), (e.Status, e.Message));
        return e.Message;
    }

    public Task<CreateTaskResponse> CreateAsync(string id, Action<JsonObject>? change = null, Action<CreateTaskRequest>? ask = null) =>
        CallAsync("Create", Request(id, change, ask), CreateTaskResponse.Parser);

    /// <summary>A request with a bundle that exists.</summary>
    public CreateTaskRequest Request(string id, Action<JsonObject>? change = null, Action<CreateTaskRequest>? ask = null)
    {
        string bundle = Directory.CreateDirectory(Path.Combine(Folder, id, "rootfs")).Parent!.FullName;
        JsonObject config = new()
        {
            ["ociVersion"] = "1.0.2",
            ["root"] = new JsonObject { ["path"] = "rootfs" },
            ["process"] = new JsonObject { ["args"] = new JsonArray("sh"), ["cwd"] = "/" },
            ["annotations"] = new JsonObject { ["dev.pavise.policy"] = Rig.Annotation("{}") },
        };
        change?.Invoke(config);
        File.WriteAllText(Path.Combine(bundle, "config.json"), config.ToJsonString());
        CreateTaskRequest request = new() { Id = id, Bundle = bundle };
        ask?.Invoke(request);
        return request;
    }

    public Task<CreateTaskResponse> CreatePodAsync(string pod) => CreateAsync(pod, c => Annotate(c, "sandbox", pod));

    public Task<CreateTaskResponse> CreateMemberAsync(string id, string pod) => CreateAsync(id, c => Annotate(c, "container", pod));

    public Task<StartResponse> StartAsync(string id, string execId = "") => CallAsync("Start", new StartRequest { Id = id, ExecId = execId }, StartResponse.Parser);

    public Task<WaitResponse> WaitAsync(string id, string execId = "") => CallAsync("Wait", new WaitRequest { Id = id, ExecId = execId }, WaitResponse.Parser);

    public Task<DeleteResponse> DeleteAsync(string id, string execId = "") => CallAsync("Delete", new DeleteRequest { Id = id, ExecId = execId }, DeleteResponse.Parser);

    public Task<StateResponse> StateAsync(string id, string execId = "") => CallAsync("State", new StateRequest { Id = id, ExecId = execId }, StateResponse.Parser);

    public Task KillAsync(string id, uint signal, string execId = "") => CallAsync("Kill", new KillRequest { Id = id, ExecId = execId, Signal = signal }, Empty.Parser);

    public Task ExecAsync(string id, string execId) => CallAsync("Exec", new Host.Shim.Protos.ExecProcessRequest
    {
        Id = id,
        ExecId = execId,
        Spec = new Any { TypeUrl = "types.containerd.io/opencontainers/runtime-spec/1/Process", Value = ByteString.CopyFromUtf8("{}") },
    }, Empty.Parser);

    /// <summary>Waits until containerd has every event so far.</summary>
    public Task FlushAsync() => queue.FlushAsync(TimeSpan.FromSeconds(10));

    public async ValueTask DisposeAsync()
    {
        await Tasks.StopAllAsync();
        await end.CancelAsync();
        await client.DisposeAsync();
        await serving.ContinueWith(_ => { }, TaskScheduler.Default);
        await queue.DisposeAsync();
        foreach (FakeSandbox sandbox in sandboxes)
        {
            Assert.False(Directory.Exists(sandbox.Directory));
        }

        Directory.Delete(Folder, recursive: true);
        Assert.Empty(Faults);
    }

    private static void Annotate(JsonObject config, string type, string pod)
    {
        config["annotations"]!["io.kubernetes.cri.container-type"] = type;
        config["annotations"]!["io.kubernetes.cri.sandbox-id"] = pod;
    }

    private HostConfiguration ConfigurationOf(string? file)
    {
        Configurations.Add(file);
        return new HostConfiguration();
    }

    private async Task<CachedImage> ImageAsync(HostConfiguration configuration, RootSource root, CancellationToken cancellation)
    {
        await Task.Yield();
        return Failing.Contains("image") ? throw new HostException("the image cannot be built") : new CachedImage("/image", new byte[32], 5);
    }

    private Task<ISandbox> LaunchAsync(LaunchOptions options, CancellationToken cancellation)
    {
        if (Failing.Contains("launch"))
        {
            throw new HostException("the pVM did not start");
        }

        FakeSandbox sandbox = new(options.Directory, service) { PlugFails = Failing.Contains("plug") };
        sandboxes.Add(sandbox);
        return Task.FromResult<ISandbox>(sandbox);
    }
}
