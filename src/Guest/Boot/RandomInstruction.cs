using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Pavise.Guest.Boot;

/// <summary>
/// RDRAND: without it a guest on a quiet machine has random numbers that the host can influence or guess, since nothing else in it is unknown to the host. A host can hide
/// the instruction (CPUID); then nothing starts. The development image may do without it under software emulation.
/// </summary>
internal static class RandomInstruction
{
    private const int HypervisorLeaf = 0x4000_0000;

    /// <summary>What is wrong; null when nothing is. The kernel's own list, not CPUID: it also lacks the instruction when its self-test failed.</summary>
    /// <param name="cpuinfo">The text of /proc/cpuinfo.</param>
    /// <param name="mayLack">Whether it is not needed.</param>
    public static string? Problem(string cpuinfo, bool mayLack)
    {
        string[] flags = [.. cpuinfo.Split('\n').Where(l => l.StartsWith("flags", StringComparison.Ordinal))];
        bool everywhere = flags.Length > 0 && flags.All(l => l.Split(' ').Contains("rdrand"));
        return everywhere || mayLack ? null : "the processor has no RDRAND: there would be no random numbers that the host does not know";
    }

    /// <summary>Whether the hypervisor says that it is QEMU's emulator. It is the host's word: only what the development image permits may hang on it.</summary>
    public static bool IsEmulated()
    {
        (int _, int b, int c, int d) = X86Base.CpuId(HypervisorLeaf, 0);
        return MemoryMarshal.AsBytes<int>([b, c, d]).SequenceEqual("TCGTCGTCGTCG"u8);
    }
}
