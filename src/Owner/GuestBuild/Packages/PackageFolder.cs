using System.Security.Cryptography;

namespace Pavise.Owner.GuestBuild.Packages;

/// <summary>A folder of .deb files: for builds without a network, and for the very versions of an earlier build.</summary>
internal sealed class PackageFolder(string folder) : IPackageSource
{
    private readonly Dictionary<string, string> files = new(StringComparer.Ordinal);
    private Dictionary<string, DebianPackage>? packages;

    public async Task<IReadOnlyList<DebianPackage>> FindAsync(IReadOnlyList<string> names, CancellationToken cancel)
    {
        packages ??= await ReadAsync(cancel);
        return [.. names.Where(packages.ContainsKey).Select(n => packages[n])];
    }

    public Task<string> FetchAsync(DebianPackage package, CancellationToken cancel) => Task.FromResult(files[package.Name]);

    private async Task<Dictionary<string, DebianPackage>> ReadAsync(CancellationToken cancel)
    {
        Dictionary<string, DebianPackage> found = new(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder, "*.deb").Order(StringComparer.Ordinal))
        {
            IReadOnlyDictionary<string, string> control = ControlStanzas.Parse(await ExternalTool.TextAsync("dpkg-deb", ["--field", file], cancel)).FirstOrDefault()
                ?? throw new OwnerException($"{file} is no Debian package");
            string name = control["Package"];
            await using FileStream content = File.OpenRead(file);
            string hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancel));
            if (!found.TryAdd(name, new(name, control["Version"], control["Architecture"], hash, ControlStanzas.Depends(control))))
            {
                throw new OwnerException($"{folder} has more than one version of {name}", "leave only the one that is wanted");
            }

            files.Add(name, file);
        }

        return found;
    }
}
