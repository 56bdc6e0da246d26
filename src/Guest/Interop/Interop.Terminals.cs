using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Interop;

/// <summary>Terminals: receiving a pty's master over a Unix socket, and its window size.</summary>
public static partial class LinuxTerminals
{
    private const nuint SetWindowSize = 0x5414;
    private const int SolSocket = 1, ScmRights = 1;
    private const int MessageCloexec = 0x4000_0000;
    private const int ErrnoInterrupted = 4;
    private const int NameBytes = 4096;

    /// <summary>
    /// Blocks until a message with exactly one descriptor comes (unix(7), SCM_RIGHTS). This is how an OCI runtime hands over
    /// a console: the message's bytes are the terminal's name and are not used.
    /// </summary>
    /// <exception cref="InvalidDataException">The message carries no descriptor.</exception>
    public static SafeFileHandle ReceiveDescriptor(SafeSocketHandle socket)
    {
        byte[] name = new byte[NameBytes];
        byte[] control = new byte[24];
        nint received;
        nuint controlLength;

        // SAFETY: both buffers are pinned for the call, the header holds their true lengths, and the kernel keeps no pointer.
        unsafe
        {
            fixed (byte* namePointer = name, controlPointer = control)
            {
                IoVector vector = new() { Base = (nint)namePointer, Length = NameBytes };
                MessageHeader header = new() { Vectors = (nint)(&vector), VectorCount = 1, Control = (nint)controlPointer, ControlLength = (nuint)control.Length };
                do
                {
                    received = recvmsg(socket, (nint)(&header), MessageCloexec);
                }
                while (received < 0 && Marshal.GetLastPInvokeError() == ErrnoInterrupted);

                controlLength = header.ControlLength;
            }
        }

        if (received < 0)
        {
            throw new LinuxException("receiving a terminal", Marshal.GetLastPInvokeError());
        }

        // struct cmsghdr: cmsg_len u64, cmsg_level s32, cmsg_type s32, then the descriptor.
        bool one = controlLength >= 20
            && BinaryPrimitives.ReadUInt64LittleEndian(control) == 20
            && BinaryPrimitives.ReadInt32LittleEndian(control.AsSpan(8)) == SolSocket
            && BinaryPrimitives.ReadInt32LittleEndian(control.AsSpan(12)) == ScmRights;
        return one
            ? new SafeFileHandle(BinaryPrimitives.ReadInt32LittleEndian(control.AsSpan(16)), ownsHandle: true)
            : throw new InvalidDataException("the process launcher sent no terminal");
    }

    /// <summary>Sets a terminal's size in characters (ioctl_tty(2), TIOCSWINSZ).</summary>
    public static void Resize(SafeFileHandle master, ushort columns, ushort rows)
    {
        // struct winsize: rows, columns, and two unused u16.
        byte[] size = new byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(size, rows);
        BinaryPrimitives.WriteUInt16LittleEndian(size.AsSpan(2), columns);
        LinuxIoctl.Call(master, SetWindowSize, size, "resizing a terminal");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(SafeSocketHandle socket, nint header, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public nint Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public nint Name;
        public uint NameLength;
        public nint Vectors;
        public nuint VectorCount;
        public nint Control;
        public nuint ControlLength;
        public int Flags;
    }
}
