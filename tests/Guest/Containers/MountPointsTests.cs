using CsCheck;
using Pavise.Guest.Containers;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Tests.Containers;

public sealed class MountPointsTests : IDisposable
{
    private readonly string image = Directory.CreateTempSubdirectory("pavise-image-").FullName;
    private readonly string layer = Directory.CreateTempSubdirectory("pavise-layer-").FullName;

    public void Dispose()
    {
        Directory.Delete(image, recursive: true);
        Directory.Delete(layer, recursive: true);
    }

    [Fact]
    public void What_the_image_has_is_not_missing()
    {
        Directory.CreateDirectory($"{image}/proc");
        Assert.Empty(MountPoints.FindMissing(image, [new MountPlan("/proc", MountKind.Proc)]));
    }

    [Fact]
    public void Links_are_followed_inside_the_image_only()
    {
        Directory.CreateDirectory($"{image}/run");
        Directory.CreateDirectory($"{image}/var");
        File.CreateSymbolicLink($"{image}/var/run", "/run");
        File.CreateSymbolicLink($"{image}/out", "../../../etc");
        Assert.Equal(["run/secrets", "etc"], MountPoints.FindMissing(image, [new MountPlan("/var/run/secrets", MountKind.Tmpfs), new MountPlan("/out", MountKind.Tmpfs)]).Select(m => m.Path));
    }

    [Fact]
    public void A_mount_inside_another_is_no_concern_of_the_image() =>
        Assert.Equal(["dev"], MountPoints.FindMissing(image, [new MountPlan("/dev", MountKind.Dev), new MountPlan("/dev/pts", MountKind.DevPts)]).Select(m => m.Path));

    [Fact]
    public void A_cycle_of_links_is_refused()
    {
        File.CreateSymbolicLink($"{image}/a", "b");
        File.CreateSymbolicLink($"{image}/b", "a");
        Assert.Throws<InvalidDataException>(() => MountPoints.Resolve(image, "/a/x"));
    }

    [Fact]
    public void The_layer_holds_the_missing_ones_and_keeps_permissions()
    {
        Directory.CreateDirectory($"{image}/etc", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        MountPoints.Make(image, layer, MountPoints.FindMissing(image, [new MountPlan("/etc/hosts", MountKind.HostFiles) { Files = [new HostFilePlan("", null, 1)] }, new MountPlan("/data/a", MountKind.Tmpfs)]));
        Assert.True(File.Exists($"{layer}/etc/hosts"));
        Assert.True(Directory.Exists($"{layer}/data/a"));
        Assert.Equal(File.GetUnixFileMode($"{image}/etc"), File.GetUnixFileMode($"{layer}/etc"));
    }

    [Fact]
    public void No_path_leaves_the_image() => Gen.Int[0, 3].Select(i => new[] { "..", ".", "a", "b" }[i]).Array[0, 12].Sample(names =>
        Assert.DoesNotContain("..", MountPoints.Resolve(image, "/" + string.Join('/', names)).Path.Split('/')));
}
