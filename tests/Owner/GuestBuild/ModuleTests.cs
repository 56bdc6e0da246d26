using CsCheck;
using Pavise.Owner.GuestBuild.Modules;

namespace Pavise.Owner.Tests.GuestBuild;

public sealed class ModuleTests : IDisposable
{
    private const string Kernel = "6.1.0-test";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pavise-modules-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_module_stands_behind_what_it_needs_and_a_later_group_leaves_out_the_first()
    {
        Add("virtio_ring");
        Add("virtio", "virtio_ring");
        Add("virtio_mmio", "virtio", "virtio_ring");
        Add("vsock");
        Add("transport", "vsock", "virtio");
        ModuleClosure closure = await Close(new("base", ["virtio_mmio"], ""), new("vsock", ["transport"], ""));
        Assert.Equal("base: virtio_ring virtio virtio_mmio\nvsock: vsock transport\n", closure.GroupsFile);
        Assert.Equal(5, closure.Modules.Count);
    }

    [Fact]
    public async Task Groups_that_share_a_module_both_name_it_since_either_may_be_loaded_first()
    {
        Add("shared");
        Add("a", "shared");
        Add("b", "shared");
        Assert.Equal("base:\nx: shared a\ny: shared b\n", (await Close(new("base", [], ""), new("x", ["a"], ""), new("y", ["b"], ""))).GroupsFile);
    }

    [Fact]
    public async Task Hyphen_and_underscore_are_one_in_names()
    {
        File.WriteAllBytes(Path.Combine(folder.FullName, "dm-mod.ko"), ModuleFile.Make("dm_mod", Kernel));
        Add("verity", "dm_mod");
        Assert.Equal("base: dm-mod verity\n", (await Close(new ModuleGroup("base", ["verity"], ""))).GroupsFile);
    }

    [Fact]
    public async Task A_circle_is_an_error_and_no_endless_loop()
    {
        Add("a", "b");
        Add("b", "a");
        await Assert.ThrowsAsync<OwnerException>(() => Close(new ModuleGroup("base", ["a"], "")));
    }

    [Fact]
    public async Task A_module_of_another_kernel_is_refused()
    {
        File.WriteAllBytes(Path.Combine(folder.FullName, "a.ko"), ModuleFile.Make("a", "6.2.0"));
        Assert.Contains("6.2.0", (await Assert.ThrowsAsync<OwnerException>(() => Close(new ModuleGroup("base", ["a"], "")))).Message);
    }

    [Fact]
    public async Task A_missing_module_is_named() =>
        Assert.Contains("dm-verity", (await Assert.ThrowsAsync<OwnerException>(() => Close(new ModuleGroup("base", ["dm-verity"], "")))).Message);

    [Fact]
    public void Any_bytes_are_a_description_or_a_format_error_and_nothing_else() => Gen.Byte.Array[0, 300].Sample(bytes =>
    {
        try
        {
            ModuleInfo.Parse(bytes);
        }
        catch (FormatException)
        {
        }
    });

    private void Add(string name, params string[] depends) => File.WriteAllBytes(Path.Combine(folder.FullName, $"{name}.ko"), ModuleFile.Make(name, Kernel, depends));

    private Task<ModuleClosure> Close(params ModuleGroup[] groups) =>
        ModuleClosure.OfAsync(new(folder.FullName, Kernel), groups, new HashSet<string>(), CancellationToken.None);
}
