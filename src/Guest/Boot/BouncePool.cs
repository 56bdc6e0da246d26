#if PAVISE_DEVELOPMENT
using System.Globalization;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Boot;

/// <summary>
/// Where the kernel's bounce pool lies, through which it copies what devices read and write when its command line says so (<c>swiotlb=…,force</c>). The kernel tells it
/// in its log only (<c>swiotlb_print_info</c>): <c>software IO TLB: mapped [mem 0x…-0x…] (32MB)</c>. Does not exist in the production flavour.
/// </summary>
internal static class BouncePool
{
    private const string Before = "software IO TLB: mapped [mem 0x";

    /// <summary>Guest physical address and bytes; zero and zero where there is none.</summary>
    public static (ulong Start, ulong Length) Find() => Find(LinuxSystem.KernelLog());

    internal static (ulong Start, ulong Length) Find(ReadOnlySpan<char> log)
    {
        int at = log.IndexOf(Before, StringComparison.Ordinal);
        if (at < 0)
        {
            return default;
        }

        ReadOnlySpan<char> range = log[(at + Before.Length)..];
        int middle = range.IndexOf("-0x", StringComparison.Ordinal), end = range.IndexOf(']');
        return middle > 0 && end > middle
            && ulong.TryParse(range[..middle], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong first)
            && ulong.TryParse(range[(middle + "-0x".Length)..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong past)
            && past > first
            ? (first, past - first)
            : default;
    }
}
#endif
