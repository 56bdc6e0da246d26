using System.Security.Cryptography;

namespace Pavise.Owner.GuestBuild.Packages;

/// <summary>
/// The machine's own apt. Its package lists are signed by Debian and hold each package's SHA-256, against which a file is checked whether it was just
/// downloaded or lay in the cache. Nothing is installed.
/// </summary>
internal sealed class AptSource(string cache, Action<string> progress) : IPackageSource
{
    private bool updated;

    public async Task<IReadOnlyList<DebianPackage>> FindAsync(IReadOnlyList<string> names, CancellationToken cancel)
    {
        IReadOnlyList<DebianPackage> found = await ShowAsync(names, cancel);
        return found.Count > 0 || !await UpdateAsync(cancel) ? found : await ShowAsync(names, cancel);
    }

    public async Task<string> FetchAsync(DebianPackage package, CancellationToken cancel)
    {
        Directory.CreateDirectory(cache);
        string file = Path.Combine(cache, package.FileName);
        if (await IsAsync(file, package.Sha256, cancel))
        {
            return file;
        }

        File.Delete(file);
        progress($"downloading {package.Name} {package.Version}");
        await ExternalTool.TextAsync("apt-get", ["download", "-qq", "-o", "APT::Sandbox::User=root", $"{package.Name}={package.Version}"], cancel, cache);
        return await IsAsync(file, package.Sha256, cancel) ? file : throw new OwnerException($"the downloaded {package.FileName} is not what apt's package list says", "run apt-get update and try again");
    }

    private static async Task<IReadOnlyList<DebianPackage>> ShowAsync(IReadOnlyList<string> names, CancellationToken cancel)
    {
        try
        {
            string text = await ExternalTool.TextAsync("apt-cache", ["show", "--no-all-versions", .. names], cancel);
            return [.. ControlStanzas.Parse(text)
                .Where(s => s.ContainsKey("SHA256") && s.GetValueOrDefault("Architecture") is "amd64" or "all")
                .Select(s => new DebianPackage(s["Package"], s["Version"], s["Architecture"], s["SHA256"], ControlStanzas.Depends(s)))
                .DistinctBy(p => p.Name)];
        }
        catch (OwnerException e) when (e.Message.Contains("No packages found", StringComparison.Ordinal) || e.Message.Contains("Unable to locate", StringComparison.Ordinal))
        {
            return [];
        }
    }

    /// <summary>A fresh machine has no package lists yet. Only root may fetch them.</summary>
    private async Task<bool> UpdateAsync(CancellationToken cancel)
    {
        if (updated || !Environment.IsPrivilegedProcess)
        {
            return false;
        }

        updated = true;
        progress("fetching apt's package lists");
        await ExternalTool.TextAsync("apt-get", ["update", "-qq"], cancel);
        return true;
    }

    private static async Task<bool> IsAsync(string file, string sha256, CancellationToken cancel)
    {
        if (!File.Exists(file))
        {
            return false;
        }

        await using FileStream content = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancel)) == sha256;
    }
}
