using System.Buffers.Binary;
using System.Text;

namespace Pavise.Owner.GuestBuild.Elf;

/// <summary>
/// The few facts of an ELF file (System V ABI, chapters 4 and 5; x86-64) that say what it needs: the program interpreter, the needed
/// libraries, where it looks for them; and a section by name for kernel modules.
/// </summary>
internal sealed class ElfFile
{
    private const int HeaderBytes = 64, ProgramHeaderBytes = 56, SectionHeaderBytes = 64, DynamicEntryBytes = 16;
    private const ushort Relocatable = 1, Executable = 2, Shared = 3, X8664 = 62;
    private const uint LoadSegment = 1, DynamicSegment = 2, InterpreterSegment = 3, NoBits = 8;
    private const long End = 0, NeededTag = 1, StringTable = 5, StringTableSize = 10, SonameTag = 14, RPathTag = 15, RunPathTag = 29;

    private readonly ReadOnlyMemory<byte> file;
    private readonly List<(ulong Address, ulong Offset, ulong Size)> loads = [];

    private ElfFile(ReadOnlyMemory<byte> file) => this.file = file;

    /// <summary>PT_INTERP, or null.</summary>
    internal string? Interpreter { get; private set; }

    /// <summary>DT_SONAME, or null.</summary>
    internal string? Soname { get; private set; }

    /// <summary>DT_NEEDED, in order.</summary>
    internal IReadOnlyList<string> Needed { get; private set; } = [];

    /// <summary>DT_RUNPATH, else DT_RPATH, split at its colons.</summary>
    internal IReadOnlyList<string> RunPath { get; private set; } = [];

    /// <exception cref="FormatException">The bytes are no x86-64 ELF file or contradict themselves.</exception>
    internal static ElfFile Read(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> header = Slice(bytes, 0, HeaderBytes, "header").Span;
        if (!header[..4].SequenceEqual("\u007fELF"u8) || header[4] != 2 || header[5] != 1 || header[6] != 1)
        {
            throw new FormatException("not a 64-bit little-endian ELF file");
        }

        ushort type = U16(header, 16);
        if (type is not (Relocatable or Executable or Shared) || U16(header, 18) != X8664)
        {
            throw new FormatException("not an x86-64 program, library or module");
        }

        ElfFile elf = new(bytes);
        elf.ReadSegments(header);
        return elf;
    }

    /// <summary>The first section of that name; null if there is none.</summary>
    /// <exception cref="FormatException">The section table lies outside the file.</exception>
    internal ReadOnlyMemory<byte>? Section(string name)
    {
        ReadOnlySpan<byte> header = file.Span;
        ulong offset = U64(header, 40);
        int count = U16(header, 60), names = U16(header, 62);
        if (count == 0)
        {
            return null;
        }

        if (U16(header, 58) != SectionHeaderBytes || count > ElfLimits.Sections || names >= count)
        {
            throw new FormatException("the section table is malformed");
        }

        ReadOnlySpan<byte> table = Slice(file, offset, (ulong)count * SectionHeaderBytes, "section table").Span;
        ReadOnlyMemory<byte> strings = SectionBytes(table, names);
        for (int i = 1; i < count; i++)
        {
            if (Text(strings, U32(table, i * SectionHeaderBytes)) == name)
            {
                return SectionBytes(table, i);
            }
        }

        return null;
    }

    private ReadOnlyMemory<byte> SectionBytes(ReadOnlySpan<byte> table, int index)
    {
        ReadOnlySpan<byte> entry = table.Slice(index * SectionHeaderBytes, SectionHeaderBytes);
        return U32(entry, 4) == NoBits ? default : Slice(file, U64(entry, 24), U64(entry, 32), "section");
    }

    private void ReadSegments(ReadOnlySpan<byte> header)
    {
        int count = U16(header, 56);
        if (count == 0)
        {
            return;
        }

        if (U16(header, 54) != ProgramHeaderBytes || count > ElfLimits.ProgramHeaders)
        {
            throw new FormatException("the program header table is malformed");
        }

        ReadOnlySpan<byte> table = Slice(file, U64(header, 32), (ulong)count * ProgramHeaderBytes, "program header table").Span;
        ReadOnlyMemory<byte> dynamic = default;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = table.Slice(i * ProgramHeaderBytes, ProgramHeaderBytes);
            (uint type, ulong offset, ulong address, ulong size) = (U32(entry, 0), U64(entry, 8), U64(entry, 16), U64(entry, 32));
            switch (type)
            {
                case LoadSegment:
                    Slice(file, offset, size, "segment");
                    loads.Add((address, offset, size));
                    break;
                case InterpreterSegment:
                    Interpreter = Text(Slice(file, offset, size, "interpreter"), 0);
                    break;
                case DynamicSegment:
                    dynamic = Slice(file, offset, size, "dynamic segment");
                    break;
            }
        }

        ReadDynamic(dynamic.Span);
    }

    private void ReadDynamic(ReadOnlySpan<byte> dynamic)
    {
        List<(long Tag, ulong Value)> entries = [];
        for (int at = 0; at + DynamicEntryBytes <= dynamic.Length; at += DynamicEntryBytes)
        {
            long tag = (long)U64(dynamic, at);
            if (tag == End)
            {
                break;
            }

            if (entries.Count == ElfLimits.DynamicEntries)
            {
                throw new FormatException($"more than {ElfLimits.DynamicEntries} dynamic entries");
            }

            entries.Add((tag, U64(dynamic, at + 8)));
        }

        if (entries.Count == 0)
        {
            return;
        }

        ReadOnlyMemory<byte> strings = Strings(entries);
        Needed = [.. entries.Where(e => e.Tag == NeededTag).Select(e => Text(strings, e.Value))];
        Soname = entries.Where(e => e.Tag == SonameTag).Select(e => Text(strings, e.Value)).FirstOrDefault();
        string? paths = entries.Where(e => e.Tag is RunPathTag or RPathTag).OrderByDescending(e => e.Tag).Select(e => Text(strings, e.Value)).FirstOrDefault();
        RunPath = paths?.Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [];
    }

    private ReadOnlyMemory<byte> Strings(List<(long Tag, ulong Value)> entries)
    {
        ulong address = entries.FirstOrDefault(e => e.Tag == StringTable).Value, size = entries.FirstOrDefault(e => e.Tag == StringTableSize).Value;
        foreach ((ulong start, ulong offset, ulong bytes) in loads)
        {
            if (address >= start && address - start <= bytes && size <= bytes - (address - start))
            {
                return Slice(file, offset + (address - start), size, "string table");
            }
        }

        throw new FormatException("the dynamic string table is in no segment");
    }

    private static string Text(ReadOnlyMemory<byte> strings, ulong offset)
    {
        if (offset >= (ulong)strings.Length)
        {
            throw new FormatException("a name lies outside its string table");
        }

        ReadOnlySpan<byte> rest = strings.Span[(int)offset..];
        int length = rest[..Math.Min(rest.Length, ElfLimits.StringBytes)].IndexOf((byte)0);
        return length >= 0 ? Encoding.Latin1.GetString(rest[..length]) : throw new FormatException("a name has no end");
    }

    private static ReadOnlyMemory<byte> Slice(ReadOnlyMemory<byte> file, ulong offset, ulong size, string what) =>
        offset <= (ulong)file.Length && size <= (ulong)file.Length - offset
            ? file.Slice((int)offset, (int)size)
            : throw new FormatException($"the {what} lies outside the file");

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
