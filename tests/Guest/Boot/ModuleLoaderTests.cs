using System.Collections.Concurrent;
using Pavise.Guest.Boot;

namespace Pavise.Guest.Tests.Boot;

public sealed class ModuleLoaderTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pavise-modules-");
    private readonly ConcurrentQueue<string> inserted = new();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_group_is_loaded_in_the_order_of_its_line()
    {
        Loader("base: virtio_ring virtio virtio_mmio\n").Load("base");
        Assert.Equal(["virtio_ring", "virtio", "virtio_mmio"], inserted);
    }

    [Fact]
    public async Task A_group_asked_for_again_is_not_loaded_again()
    {
        ModuleLoader loader = Loader("erofs: libcrc32c erofs\noverlay: overlay\n");
        await loader.LoadAsync("erofs");
        await loader.LoadAsync("erofs", "overlay");
        Assert.Equal(3, inserted.Count);
    }

    [Fact]
    public async Task A_group_that_a_kernel_has_built_in_is_empty() => await Loader("base: virtio\nvsock:\n").LoadAsync("vsock", "unknown");

    [Fact]
    public async Task A_module_that_does_not_load_fails_everyone_who_waits_for_its_group()
    {
        ModuleLoader loader = Loader("verity: dm-mod\n", fails: "dm-mod");
        await Assert.ThrowsAsync<IOException>(() => loader.LoadAsync("verity"));
        await Assert.ThrowsAsync<IOException>(() => loader.LoadAsync("verity"));
    }

    private ModuleLoader Loader(string groups, string fails = "")
    {
        File.WriteAllText(Path.Combine(folder.FullName, "groups"), groups);
        return new ModuleLoader(folder.FullName, (path, name) =>
        {
            Assert.Equal(Path.Combine(folder.FullName, $"{name}.ko"), path);
            if (name == fails)
            {
                throw new IOException("no");
            }

            inserted.Enqueue(name);
        });
    }
}
