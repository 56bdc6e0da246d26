using System.Text;
using System.Threading.Channels;
using CsCheck;
using Pavise.Guest.Images;

namespace Pavise.Guest.Tests.Images;

public sealed class ImageWatchTests
{
    [Theory]
    [InlineData("3,1234,5678901,-;I/O error, dev sda, sector 4096 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2\n", "sda")]
    [InlineData("3,1,2,-;blk_update_request: I/O error, dev sdaa, sector 0", "sdaa")]
    [InlineData("3,1,2,-;critical medium error, dev sdb, sector 0 op 0x0:(READ)", "sdb")]
    [InlineData("3,1,2,-;Buffer I/O error on dev dm-0, logical block 1", null)]
    [InlineData("3,1,2,-;I/O error, dev ", null)]
    [InlineData("3,1,2,-;I/O error, dev , sector 1", null)]
    [InlineData("", null)]
    public void A_record_of_a_disks_error_names_the_disk(string record, string? disk) => Assert.Equal(disk, ImageWatch.FailedDisk(record));

    [Fact]
    public void Arbitrary_records_break_nothing() => Gen.String.Sample(text => _ = ImageWatch.FailedDisk(text) ?? ImageWatch.FailedDisk("I/O error, dev " + text));

    [Fact]
    public async Task Only_an_error_of_a_disk_under_a_root_image_ends_the_guest_and_lost_records_end_nothing()
    {
        Records log = new();
        Channel<string> ended = Channel.CreateUnbounded<string>();
        ImageWatch watch = new(() => log, "/", reason => ended.Writer.TryWrite(reason), new Still());
        watch.Add("sda");
        watch.Start();
        watch.Start(); // Once is enough.
        log.Say("3,1,1,-;I/O error, dev sdb, sector 1");
        log.Lose();
        log.Say("6,2,2,-;sd 0:0:0:0: [sda] Attached SCSI disk");
        log.Say("3,3,3,-;I/O error, dev sda, sector 1");
        Assert.Contains("sda", await ended.Reader.ReadAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.False(ended.Reader.TryRead(out _));
        log.End();
    }

    [Fact]
    public void A_disk_that_is_pulled_ends_the_guest_at_the_next_look()
    {
        DirectoryInfo blocks = Directory.CreateTempSubdirectory("pavise-block-");
        DirectoryInfo disk = blocks.CreateSubdirectory("sda");
        List<string> ended = [];
        Still time = new();
        Records log = new();
        ImageWatch watch = new(() => log, blocks.FullName, ended.Add, time);
        watch.Start();
        watch.Add("sda");
        time.Tick();
        Assert.Empty(ended);
        disk.Delete();
        time.Tick();
        Assert.Contains("sda", Assert.Single(ended), StringComparison.Ordinal);
        blocks.Delete();
        log.End();
    }

    /// <summary>Time that passes when the test says so.</summary>
    private sealed class Still : TimeProvider
    {
        private Action tick = () => { };

        public void Tick() => tick();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            tick = () => callback(state);
            return System.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A log as /dev/kmsg gives it: one record a read, EPIPE where some were lost.</summary>
    private sealed class Records : Stream
    {
        private readonly System.Collections.Concurrent.BlockingCollection<string?> records = [];

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void Say(string record) => records.Add(record);

        public void Lose() => records.Add(null);

        public void End() => records.CompleteAdding();

        public override int Read(byte[] buffer, int offset, int count) => records.TryTake(out string? record, Timeout.Infinite)
            ? record is null ? throw new IOException("EPIPE") : Encoding.UTF8.GetBytes(record, buffer.AsSpan(offset, count))
            : 0;

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
