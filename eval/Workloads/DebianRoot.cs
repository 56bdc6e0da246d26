namespace Pavise.Workloads;

/// <summary>
/// A root file system from Debian's packages: the named ones and the libraries they depend on, without maintainer scripts,
/// documentation and locales. Only programs and their libraries: no init system, no package manager.
/// </summary>
public static class DebianRoot
{
    private static readonly string[] Unneeded = ["usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian", "usr/share/bash-completion", "etc/init.d", "lib/systemd", "usr/lib/systemd", "etc/logrotate.d", "etc/default"];

    /// <summary>Downloads (once, into the cache folder) and unpacks the packages into an empty folder.</summary>
    /// <param name="packages">Debian package names.</param>
    /// <param name="cache">Folder that keeps the .deb files.</param>
    /// <param name="root">Folder to make.</param>
    public static async Task BuildAsync(IReadOnlyList<string> packages, string cache, string root)
    {
        Directory.CreateDirectory(cache);
        List<string> all = await ClosureAsync(packages);
        string[] missing = [.. all.Where(p => Cached(cache, p) is null)];
        if (missing.Length > 0)
        {
            (await Command.RunAsync("apt-get", ["download", "-q", "-o", "APT::Sandbox::User=root", .. missing], TimeSpan.FromMinutes(5), workingDirectory: cache)).OrThrow("apt-get download");
        }

        Directory.CreateDirectory(root);
        foreach (string package in all)
        {
            string deb = Cached(cache, package) ?? throw new InvalidOperationException($"apt-get downloaded no {package}");
            (await Command.RunAsync("dpkg-deb", ["-x", deb, root])).OrThrow($"unpacking {package}");
        }

        foreach (string folder in Unneeded.Select(u => Path.Combine(root, u)).Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (string folder in new[] { "proc", "sys", "dev", "tmp", "etc", "run" })
        {
            Directory.CreateDirectory(Path.Combine(root, folder));
        }
    }

    private static string? Cached(string cache, string package) => Directory.EnumerateFiles(cache, $"{package}_*.deb").Order(StringComparer.Ordinal).LastOrDefault();

    /// <summary>The packages and, transitively, the libraries (lib…, lua-…) among what they depend on.</summary>
    private static async Task<List<string>> ClosureAsync(IReadOnlyList<string> packages)
    {
        SortedSet<string> seen = new(packages, StringComparer.Ordinal);
        List<string> front = [.. packages];
        while (front.Count > 0)
        {
            CommandResult answer = (await Command.RunAsync("apt-cache", ["depends", "--important", "--no-recommends", .. front])).OrThrow("apt-cache depends");
            front = [.. answer.Output.Split('\n')
                .Select(l => l.Trim().TrimStart('|'))
                .Where(l => l.StartsWith("Depends: ", StringComparison.Ordinal) || l.StartsWith("PreDepends: ", StringComparison.Ordinal))
                .Select(l => l[(l.IndexOf(' ') + 1)..])
                .Where(p => p.StartsWith("lib", StringComparison.Ordinal) || p.StartsWith("lua-", StringComparison.Ordinal))
                .Where(seen.Add)
                .ToList()];
        }

        return [.. seen];
    }
}
