using System.Text;
using Pavise.Owner.GuestBuild;
using Pavise.Owner.GuestBuild.Packages;

namespace Pavise.Owner.Tests.GuestBuild;

/// <summary>The real thing, with Debian's packages through apt. Skipped where apt cannot give them.</summary>
public sealed class DebianBuildTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pavise-debian-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Debian_s_kernel_and_launcher_become_an_image_without_a_shell()
    {
        string cache = Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/root", ".cache/pavise/packages");
        await SkipWithoutAptAsync(cache);
        string guest = Path.Combine(folder.FullName, "guest");
        File.WriteAllBytes(guest, [.. File.ReadAllBytes("/bin/true"), .. Encoding.UTF8.GetBytes($"{GuestFlavour.Marker}development")]);
        string output = Path.Combine(folder.FullName, "image");
        GuestBuildOptions options = new() { Output = output, Flavour = "development", Guest = guest, Cache = cache };
        GuestImage image = await new GuestImageBuilder(options, _ => { }).BuildAsync(TestContext.Current.CancellationToken);
        string[] paths = [.. image.Manifest.Files.Select(f => f.Path)];
        Assert.Contains("/usr/bin/crun", paths);
        Assert.Contains("/usr/sbin/mke2fs", paths);
        Assert.Contains("/modules/dm-verity.ko", paths);
        Assert.Contains("/lib64/ld-linux-x86-64.so.2", paths);
        Assert.DoesNotContain(paths, p => Path.GetFileName(p) is "sh" or "bash" or "dash" or "busybox" or "apt" or "dpkg");
        Assert.All(paths, p => Assert.True(p == "/init" || p is "/usr/bin/crun" or "/usr/sbin/mke2fs" or "/usr/sbin/nft" or "/etc/pavise/command-lines" || p.StartsWith("/modules/", StringComparison.Ordinal) || p.Contains(".so.", StringComparison.Ordinal), p));
        Assert.Empty(ImageCheck.Check(output).Differences);
    }

    private static async Task SkipWithoutAptAsync(string cache)
    {
        AptSource apt = new(cache, _ => { });
        try
        {
            DebianPackage? small = (await apt.FindAsync(["libyajl2"], TestContext.Current.CancellationToken)).FirstOrDefault();
            Assert.SkipWhen(small is null, "apt knows no packages here: run apt-get update");
            await apt.FetchAsync(small!, TestContext.Current.CancellationToken);
        }
        catch (OwnerException e)
        {
            Assert.Skip($"apt cannot fetch packages here: {e.Message}");
        }
    }
}
