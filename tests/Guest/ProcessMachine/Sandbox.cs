using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Guest.Tests.ProcessMachine;

/// <summary>The real pavise-guest as PID 1 of fresh namespaces, with a bound policy (or unshielded) and the test image attached.</summary>
internal sealed class Sandbox : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly SimulatedProcessor processor;
    private readonly Process process;
    private readonly CancellationTokenSource over = new(TimeSpan.FromSeconds(120));

    private Sandbox(string directory, SimulatedProcessor processor, Process process, GuestClient client, byte[] rootHash, byte[] policy) =>
        (Directory, this.processor, this.process, Client, RootHash, Policy) = (directory, processor, process, client, rootHash, policy);

    public string Directory { get; }

    public GuestClient Client { get; }

    /// <summary>The guest's number on this machine: unshare's only child.</summary>
    public int GuestPid => int.Parse(File.ReadAllText($"/proc/{process.Id}/task/{process.Id}/children").Trim());

    public byte[] RootHash { get; }

    /// <summary>The bound policy; empty when unshielded.</summary>
    public byte[] Policy { get; }

    public CancellationToken Over => over.Token;

    public static void SkipUnlessPossible() =>
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/bin/crun") && File.Exists("/bin/busybox") && File.Exists("/usr/bin/unshare"), "needs root, crun, busybox-static, unshare");

    public static Task<Sandbox> StartUnshieldedAsync() => StartAsync([]);

    public static async Task<Sandbox> StartAsync(byte[] policy)
    {
        SkipUnlessPossible();
        string directory = System.IO.Directory.CreateTempSubdirectory("pvg-").FullName;
        (string image, Pavise.Images.RootImageInfo info) = await TestImage.GetAsync();
        System.IO.Directory.CreateDirectory(Path.Combine(directory, "images"));
        File.CreateSymbolicLink(Path.Combine(directory, "images", "0"), image);
        SimulatedProcessor processor = new(directory, policy);
        ProcessStartInfo start = new("/usr/bin/unshare", ["--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts", "--net", "--cgroup", Path.Combine(AppContext.BaseDirectory, "pavise-guest"), "--process-machine", "--directory", directory]);
        Process process = Process.Start(start)!;
        GuestClient client = new(new TtrpcClient(await ConnectAsync(directory, BoundaryPorts.Control)));
        await client.BindAsync(new BindRequest { ApiVersion = 1, Policy = ByteString.CopyFrom(policy), Unshielded = policy.Length == 0 }, default);
        byte[] hash = Convert.FromHexString(info.RootHashHex);
        await client.AttachImageAsync(new AttachImageRequest { Slot = 0, RootHash = ByteString.CopyFrom(hash), DataBlocks = info.DataBlocks }, default);
        return new Sandbox(directory, processor, process, client, hash, policy);
    }

    public Task<CreateContainerResponse> CreateAsync(string id, string spec, string name = "") =>
        Client.CreateContainerAsync(new CreateContainerRequest { ContainerId = id, Name = name, Spec = ByteString.CopyFromUtf8(spec), RootHash = ByteString.CopyFrom(RootHash) }, Over);

    public Task<StartContainerResponse> StartAsync(string id) => Client.StartContainerAsync(new StartContainerRequest { ContainerId = id }, Over);

    public Task<ExecProcessResponse> ExecAsync(string id, string execId, string process) =>
        Client.ExecProcessAsync(new ExecProcessRequest { ContainerId = id, ExecId = execId, Process = ByteString.CopyFromUtf8(process) }, Over);

    public Task PutAsync(string id, string mount, string name, string content) =>
        Client.PutFileAsync(new PutFileRequest { ContainerId = id, Mount = mount, Name = name, Data = ByteString.CopyFromUtf8(content), Last = true }, Over);

    public async Task<uint> WaitAsync(string id, string execId = "") =>
        (await Client.WaitProcessAsync(new WaitProcessRequest { ContainerId = id, ExecId = execId }, Over)).ExitStatus;

    public Task SignalAsync(string id, uint signal, string execId = "", bool all = false) =>
        Client.SignalProcessAsync(new SignalProcessRequest { ContainerId = id, ExecId = execId, Signal = signal, All = all }, Over);

    public Task<DeleteContainerResponse> DeleteAsync(string id, string execId = "", bool force = false) =>
        Client.DeleteContainerAsync(new DeleteContainerRequest { ContainerId = id, ExecId = execId, Force = force }, Over);

    /// <summary>Opens one stream; an exception carries the refusal.</summary>
    public async Task<NetworkStream> OpenAsync(StreamKind kind, string id, string execId = "")
    {
        NetworkStream stream = await ConnectAsync(Directory, BoundaryPorts.Stream);
        await new StreamHeader(kind, id, execId).WriteAsync(stream, Over);
        StreamAnswer answer = await StreamAnswer.ReadAsync(stream, Over);
        return answer.IsOpen ? stream : throw new UnauthorizedAccessException(answer.Refusal);
    }

    /// <summary>Everything a stream carries until its end.</summary>
    public async Task<string> ReadAllAsync(StreamKind kind, string id, string execId = "")
    {
        await using NetworkStream stream = await OpenAsync(kind, id, execId);
        MemoryStream all = new();
        await stream.CopyToAsync(all, Over);
        return Encoding.UTF8.GetString(all.ToArray());
    }

    /// <summary>Creates, starts, reads stdout, waits.</summary>
    public async Task<(string Output, uint Status)> RunAsync(string id, string spec, string name = "")
    {
        await CreateAsync(id, spec, name);
        Task<string> output = ReadAllAsync(StreamKind.Stdout, id);
        await StartAsync(id);
        uint status = await WaitAsync(id);
        return (await output, status);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Client.ShutdownAsync(new ShutdownRequest { GraceMs = 0 }, default).WaitAsync(Patience);
        }
        catch (Exception e) when (e is IOException or TtrpcException or TimeoutException)
        {
        }

        try
        {
            await process.WaitForExitAsync(new CancellationTokenSource(Patience).Token);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            await Client.DisposeAsync();
            processor.Dispose();
            process.Dispose();
            over.Dispose();
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }

    private static async Task<NetworkStream> ConnectAsync(string directory, uint port)
    {
        UnixDomainSocketEndPoint address = new(Path.Combine(directory, BoundaryPorts.GuestSocketName(port)));
        for (int i = 0; ; i++)
        {
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(address);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException) when (i < 500)
            {
                socket.Dispose();
                await Task.Delay(10);
            }
        }
    }
}
