using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Boot;

namespace Pavise.Guest.Images;

/// <summary>
/// Ends the guest when a disk under a root image fails or is pulled. The host decides which read fails and when: an application that goes on without one file is steered by it. The
/// kernel tells of an error in its log; dm-verity of the guest's kernels has no option for it (<c>panic_on_error</c> came with 6.12). Reads of a disk that is gone fail without a word,
/// so each second a look tells whether it is there. The application may have seen its error a moment before.
/// </summary>
/// <param name="openLog">Opens the kernel's log: a record a read.</param>
/// <param name="blocks">/sys/block.</param>
/// <param name="end">Ends the guest.</param>
/// <param name="time">For the looks.</param>
internal sealed class ImageWatch(Func<Stream> openLog, string blocks, Action<string> end, TimeProvider time)
{
    private static readonly TimeSpan Looks = TimeSpan.FromSeconds(1);

    private const int RecordBytes = 8192; // PRINTKRB_RECORD_MAX and CONSOLE_EXT_LOG_MAX of Linux: a smaller buffer is an error

    private readonly HashSet<string> disks = [];
    private readonly Lock gate = new();
    private ITimer? looking;

    /// <summary>Reads the kernel's log.</summary>
    public ImageWatch()
        : this(() => new FileStream(File.OpenHandle("/dev/kmsg"), FileAccess.Read, bufferSize: 0), "/sys/block", Fatal.Stop, TimeProvider.System)
    {
    }

    /// <summary>Begins to read the log; what it tells of disks that nobody has added yet ends nothing.</summary>
    public void Start()
    {
        lock (gate)
        {
            if (looking is null)
            {
                looking = time.CreateTimer(_ => Look(), null, Looks, Looks);
                new Thread(Read) { IsBackground = true, Name = "kernel log" }.Start();
            }
        }
    }

    /// <summary>From here on an error of this disk (<c>sda</c>) ends the guest.</summary>
    public void Add(string disk)
    {
        lock (gate)
        {
            disks.Add(disk);
        }
    }

    /// <summary>The disk whose error a record tells (<c>…;I/O error, dev sda, sector …</c>, <c>critical medium error, dev …</c>), or null.</summary>
    internal static string? FailedDisk(ReadOnlySpan<char> record)
    {
        const string error = " error, dev ";
        int at = record.IndexOf(error, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        ReadOnlySpan<char> name = record[(at + error.Length)..];
        int comma = name.IndexOf(',');
        return comma > 0 ? name[..comma].ToString() : null;
    }

    private void Read()
    {
        using Stream log = openLog();
        byte[] record = new byte[RecordBytes];
        while (true)
        {
            int length;
            try
            {
                length = log.Read(record);
            }
            catch (IOException)
            {
                continue; // Records were overwritten before they were read; the next read goes on behind them.
            }

            if (length == 0)
            {
                return;
            }

            if (FailedDisk(System.Text.Encoding.UTF8.GetString(record, 0, length)) is { } disk && IsWatched(disk))
            {
                end($"the disk {disk} under a root image fails");
            }
        }
    }

    private void Look()
    {
        lock (gate)
        {
            if (disks.FirstOrDefault(d => !Directory.Exists(Path.Combine(blocks, d))) is { } gone)
            {
                end($"the disk {gone} under a root image is gone");
            }
        }
    }

    private bool IsWatched(string disk)
    {
        lock (gate)
        {
            return disks.Contains(disk);
        }
    }
}
