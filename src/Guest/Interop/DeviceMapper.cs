using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Interop;

/// <summary>Device-mapper ioctls (linux/dm-ioctl.h, interface 4.0): a 312-byte header, followed by targets.</summary>
public static class DeviceMapper
{
    private const int HeaderBytes = 312;
    private const int TargetBytes = 40;
    private const int BufferBytes = 4096;
    private const int OffsetDataSize = 12, OffsetDataStart = 16, OffsetTargetCount = 20, OffsetFlags = 28, OffsetDev = 40, OffsetName = 48;
    private const int NameBytes = 128;
    private const uint FlagReadOnly = 1, FlagSecureData = 1 << 15;
    private const int DevCreate = 3, DevRemove = 4, DevSuspend = 6, TableLoad = 9, TableStatus = 12;

    /// <summary>Makes a read-only device with one target and activates it.</summary>
    /// <param name="name">Name, below 128 bytes.</param>
    /// <param name="sectors">Length in 512-byte sectors.</param>
    /// <param name="target">Target type, e.g. <c>verity</c>.</param>
    /// <param name="parameters">The target's table line.</param>
    /// <returns>Minor number: the device is <c>/dev/dm-MINOR</c>.</returns>
    public static uint CreateReadOnly(string name, ulong sectors, string target, string parameters) =>
        Create(name, sectors, target, Encoding.ASCII.GetBytes(parameters), FlagReadOnly);

    /// <summary>Makes a device that can be written, with one target, and activates it. The kernel and this wipe their copies of the table line, which may hold a key.</summary>
    /// <param name="name">Name, below 128 bytes.</param>
    /// <param name="sectors">Length in 512-byte sectors.</param>
    /// <param name="target">Target type, e.g. <c>crypt</c>.</param>
    /// <param name="parameters">The target's table line in ASCII.</param>
    /// <returns>Minor number: the device is <c>/dev/dm-MINOR</c>.</returns>
    public static uint Create(string name, ulong sectors, string target, ReadOnlySpan<byte> parameters) => Create(name, sectors, target, parameters, FlagSecureData);

    /// <summary>What the only target of a device says of itself (its STATUSTYPE_INFO line).</summary>
    public static string Status(string name)
    {
        using SafeFileHandle control = File.OpenHandle("/dev/mapper/control", FileMode.Open, FileAccess.ReadWrite);
        byte[] buffer = Header(name, 0);
        Call(control, TableStatus, buffer, $"reading the status of {name}");
        ReadOnlySpan<byte> text = buffer.AsSpan((int)BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(OffsetDataStart)) + TargetBytes);
        return Encoding.ASCII.GetString(text[..text.IndexOf((byte)0)]);
    }

    private static uint Create(string name, ulong sectors, string target, ReadOnlySpan<byte> parameters, uint flags)
    {
        using SafeFileHandle control = File.OpenHandle("/dev/mapper/control", FileMode.Open, FileAccess.ReadWrite);
        byte[] buffer = Header(name, flags);
        Call(control, DevCreate, buffer, $"creating device {name}");
        ulong device = BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(OffsetDev));
        byte[] table = Table(name, sectors, target, parameters, flags);
        try
        {
            Call(control, TableLoad, table, $"loading the table of {name}");
            Call(control, DevSuspend, Header(name, flags), $"activating {name}");
        }
        catch (LinuxException)
        {
            Remove(control, name);
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(table);
        }

        // linux/kdev_t.h, huge_encode_dev: minor bits 0-7 and 20-31.
        return (uint)((device & 0xff) | ((device >> 12) & 0xfff00));
    }

    /// <summary>Gives a read-only device in use another table; what waits meanwhile goes on with the new one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="sectors">Length in 512-byte sectors, as before.</param>
    /// <param name="target">Target type.</param>
    /// <param name="parameters">The target's table line.</param>
    public static void ReplaceReadOnly(string name, ulong sectors, string target, string parameters)
    {
        using SafeFileHandle control = File.OpenHandle("/dev/mapper/control", FileMode.Open, FileAccess.ReadWrite);
        Call(control, TableLoad, Table(name, sectors, target, Encoding.ASCII.GetBytes(parameters), FlagReadOnly), $"loading another table of {name}");
        Call(control, DevSuspend, Header(name, FlagReadOnly), $"activating another table of {name}");
    }

    /// <summary>Removes a device.</summary>
    public static void Remove(string name)
    {
        using SafeFileHandle control = File.OpenHandle("/dev/mapper/control", FileMode.Open, FileAccess.ReadWrite);
        Remove(control, name);
    }

    private static void Remove(SafeFileHandle control, string name) => Call(control, DevRemove, Header(name, 0), $"removing {name}");

    private static byte[] Header(string name, uint flags)
    {
        if (Encoding.ASCII.GetByteCount(name) >= NameBytes)
        {
            throw new ArgumentException("a device-mapper name has at most 127 bytes", nameof(name));
        }

        byte[] buffer = new byte[BufferBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(OffsetDataSize), BufferBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(OffsetDataStart), HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(OffsetFlags), flags);
        Encoding.ASCII.GetBytes(name, buffer.AsSpan(OffsetName));
        return buffer;
    }

    private static byte[] Table(string name, ulong sectors, string target, ReadOnlySpan<byte> parameters, uint flags)
    {
        byte[] buffer = Header(name, flags);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(OffsetTargetCount), 1);

        // struct dm_target_spec: sector_start u64, length u64, status s32, next u32, target_type char[16]; then the parameters, NUL-terminated.
        Span<byte> spec = buffer.AsSpan(HeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(spec[8..], sectors);
        int length = parameters.Length;
        parameters.CopyTo(spec[TargetBytes..^1]);
        BinaryPrimitives.WriteUInt32LittleEndian(spec[20..], (uint)((TargetBytes + length + 8) & ~7));
        Encoding.ASCII.GetBytes(target, spec.Slice(24, 16));
        return buffer;
    }

    private static void Call(SafeFileHandle control, int command, byte[] buffer, string what) =>
        LinuxIoctl.Call(control, (3u << 30) | (HeaderBytes << 16) | (0xfdu << 8) | (uint)command, buffer, what);
}
