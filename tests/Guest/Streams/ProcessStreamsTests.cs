using System.IO.Pipelines;
using System.Text;
using Pavise.Guest.Interop;
using Pavise.Guest.Streams;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;

namespace Pavise.Guest.Tests.Streams;

public sealed class ProcessStreamsTests
{
    private static readonly StdioPlan All = new(StreamTarget.Host, StreamTarget.Host, StreamTarget.Host, Terminal: false);

    [Theory]
    [InlineData(StreamTarget.None)]
    [InlineData(StreamTarget.Owner)]
    public void A_stream_that_is_not_the_hosts_cannot_be_claimed(StreamTarget target)
    {
        using ProcessStreams streams = new(new StdioPlan(target, target, target, Terminal: false), TimeProvider.System);
        Assert.All(Enum.GetValues<StandardStream>(), s => Assert.False(streams.TryClaim(s)));
    }

    [Fact]
    public void A_terminal_has_no_error_stream_and_no_size_before_it_exists()
    {
        using ProcessStreams streams = new(All with { Terminal = true }, TimeProvider.System);
        Assert.False(streams.TryClaim(StandardStream.Stderr));
        Assert.True(streams.TryClaim(StandardStream.Stdout));
        Assert.False(streams.Resize(80, 24));
    }

    [Fact]
    public async Task A_slow_reader_slows_the_writer_and_loses_nothing()
    {
        using ProcessStreams streams = new(All, TimeProvider.System);
        int pid = LinuxProcesses.Spawn(["/usr/bin/seq", "1", "100000"], [], streams.Descriptors.Stdin, streams.Descriptors.Stdout, streams.Descriptors.Stderr);
        streams.Launched(null, 0, 0);
        Assert.True(streams.TryClaim(StandardStream.Stdout));
        Pipe connection = new(new PipeOptions(pauseWriterThreshold: 4096, resumeWriterThreshold: 1024));
        MemoryStream all = new();
        Task reading = Task.Run(() => connection.Reader.CopyToAsync(all));
        await streams.ServeAsync(StandardStream.Stdout, connection.Writer.AsStream(leaveOpen: true), default);
        await connection.Writer.CompleteAsync();
        await reading;
        Assert.Equal(0, LinuxProcesses.WaitFor(pid)!.Value.Status);
        Assert.Equal(Enumerable.Range(1, 100_000).Select(i => $"{i}"), Encoding.ASCII.GetString(all.ToArray()).Split('\n')[..^1]);
    }

    [Fact]
    public async Task Input_ends_when_the_process_has()
    {
        using ProcessStreams streams = new(All, TimeProvider.System);
        streams.Launched(null, 0, 0);
        Assert.True(streams.TryClaim(StandardStream.Stdin));
        Task serving = streams.ServeAsync(StandardStream.Stdin, new Pipe().Reader.AsStream(), default);
        streams.CloseStdin();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
    }

    [Fact]
    public void Nothing_can_be_claimed_after_the_deletion()
    {
        ProcessStreams streams = new(All, TimeProvider.System);
        streams.Dispose();
        Assert.False(streams.TryClaim(StandardStream.Stdout));
    }
}
