using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pavise.Attestation.Certificates;

/// <summary>A SHA-256 as a key of a dictionary.</summary>
internal readonly record struct Digest256(UInt128 High, UInt128 Low)
{
    /// <summary>The digest of some bytes.</summary>
    public static Digest256 Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return Read(digest);
    }

    /// <summary>The digest of four parts, each with its length before it: no two lists of parts make the same text.</summary>
    public static Digest256 Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, ReadOnlySpan<byte> fourth)
    {
        Span<byte> lengths = stackalloc byte[4 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(lengths, first.Length);
        BinaryPrimitives.WriteInt32LittleEndian(lengths[4..], second.Length);
        BinaryPrimitives.WriteInt32LittleEndian(lengths[8..], third.Length);
        BinaryPrimitives.WriteInt32LittleEndian(lengths[12..], fourth.Length);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(lengths);
        hash.AppendData(first);
        hash.AppendData(second);
        hash.AppendData(third);
        hash.AppendData(fourth);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return Read(digest);
    }

    private static Digest256 Read(ReadOnlySpan<byte> digest) => new(BinaryPrimitives.ReadUInt128BigEndian(digest), BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
}
