using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers;

/// <summary>The containers' cgroups (Documentation/admin-guide/cgroup-v2.rst), each below <paramref name="parent"/>.</summary>
/// <param name="root">Where the hierarchy is mounted.</param>
/// <param name="parent">Folder of all containers below it, e.g. <c>pavise</c>.</param>
/// <param name="hasControllers">Whether memory, cpu and pids are there.</param>
internal sealed class CgroupTree(string root, string parent, bool hasControllers)
{
    /// <summary>Longest content read from one file; the largest, memory.stat, has some 1,500 bytes.</summary>
    private const int FileBytes = 64 * 1024;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(2);
    private const int FreezeSteps = 2500, RemoveSteps = 500;

    /// <summary>Whether limits and statistics exist.</summary>
    public bool HasControllers => hasControllers;

    /// <summary>Path of a container's cgroup as the launcher wants it.</summary>
    public string PathOf(string name) => $"/{parent}/{name}";

    /// <summary>Content of a file, or empty where the kernel has no such file.</summary>
    public string Read(string name, string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(Path.Combine(Folder(name), file));
            byte[] buffer = new byte[FileBytes];
            int length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return System.Text.Encoding.ASCII.GetString(buffer, 0, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Process numbers in the container, as the guest counts them.</summary>
    public List<int> Processes(string name) => CgroupStats.ParseNumbers(Read(name, "cgroup.procs"));

    /// <summary>Freezes or thaws, and waits until it is so.</summary>
    /// <returns>False if the container has no cgroup or did not freeze in time.</returns>
    public async Task<bool> FreezeAsync(string name, bool frozen, CancellationToken cancellation)
    {
        if (!Directory.Exists(Folder(name)))
        {
            return false;
        }

        Write(name, "cgroup.freeze", frozen ? "1" : "0");
        for (int i = 0; i < FreezeSteps; i++)
        {
            if (CgroupStats.ParseFlat(Read(name, "cgroup.events")).GetValueOrDefault("frozen") == (frozen ? 1u : 0u))
            {
                return true;
            }

            await Task.Delay(Step, cancellation);
        }

        Write(name, "cgroup.freeze", "0");
        return false;
    }

    /// <summary>Kills every process in the container.</summary>
    public void Kill(string name)
    {
        if (Directory.Exists(Folder(name)))
        {
            Write(name, "cgroup.kill", "1");
        }
    }

    /// <summary>Changes limits; what is null stays.</summary>
    public void Update(string name, ResourcesPlan limits)
    {
        if (limits.MemoryBytes is { } memory)
        {
            Write(name, "memory.max", $"{memory}");
        }

        if (limits.CpuQuotaUs is not null || limits.CpuPeriodUs is not null)
        {
            string quota = limits.CpuQuotaUs is { } q ? q > 0 ? $"{q}" : "max" : Read(name, "cpu.max").Split(' ')[0];
            Write(name, "cpu.max", limits.CpuPeriodUs is { } period ? $"{quota} {period}" : quota);
        }

        if (limits.CpuShares is { } shares)
        {
            // The launcher's own conversion: 2 to 262,144 shares become a weight of 1 to 10,000.
            Write(name, "cpu.weight", $"{1 + ((Math.Clamp(shares, 2, 262_144) - 2) * 9999 / 262_142)}");
        }

        if (limits.Pids is { } pids)
        {
            Write(name, "pids.max", pids > 0 ? $"{pids}" : "max");
        }
    }

    /// <summary>Removes the container's cgroup, killing what is left in it.</summary>
    public async Task RemoveAsync(string name)
    {
        string folder = Folder(name);
        for (int i = 0; Directory.Exists(folder); i++)
        {
            try
            {
                Remove(folder);
            }
            catch (IOException) when (i < RemoveSteps)
            {
                // Busy until the kernel has taken the last dead process out.
                Kill(name);
                await Task.Delay(Step);
            }
        }
    }

    /// <summary>Removes the folder of all containers, if it is empty.</summary>
    public void RemoveParent()
    {
        try
        {
            Directory.Delete(Path.Combine(root, parent));
        }
        catch (IOException)
        {
            // Not there, or still used.
        }
    }

    private static void Remove(string folder)
    {
        foreach (string child in Directory.GetDirectories(folder))
        {
            Remove(child);
        }

        Directory.Delete(folder);
    }

    private void Write(string name, string file, string value) => File.WriteAllText(Path.Combine(Folder(name), file), value);

    private string Folder(string name) => Path.Combine(root, parent, name);
}
