using System.Text;
using Pavise.Owner.GuestBuild;
using Pavise.Owner.GuestBuild.Manifest;
using Pavise.Owner.GuestBuild.Modules;

namespace Pavise.Owner.Tests.GuestBuild;

public sealed class BuildTests : IDisposable
{
    private const string Kernel = "6.1.0-test";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pavise-build-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Two_folders_two_times_and_two_umasks_give_the_same_bytes()
    {
        string first = await BuildAsync("one"), second = await BuildAsync("some/where/else");
        foreach (string name in new[] { GuestManifest.KernelName, GuestManifest.InitrdName, GuestManifest.FileName, GuestManifest.SbomName })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(first, name)), File.ReadAllBytes(Path.Combine(second, name)));
        }
    }

    [Fact]
    public async Task A_built_folder_is_what_its_manifest_says()
    {
        StringWriter output = new();
        Assert.Equal(0, await CommandLine.RunAsync(["guest", "inspect", await BuildAsync("image")], output));
        Assert.Contains("/init", output.ToString());
    }

    [Theory]
    [InlineData(GuestManifest.KernelName)]
    [InlineData(GuestManifest.InitrdName)]
    public async Task One_changed_bit_is_found(string file)
    {
        string image = await BuildAsync("image");
        byte[] bytes = File.ReadAllBytes(Path.Combine(image, file));
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(Path.Combine(image, file), bytes);
        StringWriter errors = new();
        Assert.Equal(1, await CommandLine.RunAsync(["guest", "inspect", image], new StringWriter(), errors));
        Assert.Contains(file, errors.ToString());
    }

    [Fact]
    public async Task A_kernel_of_another_version_is_refused()
    {
        StringWriter errors = new();
        Assert.Equal(1, await CommandLine.RunAsync([.. Arguments("image"), "--kernel-version", "6.9"], new StringWriter(), errors));
        Assert.Contains("6.9", errors.ToString());
    }

    [Theory]
    [InlineData("production", "development")]
    [InlineData("development", "production")]
    public void A_guest_of_the_other_flavour_is_refused(string asked, string actual)
    {
        Assert.Contains(actual, Assert.Throws<OwnerException>(() => GuestFlavour.Check(Encoding.UTF8.GetBytes($"x{GuestFlavour.Marker}{actual}y"), "guest", asked)).Message);
        GuestFlavour.Check(Encoding.UTF8.GetBytes($"xy{GuestFlavour.Marker}{actual}z"), "guest", actual);
    }

    [Fact]
    public void A_program_that_is_no_guest_is_refused() => Assert.Throws<OwnerException>(() => GuestFlavour.Check("program"u8, "guest", "production"));

    [Fact]
    public async Task A_kernel_without_its_modules_is_a_misuse() =>
        Assert.Equal(2, await CommandLine.RunAsync(["guest", "build", "--out", "x", "--flavour", "development", "--kernel", "y"], new StringWriter(), new StringWriter()));

    private async Task<string> BuildAsync(string name)
    {
        StringWriter errors = new();
        Assert.True(await CommandLine.RunAsync(Arguments(name), new StringWriter(), errors) == 0, errors.ToString());
        return Path.Combine(folder.FullName, name);
    }

    private string[] Arguments(string name)
    {
        string modules = Path.Combine(folder.FullName, "modules"), kernel = Path.Combine(folder.FullName, "kernel");
        string sysroot = Path.Combine(folder.FullName, "sysroot");
        Directory.CreateDirectory(modules);
        Directory.CreateDirectory(Path.Combine(sysroot, "usr/bin"));
        Directory.CreateDirectory(Path.Combine(sysroot, "usr/sbin"));
        Directory.CreateDirectory(Path.Combine(sysroot, "lib64"));
        File.WriteAllBytes(kernel, ModuleFile.Kernel(Kernel));
        foreach (string module in ModuleGroups.All.SelectMany(g => g.Modules))
        {
            File.WriteAllBytes(Path.Combine(modules, $"{module}.ko"), ModuleFile.Make(module, Kernel));
        }

        // A module is an ELF file that needs nothing: it stands for the program, the launcher and the libraries.
        foreach (string file in new[] { "guest", "sysroot/usr/bin/crun", "sysroot/usr/sbin/mke2fs", "sysroot/usr/sbin/nft", "sysroot/lib64/libssl.so.3", "sysroot/lib64/libcrypto.so.3" })
        {
            File.WriteAllBytes(Path.Combine(folder.FullName, file), ModuleFile.Make("program", Kernel));
        }

        File.AppendAllText(Path.Combine(folder.FullName, "guest"), $"{GuestFlavour.Marker}development");
        return ["guest", "build", "--out", Path.Combine(folder.FullName, name), "--flavour", "development", "--guest", Path.Combine(folder.FullName, "guest"), "--kernel", kernel, "--modules", modules, "--sysroot", sysroot];
    }
}
