using System.Globalization;

namespace Pavise.Guest.Volumes;

/// <summary>The disk that holds a volume's image: its headers and its size.</summary>
internal sealed class VolumeDisk
{
    private readonly byte[] area = new byte[VolumeLayout.Headers * VolumeLayout.BlockBytes];

    private VolumeDisk(string number, string path, ulong bytes) => (Number, Path, Bytes) = (number, path, bytes);

    /// <summary>MAJOR:MINOR.</summary>
    public string Number { get; }

    /// <summary>Its node below /dev.</summary>
    public string Path { get; }

    /// <summary>Its size, as the host tells it.</summary>
    public ulong Bytes { get; }

    /// <summary>Whether nothing was ever written into the headers.</summary>
    public bool IsEmpty => VolumeHeaderFormat.IsEmpty(area);

    /// <summary>Reads a disk's headers once; what is decided on is this copy.</summary>
    /// <param name="number">MAJOR:MINOR.</param>
    public static VolumeDisk Read(string number)
    {
        string folder = new DirectoryInfo($"/sys/dev/block/{number}").ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? throw new VolumeException("the volume's disk is gone");
        ulong sectors = ulong.Parse(File.ReadAllText(System.IO.Path.Combine(folder, "size")), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        VolumeDisk disk = new(number, $"/dev/{System.IO.Path.GetFileName(folder)}", sectors * VolumeLayout.SectorBytes);
        if (disk.Bytes > VolumeLayout.DataOffset)
        {
            using FileStream stream = new(disk.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
            stream.ReadExactly(disk.area);
        }

        return disk;
    }

    /// <summary>The newest header that opens under the keys.</summary>
    public VolumeHeader? Header(VolumeKeys keys) => VolumeHeaderFormat.Newest(area, keys);

    /// <summary>Writes a header over the older copy; returns when it is on the host's disk, as far as the host says so.</summary>
    public void Write(VolumeHeader header, VolumeKeys keys)
    {
        int copy = (int)(header.Sequence % VolumeLayout.Headers);
        using FileStream stream = new(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
        stream.Position = copy * VolumeLayout.BlockBytes;
        stream.Write(VolumeHeaderFormat.Seal(header, copy, keys));
        stream.Flush(flushToDisk: true);
    }
}
