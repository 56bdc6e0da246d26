using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Pavise.Guest.Volumes;

/// <summary>
/// Table lines of the kernel's targets (Documentation/admin-guide/device-mapper: linear, dm-integrity, dm-crypt). AES-256-XTS for secrecy, HMAC-SHA-256 over sector number,
/// random IV and ciphertext for authenticity: both in every kernel, fast where the processor helps, and a repeated IV, should the generator ever fail, tells only that a block is as it
/// was, where GCM or AEGIS would lose the key. dm-integrity keeps IV and MAC beside each block, and writes both through its journal, so that a kill never parts them.
/// </summary>
internal static class VolumeTables
{
    /// <summary>Bytes kept for each block: a random IV (16) and the MAC (32).</summary>
    public const int TagBytes = 48;

    /// <summary>The encrypted part of the disk.</summary>
    public static byte[] Linear(string disk) => Ascii($"{disk} {VolumeLayout.DataOffset / VolumeLayout.SectorBytes}");

    /// <summary>
    /// Journal, superblock under a MAC of their own (<c>journal_mac</c>, <c>fix_hmac</c>): what the host wrote there is not parsed any further.
    /// </summary>
    public static byte[] Integrity(string below, ReadOnlySpan<byte> key) =>
        WithKey($"{below} 0 {TagBytes} J 4 block_size:{VolumeLayout.BlockBytes} fix_padding fix_hmac journal_mac:hmac(sha256):", key, "");

    /// <summary>The authenticated encryption.</summary>
    public static byte[] Crypt(string below, ReadOnlySpan<byte> key) =>
        WithKey("capi:authenc(hmac(sha256),xts(aes))-random ", key, $" 0 {below} 0 2 integrity:{TagBytes}:aead sector_size:{VolumeLayout.BlockBytes}");

    /// <summary>The number of sectors that dm-integrity says it offers: the second word of its status line.</summary>
    /// <exception cref="VolumeException">It says something else.</exception>
    public static ulong Provided(string status) =>
        status.Split(' ') is [_, var sectors, ..] && ulong.TryParse(sectors, NumberStyles.None, CultureInfo.InvariantCulture, out ulong provided)
            ? provided
            : throw new VolumeException("the kernel's dm-integrity says nothing of its size");

    private static byte[] WithKey(string before, ReadOnlySpan<byte> key, string after)
    {
        byte[] line = new byte[before.Length + (2 * key.Length) + after.Length];
        Encoding.ASCII.GetBytes(before, line);
        Convert.TryToHexStringLower(key, line.AsSpan(before.Length), out _);
        Encoding.ASCII.GetBytes(after, line.AsSpan(before.Length + (2 * key.Length)));
        return line;
    }

    private static byte[] Ascii(FormattableString text) => Encoding.ASCII.GetBytes(FormattableString.Invariant(text));
}
