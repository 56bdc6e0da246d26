using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Workloads;

/// <summary>Looks for a secret where the host can see: files, and the memory of its processes. What it finds it names by place and form.</summary>
public sealed class HostSearch(Canary canary)
{
    private const int BlockBytes = 1 << 20;
    private const int MapFields = 6; // proc(5), /proc/PID/maps: range, permissions, offset, device, inode, path

    private readonly List<string> found = [];

    /// <summary>Where the secret was found; empty is good.</summary>
    public IReadOnlyList<string> Found => found;

    /// <summary>Bytes looked through so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Every regular file below a folder; links are not followed, pipes and sockets not opened.</summary>
    public async Task FolderAsync(string folder)
    {
        foreach (string file in (await Command.RunAsync("find", [folder, "-type", "f"])).OrThrow("find").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            File(file);
        }
    }

    /// <summary>One file.</summary>
    public void File(string file)
    {
        try
        {
            using SafeFileHandle handle = System.IO.File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Range(handle, 0, RandomAccess.GetLength(handle), file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Deleted since it was listed.
        }
    }

    /// <summary>A part of a file, under a name of its own.</summary>
    public void Part(string place, string file, long offset, long length)
    {
        using SafeFileHandle handle = System.IO.File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Range(handle, offset, length, place);
    }

    /// <summary>Bytes at hand.</summary>
    public void Content(string place, ReadOnlyMemory<byte> bytes) => Block(bytes, place);

    /// <summary>
    /// The whole readable memory of a process, but for mappings of the guest's memory: on a machine without a TEE that is in the clear,
    /// on a confidential one the processor encrypts it.
    /// </summary>
    public void Memory(int process)
    {
        using SafeFileHandle memory = System.IO.File.OpenHandle($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        foreach (string line in System.IO.File.ReadLines($"/proc/{process}/maps"))
        {
            string[] fields = line.Split(' ', MapFields, StringSplitOptions.RemoveEmptyEntries);
            string path = fields.Length == MapFields ? fields[^1] : "";
            if (fields[1][0] == 'r' && !path.StartsWith("/memfd:", StringComparison.Ordinal) && path is not ("[vsyscall]" or "[vvar]" or "[vvar_vclock]"))
            {
                long[] ends = [.. fields[0].Split('-').Select(e => long.Parse(e, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
                Range(memory, ends[0], ends[1] - ends[0], $"memory of process {process} at {fields[0]} {path}");
            }
        }
    }

    private void Range(SafeFileHandle handle, long offset, long length, string place)
    {
        byte[] block = new byte[BlockBytes + canary.Longest - 1];
        int kept = 0; // of the block before: a secret may lie across
        for (long at = offset; at < offset + length;)
        {
            int read;
            try
            {
                read = RandomAccess.Read(handle, block.AsSpan(kept, (int)Math.Min(BlockBytes, offset + length - at)), at);
            }
            catch (IOException)
            {
                return; // Unmapped meanwhile, or memory that has no content.
            }

            if (read == 0)
            {
                return;
            }

            Block(block.AsMemory(0, kept + read), $"{place} near {at - offset:x}");
            at += read;
            int keep = Math.Min(kept + read, canary.Longest - 1);
            block.AsSpan(kept + read - keep, keep).CopyTo(block);
            kept = keep;
        }
    }

    private void Block(ReadOnlyMemory<byte> bytes, string place)
    {
        Bytes += bytes.Length;
        found.AddRange(canary.Find(bytes).Select(form => $"{place}: {form}"));
    }
}
