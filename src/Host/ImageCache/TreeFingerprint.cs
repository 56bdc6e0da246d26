using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Pavise.Host.Interop;

namespace Pavise.Host.ImageCache;

/// <summary>
/// A fast name for a directory's content: every path with type, mode, owner, size, times, device number and link target, but not the
/// bytes. Change times make a change show even where its author set the modification time back.
/// </summary>
internal static class TreeFingerprint
{
    private const string Version = "pavise fingerprint 1";

    /// <summary>The fingerprint of a tree.</summary>
    public static string OfTree(string root)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, $"{Version} tree");
        Walk(hash, root, "");
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The fingerprint of image layers, which their engine never changes once they are unpacked: their places and inodes.</summary>
    public static string OfLayers(IEnumerable<string> layers)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, $"{Version} layers");
        foreach (string layer in layers)
        {
            // The slash resolves a link to the layer; the text of the link says nothing about it.
            Add(hash, layer);
            Add(hash, NativeStat.Read(layer + "/."));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Walk(IncrementalHash hash, string directory, string relative)
    {
        string[] names = [.. Directory.EnumerateFileSystemEntries(directory).Select(e => Path.GetFileName(e)!)];
        Array.Sort(names, StringComparer.Ordinal);
        foreach (string name in names)
        {
            string path = $"{directory}/{name}";
            string inside = $"{relative}/{name}";
            FileFacts facts = NativeStat.Read(path);
            Add(hash, inside);
            Add(hash, facts);
            if (facts.IsLink)
            {
                Add(hash, new FileInfo(path).LinkTarget ?? "");
            }
            else if (facts.IsDirectory)
            {
                Walk(hash, path, inside);
            }
        }
    }

    private static void Add(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }

    private static void Add(IncrementalHash hash, FileFacts facts)
    {
        Span<byte> b = stackalloc byte[56];
        BinaryPrimitives.WriteUInt32LittleEndian(b, facts.Mode);
        BinaryPrimitives.WriteUInt32LittleEndian(b[4..], facts.Uid);
        BinaryPrimitives.WriteUInt32LittleEndian(b[8..], facts.Gid);
        BinaryPrimitives.WriteUInt64LittleEndian(b[16..], facts.Inode);
        BinaryPrimitives.WriteUInt64LittleEndian(b[24..], facts.Size);
        BinaryPrimitives.WriteInt64LittleEndian(b[32..], facts.ModifiedNs);
        BinaryPrimitives.WriteInt64LittleEndian(b[40..], facts.ChangedNs);
        BinaryPrimitives.WriteUInt64LittleEndian(b[48..], facts.RawDevice);
        hash.AppendData(b);
    }
}
