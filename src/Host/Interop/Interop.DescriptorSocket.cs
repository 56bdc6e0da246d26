using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Interop;

/// <summary>Sends and receives bytes together with file descriptors on a Unix socket (SCM_RIGHTS).</summary>
internal static partial class DescriptorSocket
{
    /// <summary>Most descriptors one message may carry: a vhost-user memory table has eight regions.</summary>
    public const int MaximumDescriptors = 8;

    private const int SolSocket = 1;
    private const int ScmRights = 1;
    private const int WaitAll = 0x100;
    private const int NoSignal = 0x4000;
    private const int ControlTruncated = 8;
    private const int CloseOnExec = 0x40000000;
    private const int Interrupted = 4;
    private const int ControlHeaderBytes = 16;
    private const int ControlBytes = ControlHeaderBytes + (MaximumDescriptors * sizeof(int));

    /// <summary>
    /// Fills <paramref name="buffer"/> (blocking) and adds the descriptors that came with it; returns the number of bytes, smaller only when
    /// the peer closed.
    /// </summary>
    /// <exception cref="InvalidDataException">More descriptors came than a message may carry; all of them are closed.</exception>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public static int Receive(SafeHandle socket, Span<byte> buffer, List<SafeFileHandle> descriptors)
    {
        Span<byte> control = stackalloc byte[ControlBytes];
        nint got;
        Message message;

        // SAFETY: the spans are pinned for the time of the call, their lengths are what the kernel is told, and the kernel writes no further.
        unsafe
        {
            fixed (byte* data = buffer)
            fixed (byte* ancillary = control)
            {
                Vector vector = new() { Base = data, Length = (nuint)buffer.Length };
                do
                {
                    message = new Message { Vectors = &vector, VectorCount = 1, Control = ancillary, ControlLength = ControlBytes };
                    got = recvmsg(socket, ref message, WaitAll | CloseOnExec);
                }
                while (got < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            }
        }

        if (got < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "recvmsg failed");
        }

        int before = descriptors.Count;
        Take(control[..(int)message.ControlLength], descriptors);
        if ((message.Flags & ControlTruncated) != 0)
        {
            descriptors[before..].ForEach(d => d.Dispose());
            descriptors.RemoveRange(before, descriptors.Count - before);
            throw new InvalidDataException($"a message carries more than {MaximumDescriptors} descriptors");
        }

        return (int)got;
    }

    /// <summary>Sends all of <paramref name="buffer"/> (blocking) with descriptors, which stay the caller's.</summary>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public static void Send(SafeHandle socket, ReadOnlySpan<byte> buffer, ReadOnlySpan<SafeFileHandle> descriptors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MaximumDescriptors);
        Span<byte> control = stackalloc byte[ControlBytes];
        int length = descriptors.Length == 0 ? 0 : ControlHeaderBytes + (descriptors.Length * sizeof(int));
        BinaryPrimitives.WriteUInt64LittleEndian(control, (ulong)length);
        BinaryPrimitives.WriteInt32LittleEndian(control[8..], SolSocket);
        BinaryPrimitives.WriteInt32LittleEndian(control[12..], ScmRights);
        for (int i = 0; i < descriptors.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(control[(ControlHeaderBytes + (i * sizeof(int)))..], (int)descriptors[i].DangerousGetHandle());
        }

        nint sent;

        // SAFETY: the spans are pinned for the time of the call and their lengths are what the kernel is told; it only reads.
        unsafe
        {
            fixed (byte* data = buffer)
            fixed (byte* ancillary = control)
            {
                Vector vector = new() { Base = data, Length = (nuint)buffer.Length };
                Message message = new() { Vectors = &vector, VectorCount = 1, Control = length == 0 ? null : ancillary, ControlLength = (nuint)((length + 7) & ~7) };
                sent = sendmsg(socket, ref message, NoSignal);
            }
        }

        if (sent != buffer.Length)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "sendmsg failed");
        }
    }

    private static void Take(ReadOnlySpan<byte> control, List<SafeFileHandle> descriptors)
    {
        while (control.Length >= ControlHeaderBytes)
        {
            int length = (int)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(control), (ulong)control.Length);
            if (length < ControlHeaderBytes)
            {
                return;
            }

            if (BinaryPrimitives.ReadInt32LittleEndian(control[8..]) == SolSocket && BinaryPrimitives.ReadInt32LittleEndian(control[12..]) == ScmRights)
            {
                for (int at = ControlHeaderBytes; at + sizeof(int) <= length; at += sizeof(int))
                {
                    descriptors.Add(new SafeFileHandle(BinaryPrimitives.ReadInt32LittleEndian(control[at..]), ownsHandle: true));
                }
            }

            control = control[Math.Min((length + 7) & ~7, control.Length)..];
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(SafeHandle socket, ref Message message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(SafeHandle socket, ref Message message, int flags);

    // SAFETY: struct iovec; its pointer is set only from pinned spans and does not outlive the call.
    private unsafe struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    // SAFETY: struct msghdr of 64-bit Linux; its pointers are set only from pinned spans and locals and do not outlive the call.
    private unsafe struct Message
    {
        public byte* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
