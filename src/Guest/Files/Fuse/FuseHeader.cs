using System.Buffers.Binary;

namespace Pavise.Guest.Files.Fuse;

/// <summary>struct fuse_in_header: the guest kernel's, which is trusted.</summary>
/// <param name="Opcode">What is asked.</param>
/// <param name="Unique">Number of the request; the answer carries it.</param>
/// <param name="Node">The file.</param>
/// <param name="Uid">Who asks.</param>
/// <param name="Gid">Who asks.</param>
internal readonly record struct FuseHeader(FuseOpcode Opcode, ulong Unique, ulong Node, uint Uid, uint Gid)
{
    public const int Bytes = 40;

    public static FuseHeader Read(ReadOnlySpan<byte> request) => new(
        (FuseOpcode)BinaryPrimitives.ReadUInt32LittleEndian(request[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(request[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(request[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(request[24..]),
        BinaryPrimitives.ReadUInt32LittleEndian(request[28..]));
}
