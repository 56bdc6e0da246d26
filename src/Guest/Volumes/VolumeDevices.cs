using System.Security.Cryptography;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Volumes;

/// <summary>The kernel's devices of one open volume: its part of the disk, dm-integrity, dm-crypt.</summary>
internal sealed class VolumeDevices
{
    private const ulong ProbeSectors = VolumeLayout.BlockBytes / VolumeLayout.SectorBytes;
    private const int Attempts = 40;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly Stack<string> open = new();

    /// <summary>The device with the plain content, <c>/dev/dm-N</c>.</summary>
    public string Path { get; private set; } = "";

    /// <summary>Its bytes.</summary>
    public ulong Bytes { get; private set; }

    /// <summary>Opens a volume whose header is known.</summary>
    /// <param name="name">The volume's name.</param>
    /// <param name="disk">The disk, MAJOR:MINOR.</param>
    /// <param name="disksPath">The same as a path.</param>
    /// <param name="header">Its header.</param>
    /// <param name="keys">Its keys.</param>
    /// <exception cref="VolumeException">The kernel refuses it.</exception>
    public static VolumeDevices Open(string name, string disk, string disksPath, VolumeHeader header, VolumeKeys keys)
    {
        VolumeDevices devices = new();
        byte[] data = keys.Data(header.Salt), journal = keys.Journal(header.Salt);
        try
        {
            bool isNew = header.State == VolumeState.Formatting;
            CheckSuperblock(disksPath, isNew);
            ulong sectors = VolumeLayout.DataSectors(header.SizeBytes);
            string part = devices.Create($"pavise-{name}-part", sectors, "linear", VolumeTables.Linear(disk));

            // How much is left for data is known once the kernel has laid out, or enlarged, its bookkeeping: a first look at one block tells.
            string probe = $"pavise-{name}-probe";
            devices.Create(probe, ProbeSectors, "integrity", VolumeTables.Integrity(part, journal));
            ulong provided = VolumeTables.Provided(DeviceMapper.Status(probe));
            devices.RemoveLast();
            provided -= provided % ProbeSectors;
            if (provided is 0 || provided > sectors)
            {
                throw new VolumeException($"the volume {name} has no room for data");
            }

            string integrity = devices.Create($"pavise-{name}-integrity", provided, "integrity", VolumeTables.Integrity(part, journal));
            devices.Path = devices.Create($"pavise-{name}", provided, "crypt", VolumeTables.Crypt(integrity, data));
            devices.Bytes = provided * VolumeLayout.SectorBytes;
            return devices;
        }
        catch (Exception e)
        {
            devices.Close();
            throw e is LinuxException ? new VolumeException($"the volume {name} does not open: its bookkeeping is damaged, or of another volume ({e.Message})", e) : e;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(data);
            CryptographicOperations.ZeroMemory(journal);
        }
    }

    /// <summary>Removes them, the last first; the kernel wipes their keys.</summary>
    public void Close()
    {
        while (open.Count > 0)
        {
            RemoveLast();
        }
    }

    /// <summary>A superblock that is not there would be made anew, and the journal with it: only at formatting, where it is first made empty.</summary>
    private static void CheckSuperblock(string disk, bool isNew)
    {
        using FileStream stream = new(disk, FileMode.Open, isNew ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite, 0);
        stream.Position = (long)VolumeLayout.DataOffset;
        byte[] block = new byte[VolumeLayout.BlockBytes];
        if (isNew)
        {
            stream.Write(block);
            stream.Flush(flushToDisk: true);
            return;
        }

        stream.ReadExactly(block);
        if (!block.AsSpan().StartsWith("integrt\0"u8))
        {
            throw new VolumeException("the volume's bookkeeping (dm-integrity's superblock) is gone: the image is damaged");
        }
    }

    private string Create(string name, ulong sectors, string target, byte[] table)
    {
        try
        {
            string path = $"/dev/dm-{DeviceMapper.Create(name, sectors, target, table)}";
            open.Push(name);
            return path;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(table);
        }
    }

    private void RemoveLast()
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                DeviceMapper.Remove(open.Peek());
                open.Pop();
                return;
            }
            catch (LinuxException) when (attempt < Attempts)
            {
                // The kernel may still be looking at it.
                Thread.Sleep(Step);
            }
        }
    }
}
