using System.Reflection;
using System.Text;
using Pavise.Owner.GuestBuild.Elf;
using Pavise.Owner.GuestBuild.Manifest;
using Pavise.Owner.GuestBuild.Modules;
using Pavise.Owner.GuestBuild.Packages;

namespace Pavise.Owner.GuestBuild;

/// <summary>Gathers the kernel, modules, programs and libraries, and writes the image folder.</summary>
internal sealed class GuestImageBuilder(GuestBuildOptions options, Action<string> progress)
{
    private const string Launcher = "usr/bin/crun";
    private const string RuleProgram = "usr/sbin/nft";
    private const string VolumeMaker = "usr/sbin/mke2fs";

    /// <summary>Packages of the launcher, of the program for packet rules, of the maker of volumes' file systems, and of the libraries that .NET's cryptography loads by name at run time.</summary>
    private static readonly string[] Packages = ["crun", "nftables", "e2fsprogs", "libc6", "libssl3"];

    private static readonly string[] LoadedByName = ["libssl.so.3", "libcrypto.so.3"];

    /// <exception cref="OwnerException">Something that the image needs is missing or malformed.</exception>
    internal async Task<GuestImage> BuildAsync(CancellationToken cancel)
    {
        DirectoryInfo work = Directory.CreateTempSubdirectory("pavise-guest-");
        try
        {
            IPackageSource source = options.PackagesFolder is { } folder ? new PackageFolder(folder) : new AptSource(options.Cache, progress);
            PackageStore store = new(source, work.FullName, progress);
            GuestKernel kernel = options.Kernel is { } image
                ? GuestKernel.FromFiles(image, options.Modules!, options.KernelVersion)
                : await GuestKernel.FromPackageAsync(store, options.KernelPackage, cancel);
            IReadOnlyList<FileTree> trees = options.Sysroot is { } sysroot ? [new(sysroot, GuestOrigins.Sysroot)] : await store.UnpackWithLibrariesAsync(Packages, cancel);

            progress("collecting programs, libraries and modules");
            IReadOnlyList<GuestFile> files = [.. Programs(trees), .. await ModulesAsync(kernel, cancel)];
            GuestImage result = GuestImage.Make(options.Flavour, kernel.Image, kernel.Version, files);
            byte[] sbom = SpdxWriter.Write(result.Manifest, files, store.Used, OwnVersion(), kernel.Image);
            Save(result, sbom);
            return result;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private IReadOnlyList<GuestFile> Programs(IReadOnlyList<FileTree> trees)
    {
        if (!File.Exists(options.Guest))
        {
            throw new OwnerException($"there is no {options.Guest}", "name the pavise-guest program with --guest");
        }

        byte[] guest = File.ReadAllBytes(options.Guest);
        GuestFlavour.Check(guest, options.Guest, options.Flavour);
        GuestFile[] programs =
        [
            new("init", guest, GuestFile.ExecutableMode, GuestOrigins.Own),
            Program(Launcher, trees),
            Program(RuleProgram, trees),
            Program(VolumeMaker, trees, "sbin/mke2fs"),
        ];
        return [.. programs, .. new LibraryClosure(trees).Of(programs, LoadedByName)];
    }

    /// <param name="path">Where the guest looks for it.</param>
    /// <param name="trees">Packages or folders.</param>
    /// <param name="before">Where older distributions, which keep /usr apart, have it.</param>
    private static GuestFile Program(string path, IReadOnlyList<FileTree> trees, string? before = null)
    {
        foreach (FileTree tree in trees)
        {
            if ((tree.Find(path) ?? (before is null ? null : tree.Find(before))) is { } found)
            {
                return new(path, File.ReadAllBytes(found), GuestFile.ExecutableMode, tree.Origin);
            }
        }

        throw new OwnerException($"there is no /{path} in the packages or folders");
    }

    private async Task<IReadOnlyList<GuestFile>> ModulesAsync(GuestKernel kernel, CancellationToken cancel)
    {
        ModuleClosure closure = await ModuleClosure.OfAsync(new(kernel.ModuleFolder, kernel.Version, options.KeepSignatures), ModuleGroups.All, kernel.BuiltIn(), cancel);
        return
        [
            .. closure.Modules.Select(m => new GuestFile($"modules/{m.Name}.ko", m.Content, GuestFile.DataMode, kernel.Origin)),
            new("modules/groups", Encoding.ASCII.GetBytes(closure.GroupsFile), GuestFile.DataMode, GuestOrigins.Own),
            new("etc/pavise/command-lines", Encoding.ASCII.GetBytes(CommandLines.File), GuestFile.DataMode, GuestOrigins.Own),
        ];
    }

    /// <summary>The manifest last: a folder with a manifest is a whole image.</summary>
    private void Save(GuestImage image, byte[] sbom)
    {
        Directory.CreateDirectory(options.Output);
        string manifest = Path.Combine(options.Output, GuestManifest.FileName);
        File.Delete(manifest);
        foreach ((string name, byte[] bytes) in new[]
        {
            (GuestManifest.KernelName, image.Kernel),
            (GuestManifest.InitrdName, image.Initrd),
            (GuestManifest.SbomName, sbom),
            (GuestManifest.FileName, ManifestWriter.Write(image.Manifest)),
        })
        {
            string target = Path.Combine(options.Output, name), partial = $"{target}.partial";
            File.WriteAllBytes(partial, bytes);
            File.Move(partial, target, overwrite: true);
        }
    }

    private static string OwnVersion() => Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
