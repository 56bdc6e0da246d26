using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Pavise.Boundary.HostCalls.Files;
using Pavise.Guest.Files;
using Pavise.Guest.Files.Fuse;

namespace Pavise.Guest.Tests.Files;

/// <summary>The FUSE server against a host that lies in every answer: lengths, errno, type, identity, order, duplicates, silence.</summary>
public sealed class LyingHostTests : IDisposable
{
    private const int Lies = 100_000, NoSystem = 38, MostErrno = 133;

    private static readonly FuseOpcode[] Opcodes =
    [
        FuseOpcode.Lookup, FuseOpcode.GetAttr, FuseOpcode.SetAttr, FuseOpcode.ReadLink, FuseOpcode.Symlink, FuseOpcode.MkNod, FuseOpcode.MkDir, FuseOpcode.Unlink, FuseOpcode.RmDir, FuseOpcode.Rename,
        FuseOpcode.Rename2, FuseOpcode.Link, FuseOpcode.Open, FuseOpcode.Read, FuseOpcode.Write, FuseOpcode.StatFs, FuseOpcode.Release, FuseOpcode.FSync, FuseOpcode.SetXattr, FuseOpcode.GetXattr,
        FuseOpcode.ListXattr, FuseOpcode.RemoveXattr, FuseOpcode.OpenDir, FuseOpcode.ReadDir, FuseOpcode.ReleaseDir, FuseOpcode.FSyncDir, FuseOpcode.Create, FuseOpcode.FAllocate,
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("pavise-lies-").FullName;
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
    private readonly Random random = new(20_261_124);
    private readonly byte[] laneBuffer = FileLane.NewBuffer(), answer = new byte[FileLane.BufferBytes];

    public LyingHostTests()
    {
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "s")));
        listener.Listen(4);
    }

    public void Dispose()
    {
        listener.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_hundred_thousand_lies_end_as_an_errno_or_a_value_within_its_bounds()
    {
        (Socket kernel, Socket device) = Pair();
        using SafeFileHandle deviceFile = new(device.Handle, ownsHandle: false);
        int violations = 0, accepted = 0;
        SharedVolume? volume = null;
        for (int i = 0; i < Lies; i++)
        {
            // A node's life is part of what can be lied about: the volume lives through many lies.
            if (i % 1000 == 0)
            {
                volume = new SharedVolume("v", deviceFile, _ => violations++);
                volume.Nodes.AddRoot(Facts(FileFacts.Folder | 0x1ED, 1));
                volume.Nodes.Found(volume.Nodes.NewNumber(), Facts(FileFacts.Regular | 0x1A4, 2));
                volume.Handles[100] = new OpenFile(volume.Nodes.Get(1));
                volume.Handles[101] = new OpenFile(volume.Nodes.Get(2));
            }

            FuseOpcode opcode = Opcodes[i % Opcodes.Length];
            (Socket host, Socket lane) = Pair();
            using (host)
            using (lane)
            {
                for (ulong number = 1; number <= 3; number++)
                {
                    host.Send(Lie(opcode, number));
                }

                host.Shutdown(SocketShutdown.Send);
                FuseWorker worker = new(volume!, new FileLane(lane.SafeHandle, new FileFate(), laneBuffer));
                kernel.Send(Request(opcode, (ulong)i + 1));
                Assert.True(worker.ServeOne());
                accepted += Check(opcode, (ulong)i + 1, kernel.Receive(answer)) ? 1 : 0;
            }
        }

        // Both happen, or the lies are too coarse to be lies, or nothing is checked.
        Assert.InRange(violations, Lies / 10, Lies * 3);
        Assert.InRange(accepted, Lies / 100, Lies);
        kernel.Dispose();
        device.Dispose();
    }

    private bool Check(FuseOpcode opcode, ulong unique, int length)
    {
        ReadOnlySpan<byte> a = answer.AsSpan(0, length);
        Assert.Equal(length, BinaryPrimitives.ReadInt32LittleEndian(a));
        Assert.Equal(unique, BinaryPrimitives.ReadUInt64LittleEndian(a[8..]));
        int errno = -BinaryPrimitives.ReadInt32LittleEndian(a[4..]);
        Assert.True(errno is >= 0 and <= MostErrno and not NoSystem, $"{opcode}: errno {errno}");
        if (errno != 0)
        {
            Assert.Equal(FuseFormat.OutHeaderBytes, length);
            return false;
        }

        int body = length - FuseFormat.OutHeaderBytes;
        bool fits = opcode switch
        {
            FuseOpcode.Lookup or FuseOpcode.Symlink or FuseOpcode.MkNod or FuseOpcode.MkDir or FuseOpcode.Link => body == FuseFormat.EntryBytes,
            FuseOpcode.GetAttr or FuseOpcode.SetAttr => body == FuseFormat.AttributeBytes,
            FuseOpcode.Create => body == FuseFormat.EntryBytes + FuseFormat.OpenBytes,
            FuseOpcode.Open or FuseOpcode.OpenDir => body == FuseFormat.OpenBytes,
            FuseOpcode.Read => body <= 64,
            FuseOpcode.Write => body == 8 && BinaryPrimitives.ReadUInt32LittleEndian(a[16..]) == 10,
            FuseOpcode.ReadLink => body is > 0 and <= FileLimits.LinkBytes,
            FuseOpcode.StatFs => body == 80,
            FuseOpcode.GetXattr or FuseOpcode.ListXattr => body <= 128,
            FuseOpcode.ReadDir => body <= 4096,
            _ => body == 0,
        };
        Assert.True(fits, $"{opcode}: {body} bytes");
        return true;
    }

    private byte[] Lie(FuseOpcode opcode, ulong number)
    {
        byte[] lie = new byte[FileLimits.FixedBytes];
        FileBodyWriter w = new(lie.AsSpan(FileFrame.HeaderBytes));
        switch (random.Next(8))
        {
            case 0:
                byte[] noise = new byte[random.Next(200)];
                random.NextBytes(noise);
                w.Bytes(noise);
                break;
            case 1:
                new FileSystemFacts(random.Next(2) == 0 ? 4096u : (uint)random.Next(), (ulong)random.Next(), (ulong)random.Next(), (ulong)random.Next(), 10, 5).Write(ref w);
                break;
            case 2:
                new FolderEntry((ulong)random.Next(3), (ulong)random.NextInt64(long.MinValue, long.MaxValue), (byte)random.Next(15)).Write(ref w, "name"u8[..random.Next(5)]);
                break;
            case 3:
                w.U32((uint)random.Next(8, 12));
                break;
            case 4:
                break;
            default:
                uint type = (uint)random.Next(16) << 12;
                FileFacts facts = Facts((random.Next(3) == 0 ? type : opcode is FuseOpcode.Symlink ? FileFacts.Link : opcode is FuseOpcode.MkDir ? FileFacts.Folder : FileFacts.Regular) | 0x1A4, (ulong)random.Next(4));
                (random.Next(4) == 0 ? facts with { Size = (ulong)random.NextInt64(), Links = (uint)random.NextInt64(uint.MaxValue) } : facts).Write(ref w);
                break;
        }

        int length = FileFrame.HeaderBytes + w.Length;
        int errno = random.Next(4) == 0 ? random.Next(-5, 600) : 0;
        int told = random.Next(12) == 0 ? random.Next(-20, FileLimits.FrameBytes + 100) : errno != 0 && random.Next(2) == 0 ? FileFrame.HeaderBytes : length;
        FileFrame.WriteAnswer(lie, told, errno, random.Next(20) == 0 ? (ulong)random.Next(5) : number);
        return lie[..Math.Max(1, told == FileFrame.HeaderBytes ? told : length - (random.Next(30) == 0 ? 1 : 0))];
    }

    private static FileFacts Facts(uint mode, ulong inode) => new(5, inode, 10, 8, mode, 1, 0, 0, default, default, default);

    private static byte[] Request(FuseOpcode opcode, ulong unique)
    {
        byte[] request = new byte[FuseHeader.Bytes + 200];
        FileBodyWriter w = new(request.AsSpan(FuseHeader.Bytes));
        ulong node = opcode is FuseOpcode.GetAttr or FuseOpcode.SetAttr or FuseOpcode.Open or FuseOpcode.ReadLink or FuseOpcode.GetXattr or FuseOpcode.SetXattr ? 2u : 1u;
        Body(opcode, ref w);
        int length = FuseHeader.Bytes + w.Length;
        FileBodyWriter h = new(request);
        h.U32((uint)length);
        h.U32((uint)opcode);
        h.U64(unique);
        h.U64(node);
        return request[..length];
    }

    private static void Body(FuseOpcode opcode, ref FileBodyWriter w)
    {
        switch (opcode)
        {
            case FuseOpcode.Lookup or FuseOpcode.Unlink or FuseOpcode.RmDir:
                w.Bytes("name\0"u8);
                break;
            case FuseOpcode.RemoveXattr:
                w.Bytes("user.a\0"u8);
                break;
            case FuseOpcode.GetXattr or FuseOpcode.ListXattr:
                w.U64(128);
                w.Bytes("user.a\0"u8);
                break;
            case FuseOpcode.SetXattr:
                w.U32(3);
                w.U32(0);
                w.Bytes("user.a\0abc"u8);
                break;
            case FuseOpcode.Symlink or FuseOpcode.Rename or FuseOpcode.Rename2 or FuseOpcode.Link or FuseOpcode.MkDir or FuseOpcode.MkNod or FuseOpcode.Create:
                Names(opcode, ref w);
                break;
            case FuseOpcode.SetAttr:
                w.U32(8);
                w.U32(0);
                w.U64(0);
                w.U64(10);
                w.Bytes(new byte[64]);
                break;
            case FuseOpcode.Read or FuseOpcode.Write or FuseOpcode.ReadDir:
                w.U64(opcode == FuseOpcode.ReadDir ? 100u : 101u);
                w.U64(0);
                w.U32(opcode == FuseOpcode.Write ? 10u : opcode == FuseOpcode.Read ? 64u : 4096u);
                w.Bytes(new byte[20]);
                w.Bytes(opcode == FuseOpcode.Write ? new byte[10] : []);
                break;
            default:
                w.U64(102);
                w.Bytes(new byte[32]);
                break;
        }
    }

    private static void Names(FuseOpcode opcode, ref FileBodyWriter w)
    {
        if (opcode is FuseOpcode.MkNod or FuseOpcode.Create)
        {
            w.U32(opcode == FuseOpcode.MkNod ? 0x81A4u : 2u);
            w.U32(0x1A4);
            w.U64(0);
        }
        else if (opcode != FuseOpcode.Symlink)
        {
            w.U64(opcode == FuseOpcode.Link ? 2u : 1u);
            w.Bytes(opcode == FuseOpcode.Rename2 ? new byte[8] : []);
        }

        w.Bytes("name\0other\0"u8);
    }

    private (Socket Ours, Socket Theirs) Pair()
    {
        Socket one = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        one.Connect(listener.LocalEndPoint!);
        return (one, listener.Accept());
    }
}
