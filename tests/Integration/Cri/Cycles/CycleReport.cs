using Pavise.Cri.Node;

namespace Pavise.Cri.Cycles;

/// <summary>What is on the machine before and after many lives of pods or containers, counted when none lives.</summary>
/// <param name="Cycles">How many between the two counts.</param>
/// <param name="Before">After the first few cycles, since programs keep what they will need again.</param>
/// <param name="After">At the end.</param>
/// <param name="Shim">Memory of the pod's own processes before and after, where the pod lives through all cycles; bytes.</param>
/// <param name="Seconds">Each cycle's time.</param>
/// <param name="Leftovers">What should be gone and is not.</param>
public sealed record CycleReport(int Cycles, Census Before, Census After, (long Before, long After)? Shim, IReadOnlyList<double> Seconds, IReadOnlyList<string> Leftovers)
{
    /// <summary>The middle one of the times.</summary>
    public double MedianSeconds => Seconds.Order().ElementAt(Seconds.Count / 2);

    /// <summary>Rows: what, before, after.</summary>
    public IEnumerable<(string What, long Before, long After)> Rows()
    {
        yield return ("processes", Before.Processes, After.Processes);
        yield return ("mounts", Before.Mounts, After.Mounts);
        yield return ("files of pods", Before.Files, After.Files);
        yield return ("control groups", Before.Cgroups, After.Cgroups);
        yield return ("descriptors of containerd", Before.Descriptors, After.Descriptors);
        yield return ("memory of containerd, KiB", Before.ContainerdBytes >> 10, After.ContainerdBytes >> 10);
        if (Shim is (long before, long after))
        {
            yield return ("memory of shim and visor, KiB", before >> 10, after >> 10);
        }
    }
}
