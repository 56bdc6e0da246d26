using System.Net.Sockets;
using Pavise.Boundary;
using Pavise.Boundary.HostCalls.Files;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Files;

/// <summary>
/// One connection of a volume: one request, one answer. The answer comes into the same buffer that held the kernel's request, and leaves from there for the
/// kernel, so that data is copied by the kernel only.
/// </summary>
internal sealed class FileLane : IDisposable
{
    /// <summary>What comes before the data in the kernel's largest request, and room to the page's end.</summary>
    public const int BufferBytes = FileLimits.DataBytes + 4096;

    /// <summary>How long the host may take for an answer: far more than a healthy disk needs, and not for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly SafeSocketHandle socket;
    private readonly FileFate fate;
    private ulong number;

    /// <param name="socket">Connected to the host's file port.</param>
    /// <param name="fate">Of all connections of the volume.</param>
    /// <param name="buffer">Its buffer; null for a new one.</param>
    public FileLane(SafeSocketHandle socket, FileFate fate, byte[]? buffer = null)
    {
        Buffer = buffer ?? NewBuffer();
        this.socket = socket;
        this.fate = fate;
        LinuxBlockingSocket.Configure(socket, Patience, 2 * FileLimits.FrameBytes);
    }

    /// <summary>The kernel's requests, the host's answers.</summary>
    public byte[] Buffer { get; }

    /// <summary>Requests to the host that are not made in <see cref="Buffer"/>.</summary>
    public byte[] Outgoing { get; } = GC.AllocateUninitializedArray<byte>(FileLimits.XattrBytes + FileLimits.FixedBytes, pinned: true);

    /// <summary>A buffer for one lane.</summary>
    internal static byte[] NewBuffer() => GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);

    /// <summary>Names the volume; the host agrees or says why not.</summary>
    /// <exception cref="FileViolation">It does not, or the answer is none.</exception>
    public void Open(string volume)
    {
        try
        {
            LinuxBlockingSocket.Send(socket, FileFrame.Hello(volume));
            Span<byte> head = Buffer.AsSpan(0, 3);
            Receive(head[..1]);
            if (head[0] != 0)
            {
                Receive(head[1..]);
                int length = head[1] | (head[2] << 8);
                throw new FileViolation(head[0] != 1 || length > BoundaryLimits.StreamRefusalBytes ? "the host's first answer is none" : "the host refuses the volume");
            }
        }
        catch (LinuxException e)
        {
            throw new FileViolation($"the host does not serve the volume: {e.Message}");
        }
    }

    /// <summary>Asks.</summary>
    /// <param name="operation">What.</param>
    /// <param name="frame">The request; its first bytes are for the header.</param>
    /// <param name="most">Most bytes that the answer may have beside its header.</param>
    /// <param name="length">Bytes of the answer, in <see cref="Buffer"/> from <see cref="FileFrame.HeaderBytes"/> on.</param>
    /// <returns>0, or an errno that the operation may have.</returns>
    /// <exception cref="FileViolation">The answer cannot be one, or none came. Where the frames are out of step, or the host is silent, the volume is lost.</exception>
    public int Ask(FileOperation operation, Span<byte> frame, int most, out Untrusted<int> length)
    {
        if (fate.Broken is { } before)
        {
            throw new FileViolation($"the volume is lost: {before}");
        }

        uint errno;
        try
        {
            FileFrame.WriteRequest(frame, frame.Length, operation, ++number);
            LinuxBlockingSocket.Send(socket, frame);
            (errno, int body) = Answer(operation, most);
            length = new(body);
        }
        catch (Exception e) when (e is FileViolation or LinuxException or InvalidDataException)
        {
            // What the next bytes mean is not known any more.
            fate.Broken = e is FileViolation ? e.Message : $"{operation}: {e.Message}";
            throw e as FileViolation ?? new FileViolation($"{operation}: {e.Message}");
        }

        return errno == 0 ? 0 : errno <= int.MaxValue && FileErrors.Allows(operation, (int)errno) ? (int)errno : throw new FileViolation($"{operation}: errno {errno}, which it cannot have");
    }

    public void Dispose() => socket.Dispose();

    private (uint Errno, int Body) Answer(FileOperation operation, int most)
    {
        int have = 0, whole = FileFrame.HeaderBytes;
        uint errno = 0;
        bool known = false;
        while (have < whole)
        {
            int count = LinuxBlockingSocket.Receive(socket, Buffer.AsSpan(have));
            have += count > 0 ? count : throw new FileViolation($"{operation}: the host ended the connection");
            if (known || have < FileFrame.HeaderBytes)
            {
                continue;
            }

            (whole, errno, ulong answered) = FileFrame.Read(Buffer);
            known = answered == number ? true : throw new FileViolation($"{operation}: an answer to another request");
            if (whole > FileFrame.HeaderBytes + most || (errno != 0 && whole != FileFrame.HeaderBytes))
            {
                throw new FileViolation($"{operation}: an answer of {whole} bytes where at most {FileFrame.HeaderBytes + most} can be");
            }
        }

        return have == whole ? (errno, whole - FileFrame.HeaderBytes) : throw new FileViolation($"{operation}: {have - whole} bytes that were not asked for");
    }

    private void Receive(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int count = LinuxBlockingSocket.Receive(socket, bytes);
            bytes = count > 0 ? bytes[count..] : throw new FileViolation("the host ended the connection");
        }
    }
}
