using System.Diagnostics;
using System.Net.Sockets;
using Google.Protobuf;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Guest.Tests.ProcessMachine;

/// <summary>The first exchange with the real guest.</summary>
public sealed class BindTests : IAsyncDisposable
{
    /// <summary>Status with which a guest ends that must not go on.</summary>
    private const int FatalStatus = 70;

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("pvb-");
    private readonly CancellationTokenSource over = new(TimeSpan.FromSeconds(60));
    private readonly List<IDisposable> open = [];
    private Process? guest;

    public async ValueTask DisposeAsync()
    {
        if (guest is { HasExited: false })
        {
            guest.Kill();
            await guest.WaitForExitAsync();
        }

        open.ForEach(o => o.Dispose());
        guest?.Dispose();
        over.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_policy_that_the_launch_does_not_bind_ends_the_guest()
    {
        GuestClient client = await StartAsync(launched: "the owner's policy"u8.ToArray());
        Task<BindResponse> binding = client.BindAsync(new BindRequest { ApiVersion = 1, Policy = ByteString.CopyFromUtf8("another policy") }, over.Token);
        await guest!.WaitForExitAsync(over.Token);
        Assert.Equal(FatalStatus, guest.ExitCode);
        await Assert.ThrowsAsync<TtrpcException>(() => binding);
    }

    [Fact]
    public async Task Unshielded_is_refused_fatally_where_the_launch_binds_a_policy()
    {
        GuestClient client = await StartAsync(launched: "the owner's policy"u8.ToArray());
        _ = client.BindAsync(new BindRequest { ApiVersion = 1, Unshielded = true }, over.Token);
        await guest!.WaitForExitAsync(over.Token);
        Assert.Equal(FatalStatus, guest.ExitCode);
    }

    [Fact]
    public async Task Before_Bind_calls_are_refused_and_the_stream_port_closes_at_once()
    {
        GuestClient client = await StartAsync(launched: []);
        TtrpcException refused = await Assert.ThrowsAsync<TtrpcException>(() => client.ShutdownAsync(new ShutdownRequest(), over.Token));
        Assert.Equal(TtrpcStatus.FailedPrecondition, refused.Status);
        refused = await Assert.ThrowsAsync<TtrpcException>(() => client.PutFileAsync(new PutFileRequest { ContainerId = "c1", Mount = "/etc/hosts" }, over.Token));
        Assert.Equal(TtrpcStatus.FailedPrecondition, refused.Status);
        await using NetworkStream stream = await ConnectAsync(BoundaryPorts.Stream);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], over.Token));
    }

    [Fact]
    public async Task A_second_Bind_is_refused_and_changes_nothing()
    {
        GuestClient client = await StartAsync(launched: []);
        Assert.False((await client.BindAsync(new BindRequest { ApiVersion = 1, Unshielded = true }, over.Token)).Shielded);
        TtrpcException refused = await Assert.ThrowsAsync<TtrpcException>(() => client.BindAsync(new BindRequest { ApiVersion = 1, Policy = ByteString.CopyFromUtf8("x") }, over.Token));
        Assert.Equal(TtrpcStatus.FailedPrecondition, refused.Status);
        Assert.False(guest!.HasExited);
    }

    [Fact]
    public async Task A_host_that_gives_no_evidence_opens_nothing_and_may_be_asked_again()
    {
        GuestClient client = await StartAsync(launched: null);
        TtrpcException refused = await Assert.ThrowsAsync<TtrpcException>(() => client.BindAsync(new BindRequest { ApiVersion = 1, Unshielded = true }, over.Token));
        Assert.Equal(TtrpcStatus.Unavailable, refused.Status);
        open.Add(new SimulatedProcessor(directory.FullName, []));
        await client.BindAsync(new BindRequest { ApiVersion = 1, Unshielded = true }, over.Token);
    }

    [Fact]
    public async Task Shutdown_ends_the_guest_with_status_0()
    {
        GuestClient client = await StartAsync(launched: []);
        await client.BindAsync(new BindRequest { ApiVersion = 1, Unshielded = true }, over.Token);
        await client.ShutdownAsync(new ShutdownRequest(), over.Token);
        await guest!.WaitForExitAsync(over.Token);
        Assert.Equal(0, guest.ExitCode);
    }

    private async Task<GuestClient> StartAsync(byte[]? launched)
    {
        Sandbox.SkipUnlessPossible();
        directory.CreateSubdirectory("images");
        if (launched is not null)
        {
            open.Add(new SimulatedProcessor(directory.FullName, launched));
        }

        guest = Process.Start(new ProcessStartInfo("/usr/bin/unshare", ["--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts", "--net", "--cgroup", Path.Combine(AppContext.BaseDirectory, "pavise-guest"), "--process-machine", "--directory", directory.FullName]))!;
        return new GuestClient(new TtrpcClient(await ConnectAsync(BoundaryPorts.Control)));
    }

    private async Task<NetworkStream> ConnectAsync(uint port)
    {
        while (true)
        {
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(directory.FullName, BoundaryPorts.GuestSocketName(port))), over.Token);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException)
            {
                socket.Dispose();
                await Task.Delay(20, over.Token);
            }
        }
    }
}
