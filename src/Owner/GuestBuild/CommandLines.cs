namespace Pavise.Owner.GuestBuild;

/// <summary>
/// The kernel's command line per machine: fixed, part of the measurement, the same in both flavours. docs/design/guest-image.md says why each word is there;
/// a test compares the two.
/// </summary>
internal static class CommandLines
{
    internal static readonly IReadOnlyList<string> Common =
    [
        "rdinit=/init", "quiet", "loglevel=0", "panic=-1", "oops=panic", "no-kvmclock", "no-steal-acc", "random.trust_bootloader=off", "sysctl.kernel.sysrq=0",
        "audit=0", "noresume",
    ];

    internal static readonly IReadOnlyList<string> Microvm = ["reboot=t"];

    // 16,384 slots of 2 KiB: 32 MiB. `iommu=soft` makes the kernel say where they lie.
    internal static readonly IReadOnlyList<string> Tcg = ["swiotlb=16384,force", "iommu=soft"];

    /// <summary>Machine name to command line.</summary>
    internal static IReadOnlyDictionary<string, string> All { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["tcg"] = Line(Common, Microvm, Tcg),
        ["kvm"] = Line(Common, Microvm),
        ["snp"] = Line(Common),
        ["tdx"] = Line(Common),
    };

    /// <summary>The same as the file that the guest compares its own with: a line each, <c>MACHINE: words</c>.</summary>
    internal static string File => string.Concat(All.Select(l => $"{l.Key}: {l.Value}\n"));

    private static string Line(params IReadOnlyList<string>[] parts) => string.Join(' ', parts.SelectMany(p => p));
}
