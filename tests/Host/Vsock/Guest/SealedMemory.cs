using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;

namespace Pavise.Host.Tests.Vsock.Guest;

/// <summary>A memfd as QEMU makes it, mapped.</summary>
internal sealed class SealedMemory : IDisposable
{
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int SealShrink = 2;

    public SealedMemory(int length, bool sealShrink = true)
    {
        int descriptor = memfd_create("guest", CloseOnExec | AllowSealing);
        File = new SafeFileHandle(descriptor, ownsHandle: true);
        Assert.Equal(0, ftruncate(descriptor, length));
        if (sealShrink)
        {
            Assert.Equal(0, fcntl(descriptor, AddSeals, SealShrink));
            Mapping = SharedMapping.Map(File, 0, (ulong)length);
        }
    }

    public SafeFileHandle File { get; }

    public SharedMapping Mapping { get; } = null!;

    public void Dispose()
    {
        Mapping?.Dispose();
        File.Dispose();
    }

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int memfd_create([MarshalAs(UnmanagedType.LPUTF8Str)] string name, uint flags);

    [DllImport("libc")]
    private static extern int ftruncate(int descriptor, long length);

    [DllImport("libc")]
    private static extern int fcntl(int descriptor, int command, int argument);
}
