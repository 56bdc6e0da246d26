using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pavise.Attestation.Launch;

/// <summary>What kind of page is added to a launch (SEV-SNP ABI, SNP_LAUNCH_UPDATE, PAGE_TYPE).</summary>
internal enum SnpPageType : byte
{
    Normal = 1,
    Vmsa = 2,
    Zero = 3,
    Secrets = 5,
    Cpuid = 6,
}

/// <summary>
/// The launch digest as the firmware computes it: SHA-384 over a 112-byte PAGE_INFO for each page, each holding the digest so far (SEV-SNP ABI, section "Launch
/// Digest", table PAGE_INFO).
/// </summary>
internal sealed class SnpLaunchContext
{
    public const int PageBytes = 4096;

    private const int DigestBytes = 48, InfoBytes = 0x70;

    /// <summary>Where a VMSA counts as lying: the last page of 48-bit guest physical addresses.</summary>
    private const ulong VmsaAddress = 0xFFFF_FFFF_F000;

    private byte[] _digest = new byte[DigestBytes];

    public ReadOnlyMemory<byte> Digest => _digest;

    /// <summary>Pages with their content.</summary>
    public void AddNormal(ulong address, ReadOnlySpan<byte> content)
    {
        for (int at = 0; at < content.Length; at += PageBytes)
        {
            Add(SnpPageType.Normal, address + (ulong)at, SHA384.HashData(content.Slice(at, PageBytes)));
        }
    }

    public void AddVmsa(ReadOnlySpan<byte> page) => Add(SnpPageType.Vmsa, VmsaAddress, SHA384.HashData(page));

    /// <summary>Pages whose content is not measured.</summary>
    public void AddUnmeasured(SnpPageType type, ulong address, uint bytes)
    {
        for (uint at = 0; at < bytes; at += PageBytes)
        {
            Add(type, address + at, new byte[DigestBytes]);
        }
    }

    private void Add(SnpPageType type, ulong address, ReadOnlySpan<byte> contents)
    {
        Span<byte> info = stackalloc byte[InfoBytes];
        info.Clear();
        _digest.CopyTo(info);
        contents.CopyTo(info[DigestBytes..]);
        BinaryPrimitives.WriteUInt16LittleEndian(info[0x60..], InfoBytes);
        info[0x62] = (byte)type;
        // 0x63: IMI page and permissions of VMPL 3, 2, 1: none.
        BinaryPrimitives.WriteUInt64LittleEndian(info[0x68..], address);
        _digest = SHA384.HashData(info);
    }
}
