namespace Pavise.Host.Installation;

/// <summary>
/// Adds Pavise's runtime to a containerd configuration and takes it away again. Every other byte stays as it is. The result is parsed again:
/// it must mean what the file meant before, and the runtime's table beside it; else nothing is written.
/// </summary>
internal static class ConfigurationMerge
{
    /// <summary>The CRI plugin's name in configurations of version 2 (containerd 1.3 to 2.x).</summary>
    public const string PluginOfVersion2 = "io.containerd.grpc.v1.cri";

    /// <summary>The same for version 3 (containerd 2.x), where the plugin was split.</summary>
    public const string PluginOfVersion3 = "io.containerd.cri.v1.runtime";

    /// <summary>What is written where there was no configuration: containerd 1.x and 2.x read it.</summary>
    public const string NewFile = "version = 2\n";

    private static readonly string[] Plugins = [PluginOfVersion2, PluginOfVersion3];

    /// <summary>The file with the runtime.</summary>
    /// <exception cref="HostException">The file cannot be read, has a version or a form that cannot be added to, or a runtime of this name that is not the installer's.</exception>
    public static byte[] Add(ReadOnlySpan<byte> file, string name)
    {
        // Before anything else: that the file is TOML at all, and what it means without an earlier installation.
        byte[] bare = RuntimeBlock.Remove(file);
        ContainerdToml before = ContainerdToml.Parse(bare, name);
        string plugin = before.Version switch
        {
            2 => PluginOfVersion2,
            3 => PluginOfVersion3,
            1 => throw new HostException(before.IsEmpty
                ? $"{name} is empty, and so of version 1, which knows no such runtimes; write \"version = 2\" into it, or remove it"
                : $"{name} is of version 1 (it has no \"version\"), which knows no such runtimes; convert it by: containerd config migrate"),
            long other => throw new HostException($"{name} is of version {other}; 2 and 3 are known"),
        };
        if (before.Texts("disabled_plugins").Any(p => p is "cri" || p.StartsWith("io.containerd.", StringComparison.Ordinal) && Plugins.Contains(p)))
        {
            throw new HostException($"{name} switches the CRI plugin off (disabled_plugins), so Kubernetes cannot use this containerd; remove that entry");
        }

        foreach (string other in Plugins.Where(p => before.Has("plugins", p, "containerd", "runtimes", RuntimeBlock.Runtime)))
        {
            throw new HostException($"{name} has a runtime {RuntimeBlock.Runtime} already ([plugins.\"{other}\".containerd.runtimes.{RuntimeBlock.Runtime}]) that this installer did not write; remove it first");
        }

        string lines = RuntimeBlock.Lines(plugin);
        byte[] after = RuntimeBlock.Add(file, lines);
        SortedSet<string> expected = before.Values();
        expected.UnionWith(ContainerdToml.Parse(System.Text.Encoding.UTF8.GetBytes(lines), "the runtime's table").Values());
        RequireSame(after, expected, name);
        return after;
    }

    /// <summary>The file without the runtime: the bytes from before <see cref="Add"/>.</summary>
    /// <exception cref="HostException">Taking the lines away would change something else.</exception>
    public static byte[] Remove(ReadOnlySpan<byte> file, string name)
    {
        byte[] after = RuntimeBlock.Remove(file);
        if (after.Length != file.Length)
        {
            SortedSet<string> expected = ContainerdToml.Parse(file, name).Values();
            foreach (string plugin in Plugins)
            {
                expected.RemoveWhere(v => v.StartsWith($"\0plugins\0{plugin}\0containerd\0runtimes\0{RuntimeBlock.Runtime}\0", StringComparison.Ordinal));
            }

            RequireSame(after, expected, name);
        }

        return after;
    }

    private static void RequireSame(ReadOnlySpan<byte> after, SortedSet<string> expected, string name)
    {
        bool same;
        try
        {
            same = ContainerdToml.Parse(after, name).Values().SetEquals(expected);
        }
        catch (HostException)
        {
            same = false;
        }

        if (!same)
        {
            throw new HostException($"{name} is written in a way that no table can be added to or taken from at its end (such as an inline table of runtimes); write its tables with [headers], or add the runtime by hand as docs/kubernetes.md shows");
        }
    }
}
