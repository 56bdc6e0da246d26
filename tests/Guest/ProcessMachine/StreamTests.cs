using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;

namespace Pavise.Guest.Tests.ProcessMachine;

/// <summary>Standard streams and terminals through the stream port.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task Input_flows_until_the_host_half_closes()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/cat"));
        await using NetworkStream input = await sandbox.OpenAsync(StreamKind.Stdin, "c");
        Task<string> output = sandbox.ReadAllAsync(StreamKind.Stdout, "c");
        await sandbox.StartAsync("c");
        await input.WriteAsync("one\ntwo\n"u8.ToArray());
        input.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("one\ntwo\n", await output);
        Assert.Equal(0u, await sandbox.WaitAsync("c"));
    }

    [Fact]
    public async Task CloseStdin_ends_input_after_what_is_under_way()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/cat"));
        await using NetworkStream input = await sandbox.OpenAsync(StreamKind.Stdin, "c");
        Task<string> output = sandbox.ReadAllAsync(StreamKind.Stdout, "c");
        await sandbox.StartAsync("c");
        byte[] much = Encoding.ASCII.GetBytes(new string('x', 1_000_000));
        await input.WriteAsync(much);
        await sandbox.Client.CloseStdinAsync(new CloseStdinRequest { ContainerId = "c" }, default);
        Assert.Equal(much.Length, (await output).Length);
    }

    [Fact]
    public async Task Input_that_nobody_opened_can_be_closed()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/cat"));
        await sandbox.StartAsync("c");
        await sandbox.Client.CloseStdinAsync(new CloseStdinRequest { ContainerId = "c" }, default);
        Assert.Equal(0u, await sandbox.WaitAsync("c"));
    }

    [Fact]
    public async Task Output_waits_for_its_reader_and_outlives_the_process()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/echo", "late"));
        await sandbox.StartAsync("c");
        await sandbox.WaitAsync("c");
        Assert.Equal("late\n", await sandbox.ReadAllAsync(StreamKind.Stdout, "c"));
    }

    [Fact]
    public async Task Output_larger_than_any_buffer_arrives_whole()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        (string output, _) = await sandbox.RunAsync("c", Specs.Container("/bin/seq", "1", "300000"));
        Assert.Equal(300_000, output.Count(c => c == '\n'));
        Assert.EndsWith("\n300000\n", output);
    }

    [Fact]
    public async Task Output_being_read_survives_the_deletion()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/seq", "1", "2000"));
        await using NetworkStream output = await sandbox.OpenAsync(StreamKind.Stdout, "c");
        await sandbox.StartAsync("c");
        await sandbox.WaitAsync("c");
        await sandbox.DeleteAsync("c");
        MemoryStream all = new();
        await output.CopyToAsync(all);
        Assert.EndsWith("\n2000\n", Encoding.ASCII.GetString(all.ToArray()));
    }

    [Fact]
    public async Task A_stream_is_opened_once()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/true"));
        await using NetworkStream first = await sandbox.OpenAsync(StreamKind.Stdout, "c");
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => sandbox.OpenAsync(StreamKind.Stdout, "c"));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => sandbox.OpenAsync(StreamKind.Stdout, "nobody"));
    }

    [Fact]
    public async Task A_reader_that_leaves_does_not_end_the_process()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/sh", "-c", "seq 1 200000; exit 4"));
        (await sandbox.OpenAsync(StreamKind.Stdout, "c")).Dispose();
        await sandbox.StartAsync("c");
        Assert.Equal(4u, await sandbox.WaitAsync("c"));
    }

    [Fact]
    public async Task A_terminal_shows_what_is_typed_and_has_the_size_that_was_set()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Terminal("/bin/sh", "-c", "stty size; read line; echo got $line; read line; stty size"));
        await using NetworkStream output = await sandbox.OpenAsync(StreamKind.Stdout, "c");
        await using NetworkStream input = await sandbox.OpenAsync(StreamKind.Stdin, "c");
        using StreamReader lines = new(output);
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => sandbox.OpenAsync(StreamKind.Stderr, "c"));
        await sandbox.StartAsync("c");
        Assert.Equal("24 80", await lines.ReadLineAsync());
        await input.WriteAsync("abc\n"u8.ToArray());
        Assert.Equal("abc", await lines.ReadLineAsync());
        Assert.Equal("got abc", await lines.ReadLineAsync());
        await sandbox.Client.ResizeTerminalAsync(new ResizeTerminalRequest { ContainerId = "c", Columns = 132, Rows = 43 }, default);
        await input.WriteAsync("\n"u8.ToArray());
        Assert.Equal("", await lines.ReadLineAsync());
        Assert.Equal("43 132", await lines.ReadLineAsync());
        Assert.Null(await lines.ReadLineAsync());
        Assert.Equal(0u, await sandbox.WaitAsync("c"));
    }

    [Fact]
    public async Task An_exec_may_have_a_terminal_too()
    {
        await using Sandbox sandbox = await Sandbox.StartUnshieldedAsync();
        await sandbox.CreateAsync("c", Specs.Container("/bin/sleep", "1000"));
        await sandbox.StartAsync("c");
        JsonObject process = Specs.Process("/bin/sh", "-c", "test -t 0 && echo terminal");
        process["terminal"] = true;
        await sandbox.ExecAsync("c", "e", process.ToJsonString());
        Assert.Equal("terminal\r\n", await sandbox.ReadAllAsync(StreamKind.Stdout, "c", "e"));
    }

    private static string Terminal(params string[] args) => Specs.Container(args, s =>
    {
        s["process"]!["terminal"] = true;
        s["process"]!["consoleSize"] = new JsonObject { ["height"] = 24, ["width"] = 80 };
    });
}
