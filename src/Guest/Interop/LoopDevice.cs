using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Interop;

/// <summary>Loop devices (loop(4)), for the process machine.</summary>
public static class LoopDevice
{
    private const nuint CtlGetFree = 0x4C82, Configure = 0x4C0A;
    private const int ConfigBytes = 304;
    private const uint FlagReadOnly = 1, FlagAutoclear = 4;
    private const int ErrnoBusy = 16;
    private const int Attempts = 20;

    /// <summary>Attaches a file read-only; the device frees itself when its last user is gone.</summary>
    /// <returns>The open device (keep it until mounted) and its path.</returns>
    public static (SafeFileHandle Device, string Path) Attach(SafeFileHandle file)
    {
        using SafeFileHandle control = File.OpenHandle("/dev/loop-control", FileMode.Open, FileAccess.ReadWrite);
        for (int attempt = 0; ; attempt++)
        {
            string path = $"/dev/loop{LinuxIoctl.Call(control, CtlGetFree, 0, "finding a free loop device")}";
            SafeFileHandle device = File.OpenHandle(path, FileMode.Open, FileAccess.Read);
            try
            {
                // struct loop_config: fd u32, block_size u32, struct loop_info64 (lo_flags at its offset 52), reserved.
                byte[] config = new byte[ConfigBytes];
                BinaryPrimitives.WriteInt32LittleEndian(config, (int)file.DangerousGetHandle());
                BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(4), 4096);
                BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(8 + 52), FlagReadOnly | FlagAutoclear);
                LinuxIoctl.Call(device, Configure, config, $"attaching {path}");
                return (device, path);
            }
            catch (LinuxException e) when (e.Errno == ErrnoBusy && attempt < Attempts)
            {
                // Another process took the same free device first.
                device.Dispose();
            }
            catch
            {
                device.Dispose();
                throw;
            }
        }
    }
}
