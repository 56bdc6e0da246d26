using System.Diagnostics;
using System.Text;
using Pavise.Host.Shim.Streams;

namespace Pavise.Host.Tests.Shim;

/// <summary>Output and input through containerd's named pipes, whose readers and writers come, go and stall.</summary>
public sealed class FifoTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly string folder = Directory.CreateTempSubdirectory("pavise-fifo-").FullName;
    private readonly string path;

    public FifoTests()
    {
        path = Path.Combine(folder, "fifo");
        using Process mkfifo = Process.Start("mkfifo", [path]);
        mkfifo.WaitForExit();
        Assert.Equal(0, mkfifo.ExitCode);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_reader_gets_everything_and_then_the_end()
    {
        Task<string> reader = ReadAllAsync();
        using FifoOutput output = new(path, TimeProvider.System);
        byte[] much = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{i}\n")));
        await output.WriteAsync(much).WaitAsync(Limit);
        output.Complete();
        Assert.Equal(Encoding.UTF8.GetString(much), await reader.WaitAsync(Limit));
    }

    [Fact]
    public async Task A_reader_that_comes_after_the_end_still_gets_the_last_words_and_the_end()
    {
        FifoOutput output = new(path, TimeProvider.System);
        await output.WriteAsync("last words"u8.ToArray()).WaitAsync(Limit);
        output.Complete();
        Assert.Equal("last words", await ReadAllAsync().WaitAsync(Limit));
    }

    [Fact]
    public async Task A_reader_that_comes_after_the_end_of_a_silent_process_sees_the_end()
    {
        FifoOutput output = new(path, TimeProvider.System);
        output.Complete();
        Task<string> reader = ReadAllAsync();
        try
        {
            Assert.Equal("", await reader.WaitAsync(Limit));
        }
        finally
        {
            // A reader that still waits would keep the folder busy.
            new FifoOutput(path, TimeProvider.System).Dispose();
        }
    }

    [Fact]
    public async Task Without_a_reader_nothing_waits_for_ever()
    {
        using FifoOutput output = new(path, TimeProvider.System);
        for (int i = 0; i < 10; i++)
        {
            await output.WriteAsync(new byte[100_000]).WaitAsync(Limit);
        }
    }

    [Fact]
    public async Task A_reader_that_goes_away_and_comes_back_gets_what_was_written_meanwhile()
    {
        Task<FileStream> opening = Task.Run(() => File.OpenRead(path));
        using FifoOutput output = new(path, TimeProvider.System);
        await output.WriteAsync("one"u8.ToArray()).WaitAsync(Limit);
        byte[] buffer = new byte[10];
        await using (FileStream first = await opening.WaitAsync(Limit))
        {
            Assert.Equal(3, await first.ReadAsync(buffer));
        }

        await output.WriteAsync("two"u8.ToArray()).WaitAsync(Limit);
        await output.WriteAsync("three"u8.ToArray()).WaitAsync(Limit);
        Task<string> second = ReadAllAsync();
        output.Complete();
        Assert.Equal("twothree", await second.WaitAsync(Limit));
    }

    [Fact]
    public async Task Input_ends_only_when_it_was_closed_and_every_byte_was_read()
    {
        using InputPump pump = InputPump.Open(path);
        MemoryStream guest = new();
        Task pumping = pump.RunAsync(guest);
        await File.WriteAllTextAsync(path, "first ");
        await Task.Delay(50);
        Assert.False(pumping.IsCompleted);
        await File.WriteAllTextAsync(path, "second");
        pump.Close();
        await pumping.WaitAsync(Limit);
        Assert.Equal("first second", Encoding.UTF8.GetString(guest.ToArray()));
    }

    private Task<string> ReadAllAsync() => Task.Run(() => File.ReadAllText(path));
}
