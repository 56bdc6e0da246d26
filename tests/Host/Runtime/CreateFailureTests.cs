using System.Text.Json.Nodes;
using Pavise.Boundary.GuestApi;
using Pavise.Host.Tests.Runtime.Support;

namespace Pavise.Host.Tests.Runtime;

/// <summary>Each step of a creation is made to fail; what went before is taken back.</summary>
[Collection(nameof(Commands))]
public sealed class CreateFailureTests
{
    [Theory]
    [InlineData("launch", "the pVM did not start")]
    [InlineData("image", "the image cannot be built")]
    [InlineData("plug", "no slot is free")]
    [InlineData("process", "the host process did not start")]
    public async Task A_failing_step_of_the_host_is_told_and_leaves_nothing(string step, string message)
    {
        using Rig rig = new();
        rig.Failing.Add(step);
        Assert.Equal((1, "", message + "\n"), await rig.CreateAsync());
        Assert.Empty(rig.Leftovers());
        rig.Failing.Clear();
        Assert.Equal((0, "", ""), await rig.CreateAsync());
    }

    [Theory]
    [InlineData(nameof(IGuestService.AttachImage))]
    [InlineData(nameof(IGuestService.CreateContainer))]
    public async Task What_the_guest_refuses_is_told_and_leaves_nothing(string method)
    {
        using Rig rig = new();
        rig.Guest.Refused.Add(method);
        Assert.Equal((1, "", $"{method} is refused\n"), await rig.CreateAsync());
        Assert.Empty(rig.Leftovers());
    }

    [Fact]
    public async Task A_pid_file_that_cannot_be_written_ends_the_host_process_too()
    {
        using Rig rig = new();
        Assert.Equal(1, (await rig.CreateAsync("--pid-file", Path.Combine(rig.Folder, "no", "such", "pid"))).Status);
        Assert.Empty(rig.Leftovers());
        Assert.Equal(0, rig.RunningHostProcesses);
    }

    [Fact]
    public async Task A_start_that_the_guest_refuses_leaves_a_detached_run_without_container()
    {
        using Rig rig = new();
        rig.Guest.Refused.Add(nameof(IGuestService.StartContainer));
        rig.WriteConfig(rig.Config.ToJsonString());
        Assert.Equal(1, (await rig.RunAsync("run", "--detach", "--bundle", rig.BundleFolder, Rig.Id)).Status);
        Assert.Empty(rig.Leftovers());
        Assert.Equal(0, rig.RunningHostProcesses);
    }

    [Fact]
    public async Task An_exec_that_nobody_can_track_is_ended()
    {
        using Rig rig = new();
        await rig.StartedAsync();
        rig.Failing.Add("process");
        Assert.Equal(1, (await rig.RunAsync("exec", "--detach", Rig.Id, "ls")).Status);
        Assert.Equal((rig.Guest.Only<ExecProcessRequest>().ExecId, 9u), (rig.Guest.Only<SignalProcessRequest>().ExecId, rig.Guest.Only<SignalProcessRequest>().Signal));
    }

    [Fact]
    public async Task A_detached_exec_with_terminal_needs_a_console_socket_before_the_guest_is_asked()
    {
        using Rig rig = new();
        await rig.StartedAsync();
        Assert.Contains("--console-socket", (await rig.RunAsync("exec", "--detach", "--tty", Rig.Id, "ls")).Error, StringComparison.Ordinal);
        Assert.Empty(rig.Guest.All<ExecProcessRequest>());
    }

    [Theory]
    [InlineData("text", "level=error msg=\"the pVM did not start\"")]
    [InlineData("json", "\"level\":\"error\",\"msg\":\"the pVM did not start\"")]
    public async Task Errors_are_in_the_log_file_in_the_form_that_the_caller_named(string format, string line)
    {
        using Rig rig = new();
        rig.Failing.Add("launch");
        rig.WriteConfig(rig.Config.ToJsonString());
        string log = Path.Combine(rig.Folder, "log");
        await rig.RunAsync("--log", log, "--log-format", format, "create", "--bundle", rig.BundleFolder, Rig.Id);
        string text = await File.ReadAllTextAsync(log);
        Assert.Contains(line, text, StringComparison.Ordinal);
        if (format == "json")
        {
            Assert.NotNull(JsonNode.Parse(text)!["time"]);
        }
    }

    [Fact]
    public async Task Wanted_files_are_brought_from_the_bind_mounts_in_pieces_and_a_too_large_one_is_refused()
    {
        using Rig rig = new();
        byte[] content = new byte[Boundary.BoundaryLimits.HostFileBytes];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(rig.BundleFolder, "hosts"), content);
        rig.Config["mounts"] = new JsonArray(new JsonObject { ["destination"] = "/etc/hosts", ["type"] = "bind", ["source"] = "hosts" });
        rig.Guest.Wanted.Add(new WantedFile { Mount = "/etc/hosts", MaxBytes = (ulong)content.Length });
        Assert.Equal((0, "", ""), await rig.CreateAsync());
        IReadOnlyList<PutFileRequest> pieces = rig.Guest.All<PutFileRequest>();
        Assert.Equal(content, pieces.SelectMany(p => p.Data.ToByteArray()));
        Assert.True(pieces[^1].Last);
        Assert.DoesNotContain(pieces.SkipLast(1), p => p.Last);
        Assert.All(pieces, p => Assert.InRange(p.Data.Length, 1, Boundary.BoundaryLimits.PutFileBytes));

        await rig.RunAsync("delete", "--force", Rig.Id);
        rig.Guest.Wanted[0].MaxBytes--;
        Assert.Contains("the policy accepts", (await rig.CreateAsync()).Error, StringComparison.Ordinal);
        Assert.Empty(rig.Leftovers());
    }
}
