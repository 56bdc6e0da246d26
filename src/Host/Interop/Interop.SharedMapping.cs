using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Interop;

/// <summary>
/// A shared mapping of a sealed memfd: memory that another process writes at the same time. Every access is checked against the mapping's
/// length; the seal against shrinking is demanded, so that no access inside can fault.
/// </summary>
internal sealed partial class SharedMapping : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int ProtReadWrite = 3;
    private const int MapShared = 1;
    private const int GetSeals = 1034;
    private const int SealShrink = 2;
    private const int SeekEnd = 2;

    private SharedMapping(nint address, ulong length)
        : base(ownsHandle: true)
    {
        SetHandle(address);
        Length = length;
    }

    /// <summary>Bytes of the mapping.</summary>
    public ulong Length { get; }

    /// <summary>Maps <paramref name="length"/> bytes of a memfd from <paramref name="offset"/>.</summary>
    /// <exception cref="InvalidDataException">The file may shrink, is shorter, or the range is not one of whole pages.</exception>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public static SharedMapping Map(SafeFileHandle memfd, ulong offset, ulong length)
    {
        int seals = fcntl(memfd, GetSeals);
        if (seals < 0 || (seals & SealShrink) == 0)
        {
            throw new InvalidDataException("shared memory must be a memfd sealed against shrinking");
        }

        long size = lseek(memfd, 0, SeekEnd);
        ulong page = (ulong)Environment.SystemPageSize;
        if (size < 0 || length == 0 || offset % page != 0 || offset > (ulong)size || length > (ulong)size - offset || length > long.MaxValue)
        {
            throw new InvalidDataException($"shared memory: offset {offset}, length {length} is not a range of whole pages of a file of {size} bytes");
        }

        nint address = mmap(0, (nuint)length, ProtReadWrite, MapShared, memfd, (nint)offset);
        return address == -1 ? throw new Win32Exception(Marshal.GetLastPInvokeError(), "mmap of shared memory failed") : new SharedMapping(address, length);
    }

    /// <summary>The bytes of a range. The caller must not use the span after the mapping is disposed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the mapping.</exception>
    public Span<byte> Slice(ulong offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (offset > Length || (ulong)length > Length - offset)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), "the range leaves the mapping");
        }

        ObjectDisposedException.ThrowIf(IsClosed, this);

        // SAFETY: the range lies inside the mapping (checked above), the file cannot shrink (sealed), and the owner disposes the mapping only
        // under the lock that every user of a span holds.
        unsafe
        {
            return new Span<byte>((byte*)handle + offset, length);
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => munmap(handle, (nuint)Length) == 0;

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, SafeFileHandle file, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(nint address, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(SafeFileHandle file, int command);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(SafeFileHandle file, long offset, int whence);
}
