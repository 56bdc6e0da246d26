using System.Buffers.Binary;

namespace Pavise.Attestation.Launch;

/// <summary>The page with which QEMU tells OVMF what kernel it must find (QEMU, <c>docs/system/i386/amd-memory-encryption.rst</c>, and <c>target/i386/sev.c</c>).</summary>
internal static class KernelHashesPage
{
    private const int EntryBytes = 16 + sizeof(ushort) + 32, TableBytes = 16 + sizeof(ushort) + 3 * EntryBytes, PaddedBytes = (TableBytes + 15) / 16 * 16;

    private static readonly Guid Table = new("9438d606-4f22-4cc9-b479-a793d411fd21");
    private static readonly Guid CommandLine = new("97d02dd8-bd20-4c94-aa78-e7714d36ab2a");
    private static readonly Guid Initrd = new("44baf731-3a2f-4bd7-9af1-41e29169781d");
    private static readonly Guid Kernel = new("4de79437-abd2-427f-b835-d5b172d2045b");

    /// <param name="hashes">The hashes.</param>
    /// <param name="offset">Where in the page the table stands.</param>
    /// <exception cref="LaunchInputException">The table does not fit.</exception>
    public static byte[] Create(BootHashes hashes, int offset)
    {
        if (offset + PaddedBytes > SnpLaunchContext.PageBytes)
        {
            throw new LaunchInputException("the firmware's table of kernel hashes does not fit into its page");
        }

        byte[] page = new byte[SnpLaunchContext.PageBytes];
        Span<byte> at = page.AsSpan(offset);
        Head(ref at, Table, TableBytes);
        Entry(ref at, CommandLine, hashes.CommandLine);
        Entry(ref at, Initrd, hashes.Initrd);
        Entry(ref at, Kernel, hashes.Kernel);
        return page;
    }

    private static void Entry(ref Span<byte> at, Guid id, ReadOnlyMemory<byte> hash)
    {
        Head(ref at, id, EntryBytes);
        hash.Span.CopyTo(at);
        at = at[hash.Length..];
    }

    private static void Head(ref Span<byte> at, Guid id, ushort length)
    {
        id.TryWriteBytes(at);
        BinaryPrimitives.WriteUInt16LittleEndian(at[16..], length);
        at = at[(16 + sizeof(ushort))..];
    }
}
