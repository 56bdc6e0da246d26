using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Pavise.Boundary.GuestApi;
using Pavise.Host.Interop;
using Pavise.Host.Runtime.Containers;
using Pavise.Host.Runtime.Processes;
using Pavise.Host.Tests.Runtime.Support;

namespace Pavise.Host.Tests.Runtime;

[Collection(nameof(Commands))]
public sealed class HostProcessTests
{
    [Fact]
    public async Task An_engine_gets_the_master_of_a_real_terminal_and_reads_the_processs_output_from_it()
    {
        using Rig rig = new();
        await rig.StartedAsync();
        string path = Path.Combine(rig.Folder, "console");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        ContainerStore store = new(rig.State);
        ProcessTarget target = new(Rig.Id, "", store.SandboxFolder(Rig.Id), Stdin: true, Stdout: true, Stderr: false, Terminal: true, path);
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> process = new HostProcess(store, target, TimeProvider.System).RunAsync(ready.SetResult, TestContext.Current.CancellationToken);

        using Socket connection = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        List<SafeFileHandle> descriptors = [];
        byte[] name = new byte[64];
        int length = DescriptorSocket.Receive(connection.SafeHandle, name, descriptors);
        Assert.Equal("/dev/ptmx", Encoding.UTF8.GetString(name, 0, length));
        using SafeFileHandle master = Assert.Single(descriptors);
        Assert.True(NativeTerminals.IsTerminal(master));
        await ready.Task;
        byte[] output = new byte[64];
        using FileStream terminal = new(master, FileAccess.ReadWrite, bufferSize: 0);
        Assert.StartsWith("Stdout", Encoding.UTF8.GetString(output, 0, terminal.Read(output)), StringComparison.Ordinal);
        rig.Guest.End(5);
        Assert.Equal(5, await process);
        Assert.Equal(5, store.ReadExit(Rig.Id)!.Status);
    }

    [Fact]
    public async Task A_console_socket_that_nobody_listens_on_is_named()
    {
        using Rig rig = new();
        await rig.StartedAsync();
        ProcessTarget target = new(Rig.Id, "", new ContainerStore(rig.State).SandboxFolder(Rig.Id), false, true, false, Terminal: true, Path.Combine(rig.Folder, "absent"));
        HostException e = await Assert.ThrowsAsync<HostException>(() => new HostProcess(new ContainerStore(rig.State), target, TimeProvider.System).RunAsync(() => { }, TestContext.Current.CancellationToken));
        Assert.Contains("console socket", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pVM_that_goes_away_ends_the_host_process_as_killed_and_says_so_in_the_state()
    {
        using Rig rig = new();
        await rig.StartedAsync();
        ContainerStore store = new(rig.State);
        ProcessTarget target = new(Rig.Id, "", store.SandboxFolder(Rig.Id), false, false, false, false, "");
        rig.Guest.Refused.Add(nameof(IGuestService.WaitProcess));
        Assert.Equal(137, await new HostProcess(store, target, TimeProvider.System).RunAsync(() => { }, TestContext.Current.CancellationToken));
        Assert.Contains("the pVM is gone", store.ReadExit(Rig.Id)!.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_survives_the_way_through_the_command_line()
    {
        ProcessTarget target = new("c", "", "/s", Stdin: true, Stdout: false, Stderr: true, Terminal: false, "");
        Assert.Equal(target, ProcessTarget.FromArguments(target.ToArguments()));
        Assert.Throws<HostException>(() => ProcessTarget.FromArguments(["c"]));
    }
}
