using Pavise.Owner.GuestBuild.Modules;
using Pavise.Owner.GuestBuild.Packages;

namespace Pavise.Owner.GuestBuild;

/// <summary>A kernel and its modules, and where they come from.</summary>
internal sealed record GuestKernel(byte[] Image, string Version, string ModuleFolder, string Origin)
{
    /// <summary>Compiled into the kernel: needs no loading. Empty where the kernel's list is missing.</summary>
    internal IReadOnlySet<string> BuiltIn()
    {
        string list = Path.Combine(ModuleFolder, "modules.builtin");
        return File.Exists(list)
            ? File.ReadLines(list).Select(l => Modules.ModuleFolder.Key(Path.GetFileName(l.Trim()).Replace(".ko", "", StringComparison.Ordinal))).ToHashSet(StringComparer.Ordinal)
            : new HashSet<string>();
    }

    /// <summary>From a Debian package, or one that only depends on the current one.</summary>
    internal static async Task<GuestKernel> FromPackageAsync(PackageStore store, string package, CancellationToken cancel)
    {
        string name = await store.FollowAsync(package, "linux-image-", cancel);
        FileTree tree = await store.UnpackAsync(name, cancel);
        string boot = Path.Combine(tree.Root, "boot");
        string image = (Directory.Exists(boot) ? Directory.EnumerateFiles(boot, "vmlinuz-*").Order(StringComparer.Ordinal).FirstOrDefault() : null)
            ?? throw new OwnerException($"the package {name} has no kernel in /boot");
        string version = Path.GetFileName(image)["vmlinuz-".Length..];
        string modules = new[] { "usr/lib/modules", "lib/modules" }.Select(f => Path.Combine(tree.Root, f, version)).FirstOrDefault(Directory.Exists)
            ?? throw new OwnerException($"the package {name} has no modules for {version}");
        return Checked(image, modules, version, name);
    }

    /// <summary>From the user's own files.</summary>
    internal static GuestKernel FromFiles(string image, string modules, string? version)
    {
        if (!File.Exists(image))
        {
            throw new OwnerException($"there is no kernel {image}");
        }

        return Directory.Exists(modules) ? Checked(image, modules, version, "kernel") : throw new OwnerException($"there is no folder {modules}");
    }

    private static GuestKernel Checked(string file, string modules, string? version, string origin)
    {
        byte[] image = File.ReadAllBytes(file);
        try
        {
            string own = KernelImage.Version(image);
            return version is null || version == own
                ? new(image, own, modules, origin)
                : throw new OwnerException($"{file} is kernel {own}, not {version}");
        }
        catch (FormatException e)
        {
            throw new OwnerException($"{file}: {e.Message}", inner: e);
        }
    }
}
