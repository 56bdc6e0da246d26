namespace Pavise.Owner.GuestBuild.Packages;

/// <summary>Unpacks packages, each into a folder of its own below a work folder, and remembers which they are.</summary>
internal sealed class PackageStore(IPackageSource source, string workFolder, Action<string> progress)
{
    private readonly SortedDictionary<string, DebianPackage> used = new(StringComparer.Ordinal);

    /// <summary>All that were unpacked, by name.</summary>
    internal IReadOnlyDictionary<string, DebianPackage> Used => used;

    /// <summary>The package that a package without content of its own stands for, such as the kernel of `linux-image-cloud-amd64`.</summary>
    internal async Task<string> FollowAsync(string name, string prefix, CancellationToken cancel)
    {
        DebianPackage package = await FindAsync(name, cancel);
        return package.Depends.FirstOrDefault(d => d.StartsWith(prefix, StringComparison.Ordinal)) ?? name;
    }

    /// <summary>Unpacks one package. The tree's origin is the package's name.</summary>
    internal async Task<FileTree> UnpackAsync(string name, CancellationToken cancel) => await UnpackAsync(await FindAsync(name, cancel), cancel);

    /// <summary>Unpacks packages and, transitively, the libraries among what they depend on.</summary>
    internal async Task<IReadOnlyList<FileTree>> UnpackWithLibrariesAsync(IReadOnlyList<string> names, CancellationToken cancel)
    {
        SortedDictionary<string, DebianPackage> all = new(StringComparer.Ordinal);
        foreach (string name in names)
        {
            all[name] = await FindAsync(name, cancel);
        }

        IReadOnlyList<DebianPackage> front = [.. all.Values];
        while (front.Count > 0)
        {
            string[] next = [.. front.SelectMany(p => p.Depends).Where(d => d.StartsWith("lib", StringComparison.Ordinal) && !all.ContainsKey(d)).Distinct().Order(StringComparer.Ordinal)];
            front = next.Length == 0 ? [] : [.. (await source.FindAsync(next, cancel)).Where(p => all.TryAdd(p.Name, p))];
        }

        List<FileTree> trees = [];
        foreach (DebianPackage package in all.Values)
        {
            trees.Add(await UnpackAsync(package, cancel));
        }

        return trees;
    }

    private async Task<DebianPackage> FindAsync(string name, CancellationToken cancel) =>
        (await source.FindAsync([name], cancel)).FirstOrDefault(p => p.Name == name)
        ?? throw new OwnerException($"there is no Debian package `{name}`", "run apt-get update, or name files: --packages-dir, --sysroot, --kernel");

    private async Task<FileTree> UnpackAsync(DebianPackage package, CancellationToken cancel)
    {
        string folder = Path.Combine(workFolder, package.Name);
        if (used.TryAdd(package.Name, package))
        {
            string file = await source.FetchAsync(package, cancel);
            progress($"unpacking {package.Name} {package.Version}");
            await ExternalTool.TextAsync("dpkg-deb", ["--extract", file, folder], cancel);
        }

        return new(folder, package.Name);
    }
}
