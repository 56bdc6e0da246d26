using System.Buffers.Binary;
using System.Text;

namespace Pavise.Eval.Floor;

/// <summary>
/// A static ELF program of one segment, assembled here: it asks for access to the I/O ports, writes one line to the first serial port, and reboots, which ends a
/// QEMU that runs with -no-reboot. It needs no driver, no device node and no mount, so nothing but the kernel lies between power-on and the line.
/// </summary>
internal static class FloorInit
{
    internal const string Line = "pavise-floor: init runs";

    private const ulong LoadAddress = 0x400000;
    private const int HeaderBytes = 64, ProgramHeaderBytes = 56, CodeOffset = HeaderBytes + ProgramHeaderBytes;

    internal static byte[] Assemble()
    {
        byte[] text = Encoding.ASCII.GetBytes(Line + "\n");
        byte[] code =
        [
            0xB8, 0xAC, 0x00, 0x00, 0x00, // mov eax, 172 (iopl)
            0xBF, 0x03, 0x00, 0x00, 0x00, // mov edi, 3
            0x0F, 0x05, // syscall
            0x48, 0x8D, 0x35, .. Int32(35), // lea rsi, [rip + 35]: the text, behind the code
            0xB9, .. Int32(text.Length), // mov ecx, length
            0x66, 0xBA, 0xF8, 0x03, // mov dx, 0x3F8
            0xF3, 0x6E, // rep outsb
            0xB8, 0xA9, 0x00, 0x00, 0x00, // mov eax, 169 (reboot)
            0xBF, 0xAD, 0xDE, 0xE1, 0xFE, // mov edi, LINUX_REBOOT_MAGIC1
            0xBE, 0x69, 0x19, 0x12, 0x28, // mov esi, LINUX_REBOOT_MAGIC2
            0xBA, 0x67, 0x45, 0x23, 0x01, // mov edx, LINUX_REBOOT_CMD_RESTART
            0x0F, 0x05, // syscall
            0xEB, 0xFE, // jmp to itself
        ];
        byte[] program = [.. code, .. text];
        return [.. Headers(program.Length), .. program];
    }

    private static byte[] Headers(int programBytes)
    {
        byte[] headers = new byte[CodeOffset];
        Span<byte> elf = headers, segment = elf[HeaderBytes..];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(elf);
        BinaryPrimitives.WriteUInt16LittleEndian(elf[16..], 2); // ET_EXEC
        BinaryPrimitives.WriteUInt16LittleEndian(elf[18..], 62); // EM_X86_64
        BinaryPrimitives.WriteUInt32LittleEndian(elf[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(elf[24..], LoadAddress + CodeOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(elf[32..], HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(elf[52..], HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(elf[54..], ProgramHeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(elf[56..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(segment, 1); // PT_LOAD
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], 5); // readable, executable
        BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], LoadAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[24..], LoadAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], (ulong)(CodeOffset + programBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(segment[40..], (ulong)(CodeOffset + programBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(segment[48..], 0x1000);
        return headers;
    }

    private static byte[] Int32(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
