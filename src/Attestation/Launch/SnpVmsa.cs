using System.Buffers.Binary;

namespace Pavise.Attestation.Launch;

/// <summary>
/// A vCPU's first state, the VMSA page (AMD64 Architecture Programmer's Manual, volume 2, appendix B, table "State Save Area for SEV-ES"): the state after reset
/// as KVM and the hypervisor leave it. Offsets are those of the table.
/// </summary>
internal static class SnpVmsa
{
    /// <summary>Where the first vCPU begins.</summary>
    public const uint BootAddress = 0xFFFF_FFF0;

    public static byte[] Page(uint address, ulong features, uint cpuidSignature, SnpVmm vmm)
    {
        bool qemu = vmm == SnpVmm.Qemu;
        byte[] page = new byte[SnpLaunchContext.PageBytes];
        Segment(page, 0x00, 0, 0x93, 0xFFFF, 0); // ES
        Segment(page, 0x10, 0xF000, qemu || address != BootAddress ? (ushort)0x9B : (ushort)0x9A, 0xFFFF, address & 0xFFFF_0000); // CS
        Segment(page, 0x20, 0, qemu ? (ushort)0x93 : (ushort)0x92, 0xFFFF, 0); // SS
        Segment(page, 0x30, 0, 0x93, 0xFFFF, 0); // DS
        Segment(page, 0x40, 0, 0x93, 0xFFFF, 0); // FS
        Segment(page, 0x50, 0, 0x93, 0xFFFF, 0); // GS
        Segment(page, 0x60, 0, 0, 0xFFFF, 0); // GDTR
        Segment(page, 0x70, 0, 0x82, 0xFFFF, 0); // LDTR
        Segment(page, 0x80, 0, 0, 0xFFFF, 0); // IDTR
        Segment(page, 0x90, 0, qemu ? (ushort)0x8B : (ushort)0x83, 0xFFFF, 0); // TR
        U64(page, 0x0D0, 0x1000); // EFER: SVME
        U64(page, 0x148, 0x40); // CR4: MCE
        U64(page, 0x158, 0x10); // CR0: ET
        U64(page, 0x160, 0x400); // DR7
        U64(page, 0x168, 0xFFFF_0FF0); // DR6
        U64(page, 0x170, 0x2); // RFLAGS
        U64(page, 0x178, address & 0xFFFF); // RIP
        U64(page, 0x268, 0x0007_0406_0007_0406); // G_PAT
        U64(page, 0x310, qemu ? cpuidSignature : 0); // RDX
        U64(page, 0x3B0, features); // SEV_FEATURES
        U64(page, 0x3E8, 1); // XCR0
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(0x408), qemu ? 0x1F80U : 0); // MXCSR
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(0x410), qemu ? (ushort)0x37F : (ushort)0); // x87 FCW
        return page;
    }

    private static void Segment(byte[] page, int offset, ushort selector, ushort attributes, uint limit, ulong address)
    {
        Span<byte> segment = page.AsSpan(offset);
        BinaryPrimitives.WriteUInt16LittleEndian(segment, selector);
        BinaryPrimitives.WriteUInt16LittleEndian(segment[2..], attributes);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], limit);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[8..], address);
    }

    private static void U64(byte[] page, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(offset), value);
}
