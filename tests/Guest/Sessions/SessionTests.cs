using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Pavise.Boundary;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Tests.ProcessMachine;
using Pavise.Session.Protocol;
using Request = Pavise.Session.Protocol.Request;

namespace Pavise.Guest.Tests.Sessions;

/// <summary>Owner sessions with the real guest, through an exec as every engine makes it.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task An_owner_runs_what_it_likes_and_the_host_hears_nothing_of_it()
    {
        await using OwnerScene scene = await OwnerScene.StartAsync();
        await scene.Sandbox.StartAsync("c");
        await using SessionClient session = await scene.ConnectAsync();
        Assert.Equal("alice", session.Welcome.Owner);
        Assert.Equal("main", Assert.Single(session.Welcome.Containers).Name);
        (string output, string error, Done done) = await OwnerScene.ExecAsync(session, new ExecRequest { Args = { "sh", "-c", "id -u; pwd; echo $X; echo bad >&2; exit 7" }, Env = { "X=y" } }, scene.Over);
        Assert.Equal("999\n/data\ny\n", output);
        Assert.Equal("bad\n", error);
        Assert.Equal(7u, done.ExitStatus);

        // Another in the same session, and the events that the host has heard of.
        Assert.Equal("two\n", (await OwnerScene.ExecAsync(session, new ExecRequest { Args = { "echo", "two" } }, scene.Over)).Output);
        Boundary.GuestApi.SubscribeEventsResponse events = await scene.Sandbox.Client.SubscribeEventsAsync(new Boundary.GuestApi.SubscribeEventsRequest(), scene.Over);
        Assert.All(events.Events, e => Assert.Contains(e.ExecId, (string[])["", "s1"]));
        await session.EndAsync();
        await session.DisposeAsync();
        Assert.Equal(0u, await scene.Sandbox.WaitAsync("c", "s1"));
        await scene.Sandbox.DeleteAsync("c", "s1");
    }

    [Fact]
    public async Task Input_signals_and_a_terminal_reach_the_owners_process()
    {
        await using OwnerScene scene = await OwnerScene.StartAsync();
        await scene.Sandbox.StartAsync("c");
        await using SessionClient session = await scene.ConnectAsync();

        // More than the window holds, in one process; the credit says when to go on.
        byte[] sent = RandomNumberGenerator.GetBytes(900_000);
        await session.BeginAsync(new Request { Exec = new ExecRequest { Args = { "sh", "-c", "md5sum" }, Stdin = true } }, scene.Over);
        long room = 0;
        for (int at = 0; at < sent.Length;)
        {
            while (room <= 0)
            {
                ServerFrame frame = await session.ReadAsync(scene.Over);
                Assert.Null(frame.Done);
                room += frame.Credit;
            }

            int piece = (int)Math.Min(Math.Min(room, 50_000), sent.Length - at);
            await session.SendAsync(new ClientFrame { Data = ByteString.CopyFrom(sent, at, piece) }, scene.Over);
            at += piece;
            room -= piece;
        }

        await session.SendAsync(new ClientFrame { End = new Empty() }, scene.Over);
        Assert.StartsWith(Convert.ToHexStringLower(MD5.HashData(sent)), (await OwnerScene.CollectAsync(session, scene.Over)).Output, StringComparison.Ordinal);

        await session.BeginAsync(new Request { Exec = new ExecRequest { Args = { "sleep", "100" } } }, scene.Over);
        await session.SendAsync(new ClientFrame { Signal = 15 }, scene.Over);
        Assert.Equal(143u, (await OwnerScene.CollectAsync(session, scene.Over)).Done.ExitStatus);

        await session.BeginAsync(new Request { Exec = new ExecRequest { Args = { "sh", "-c", "stty size; read x; stty size; echo got $x" }, Stdin = true, Terminal = true, Columns = 80, Rows = 24 } }, scene.Over);
        StringBuilder shown = new();
        while (!shown.ToString().Contains("24 80", StringComparison.Ordinal))
        {
            shown.Append((await session.ReadAsync(scene.Over)).Output?.Data.ToStringUtf8());
        }

        await session.SendAsync(new ClientFrame { Resize = new Resize { Columns = 132, Rows = 50 } }, scene.Over);
        await session.SendAsync(new ClientFrame { Data = ByteString.CopyFromUtf8("typed\n") }, scene.Over);
        string rest = (await OwnerScene.CollectAsync(session, scene.Over)).Output;
        Assert.Contains("50 132", rest, StringComparison.Ordinal);
        Assert.Contains("got typed", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_are_the_owners_where_the_host_gets_none()
    {
        await using OwnerScene scene = await OwnerScene.StartAsync("echo one; echo two; echo bad >&2; read x; echo got $x; exec sleep 1000", new() { ["stdin"] = "owner", ["stdout"] = "none", ["stderr"] = "none" });
        await scene.Sandbox.StartAsync("c");
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => scene.Sandbox.OpenAsync(StreamKind.Stdout, "c"));
        await using SessionClient session = await scene.ConnectAsync();
        await session.BeginAsync(new Request { Logs = new LogsRequest { Follow = true } }, scene.Over);
        StringBuilder read = new();
        while (read.Length < "one\ntwo\nbad\n".Length)
        {
            read.Append((await session.ReadAsync(scene.Over)).Output.Data.ToStringUtf8());
        }

        Assert.Equal("one two bad", string.Join(' ', read.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).Reverse().OrderBy(l => l == "bad")).Replace("two one", "one two", StringComparison.Ordinal));
        await using SessionClient attached = await scene.ConnectAsync();
        await attached.BeginAsync(new Request { Attach = new Empty() }, scene.Over);
        await attached.SendAsync(new ClientFrame { Data = ByteString.CopyFromUtf8("input\n") }, scene.Over);
        ServerFrame frame;
        do
        {
            frame = await attached.ReadAsync(scene.Over);
        }
        while (frame.Output is null);
        Assert.Equal("got input\n", frame.Output.Data.ToStringUtf8());
        await using SessionClient tail = await scene.ConnectAsync();
        await tail.BeginAsync(new Request { Logs = new LogsRequest { HasTail = true, Tail = 1 } }, scene.Over);
        Assert.Equal("got input\n", (await OwnerScene.CollectAsync(tail, scene.Over)).Output);
    }

    [Fact]
    public async Task Files_are_copied_in_and_out_as_the_container_sees_them_and_no_path_leads_out()
    {
        await using OwnerScene scene = await OwnerScene.StartAsync("ln -s / /data/out; exec sleep 1000");
        await scene.Sandbox.StartAsync("c");
        await using SessionClient session = await scene.ConnectAsync();
        byte[] content = RandomNumberGenerator.GetBytes(3_000_000);
        Assert.Equal("", (await CopyInAsync(session, "/data", scene.Over, new PaxTarEntry(TarEntryType.RegularFile, "a/b.bin") { DataStream = new MemoryStream(content), Mode = UnixFileMode.UserRead })).Error);
        (string listed, _, _) = await OwnerScene.ExecAsync(session, new ExecRequest { Args = { "sh", "-c", "ls -ln /data/a | tail -1; md5sum < /data/a/b.bin" } }, scene.Over);
        Assert.StartsWith("-r--------", listed, StringComparison.Ordinal);
        Assert.Contains(" 999 ", listed, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(MD5.HashData(content)), listed, StringComparison.Ordinal);

        await session.BeginAsync(new Request { CopyOut = "/data/a" }, scene.Over);
        MemoryStream archive = new();
        ServerFrame frame;
        while ((frame = await session.ReadAsync(scene.Over)).Done is null)
        {
            frame.Output.Data.WriteTo(archive);
        }

        Assert.Equal((ulong)content.Length, frame.Done.Bytes);
        archive.Position = 0;
        using TarReader tar = new(archive);
        Assert.Equal("a/", tar.GetNextEntry()!.Name);
        TarEntry file = tar.GetNextEntry(copyData: true)!;
        Assert.Equal("a/b.bin", file.Name);
        MemoryStream copied = new();
        await file.DataStream!.CopyToAsync(copied, scene.Over);
        Assert.Equal(content, copied.ToArray());

        // A link to the container's root leads to the container's root, whatever the guest's is; the image is read-only for owners too.
        Assert.Equal("", (await CopyInAsync(session, "/data/out/data", scene.Over, new PaxTarEntry(TarEntryType.RegularFile, "here") { DataStream = new MemoryStream([1]) })).Error);
        Assert.Equal("here\n", (await OwnerScene.ExecAsync(session, new ExecRequest { Args = { "ls", "/data/here" } }, scene.Over)).Output.Replace("/data/", "", StringComparison.Ordinal));
        Assert.Contains("ead-only", (await CopyInAsync(session, "/bin", scene.Over, new PaxTarEntry(TarEntryType.RegularFile, "evil") { DataStream = new MemoryStream([1]) })).Error, StringComparison.Ordinal);
        foreach (string name in (string[])["../x", "/x", "a/../../x"])
        {
            Assert.Contains("leaves the folder", (await CopyInAsync(session, "/data", scene.Over, new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1]) })).Error, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<SessionRefusedException>(() => session.BeginAsync(new Request { CopyOut = "/data/../../etc" }, scene.Over));
        await session.BeginAsync(new Request { CopyOut = "/data/out/run" }, scene.Over);
        Assert.NotEqual("", (await OwnerScene.CollectAsync(session, scene.Over)).Done.Error);
    }

    [Fact]
    public async Task A_port_of_the_container_processes_statistics_and_the_audit_are_reached()
    {
        await using OwnerScene scene = await OwnerScene.StartAsync("while :; do nc -l -p 8080 -e cat; done");
        await scene.Sandbox.StartAsync("c");
        await using SessionClient session = await scene.ConnectAsync();
        Assert.Equal("", (await OwnerScene.ExecAsync(session, new ExecRequest { Args = { "sh", "-c", "until nc 127.0.0.1 8080 </dev/null 2>/dev/null; do :; done" } }, scene.Over)).Done.Error);
        await session.BeginAsync(new Request { Forward = 8080 }, scene.Over);
        await session.SendAsync(new ClientFrame { Data = ByteString.CopyFromUtf8("through") }, scene.Over);
        Assert.Equal("through", (await session.ReadAsync(scene.Over)).Output.Data.ToStringUtf8());
        await session.SendAsync(new ClientFrame { End = new Empty() }, scene.Over);
        Assert.Equal("", (await OwnerScene.CollectAsync(session, scene.Over)).Done.Error);
        await session.BeginAsync(new Request { Forward = 8081 }, scene.Over);
        Assert.Contains("nothing answers", (await OwnerScene.CollectAsync(session, scene.Over)).Done.Error, StringComparison.Ordinal);

        await session.BeginAsync(new Request { Ps = new Empty() }, scene.Over);
        Assert.Contains((await session.ReadAsync(scene.Over)).Processes.Processes, p => p is { Command: "sh", Uid: 999 });
        Assert.Equal("", (await OwnerScene.CollectAsync(session, scene.Over)).Done.Error);
        await session.BeginAsync(new Request { Stats = new Empty() }, scene.Over);
        Assert.NotNull((await session.ReadAsync(scene.Over)).Stats);
        Assert.Equal("", (await OwnerScene.CollectAsync(session, scene.Over)).Done.Error);

        TtrpcException refused = await Assert.ThrowsAsync<TtrpcException>(() => scene.Sandbox.ExecAsync("c", "e", Specs.Process("id").ToJsonString()));
        string id = refused.Message.Split(' ')[^1];
        await session.BeginAsync(new Request { Audit = new AuditRequest { Id = id } }, scene.Over);
        AuditRecord record = Assert.Single((await session.ReadAsync(scene.Over)).Audit.Entries);
        Assert.Equal("containers[main].exec", record.Rule);
        Assert.False(record.Permitted);
        Assert.Equal("", (await OwnerScene.CollectAsync(session, scene.Over)).Done.Error);
    }

    [Fact]
    public async Task An_owner_without_the_verb_is_refused_with_the_reason_and_it_stands_in_the_audit()
    {
        await using OwnerScene scene = await OwnerScene.StartAsync(may: ["audit"]);
        await scene.Sandbox.StartAsync("c");
        await using SessionClient session = await scene.ConnectAsync();
        SessionRefusedException refused = await Assert.ThrowsAsync<SessionRefusedException>(() => session.BeginAsync(new Request { Exec = new ExecRequest { Args = { "id" } } }, scene.Over));
        Assert.Equal("owners[alice].may", refused.Refusal.Rule);
        await session.BeginAsync(new Request { Audit = new AuditRequest { Id = refused.Refusal.Decision } }, scene.Over);
        AuditRecord record = Assert.Single((await session.ReadAsync(scene.Over)).Audit.Entries);
        Assert.Equal(("OwnerExec", false), (record.Point, record.Permitted));
    }

    [Fact]
    public async Task An_unknown_key_hears_nothing_but_that_and_stands_in_the_audit()
    {
        await using OwnerScene scene = await OwnerScene.StartAsync();
        await scene.Sandbox.StartAsync("c");
        using ECDsa stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SessionRefusedException refused = await Assert.ThrowsAsync<SessionRefusedException>(() => scene.ConnectAsync(stranger));
        Assert.Equal("owners", refused.Refusal.Rule);
        await using SessionClient session = await scene.ConnectAsync();
        await session.BeginAsync(new Request { Audit = new AuditRequest() }, scene.Over);
        AuditPage page = (await session.ReadAsync(scene.Over)).Audit;
        Assert.Contains(page.Entries, e => e is { Point: "OpenSession", Permitted: false, Rule: "owners" });
    }

    [Fact]
    public async Task A_session_is_an_exec_that_the_host_may_end_and_whose_end_ends_what_runs()
    {
        await using OwnerScene scene = await OwnerScene.StartAsync();
        await scene.Sandbox.StartAsync("c");
        await using SessionClient session = await scene.ConnectAsync();
        await session.BeginAsync(new Request { Exec = new ExecRequest { Args = { "sleep", "1234" } } }, scene.Over);
        await scene.Sandbox.SignalAsync("c", 2, "s1");
        Assert.Equal(1u, await scene.Sandbox.WaitAsync("c", "s1"));
        await Assert.ThrowsAsync<SessionException>(() => OwnerScene.CollectAsync(session, scene.Over));
        await using SessionClient other = await scene.ConnectAsync();
        await other.BeginAsync(new Request { Ps = new Empty() }, scene.Over);
        Assert.DoesNotContain((await other.ReadAsync(scene.Over)).Processes.Processes.Select(p => p.Pid), p => File.Exists($"/proc/{p}/cmdline") && File.ReadAllText($"/proc/{p}/cmdline").Contains("1234", StringComparison.Ordinal));
        await scene.Sandbox.SignalAsync("c", 9);
        await scene.Sandbox.WaitAsync("c");
        await scene.Sandbox.DeleteAsync("c");
    }

    [Fact]
    public async Task Twenty_sessions_work_at_once_beside_silent_ones()
    {
        await using OwnerScene scene = await OwnerScene.StartAsync();
        await scene.Sandbox.StartAsync("c");
        Stream[] silent = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => scene.CarrierAsync()));
        string[] outputs = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            await using SessionClient session = await scene.ConnectAsync();
            return (await OwnerScene.ExecAsync(session, new ExecRequest { Args = { "echo", $"{i}" } }, scene.Over)).Output;
        }));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}\n"), outputs);
        foreach (Stream s in silent)
        {
            await s.DisposeAsync();
        }
    }

    private static async Task<Done> CopyInAsync(SessionClient session, string folder, CancellationToken cancellation, params PaxTarEntry[] entries)
    {
        MemoryStream archive = new();
        await using (TarWriter tar = new(archive, leaveOpen: true))
        {
            foreach (PaxTarEntry entry in entries)
            {
                await tar.WriteEntryAsync(entry, cancellation);
            }
        }

        await session.BeginAsync(new Request { CopyIn = folder }, cancellation);
        foreach (byte[] piece in archive.ToArray().Chunk(60_000))
        {
            await session.SendAsync(new ClientFrame { Data = ByteString.CopyFrom(piece) }, cancellation);
        }

        await session.SendAsync(new ClientFrame { End = new Empty() }, cancellation);
        return (await OwnerScene.CollectAsync(session, cancellation)).Done;
    }
}
