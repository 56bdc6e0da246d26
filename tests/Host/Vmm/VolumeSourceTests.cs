using Microsoft.Win32.SafeHandles;
using Pavise.Host.Vmm;

namespace Pavise.Host.Tests.Vmm;

/// <summary>The image of a volume: made, enlarged, never cut, for one pVM, and never what a link leads to.</summary>
public sealed class VolumeSourceTests : IDisposable
{
    private const ulong Bytes = 1 << 20;
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-volume-").FullName;

    private string Image => Path.Combine(folder, "pavise-data.img");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_folder_gets_a_sparse_file_for_its_owner_alone_that_grows_and_is_never_cut()
    {
        VolumeSource.Open(folder, "data", Bytes).Dispose();
        Assert.Equal((long)Bytes, new FileInfo(Image).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Image));
        VolumeSource.Open(folder, "data", 2 * Bytes).Dispose();
        Assert.Equal(2 * (long)Bytes, new FileInfo(Image).Length);
        VolumeSource.Open(folder, "data", Bytes).Dispose();
        Assert.Equal(2 * (long)Bytes, new FileInfo(Image).Length);
    }

    [Fact]
    public void A_second_user_is_refused_until_the_first_has_ended()
    {
        using (SafeFileHandle first = VolumeSource.Open(folder, "data", Bytes))
        {
            Assert.Contains("in use by another pVM", Assert.Throws<HostException>(() => VolumeSource.Open(folder, "data", Bytes)).Message, StringComparison.Ordinal);
        }

        VolumeSource.Open(folder, "data", Bytes).Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_that_somebody_put_in_its_place_is_not_followed(bool symbolic)
    {
        string victim = Path.Combine(folder, "victim");
        File.WriteAllText(victim, "kept");
        if (symbolic)
        {
            File.CreateSymbolicLink(Image, victim);
        }
        else
        {
            System.Diagnostics.Process.Start("ln", [victim, Image]).WaitForExit();
        }

        Assert.Throws<HostException>(() => VolumeSource.Open(folder, "data", Bytes));
        Assert.Equal("kept", File.ReadAllText(victim));
    }

    [Fact]
    public void A_file_a_character_device_and_nothing_at_all_hold_no_volume()
    {
        string file = Path.Combine(folder, "file");
        File.WriteAllText(file, "kept");
        Assert.Contains("neither a folder nor a block device", Assert.Throws<HostException>(() => VolumeSource.Open(file, "data", Bytes)).Message, StringComparison.Ordinal);
        Assert.Contains("neither a folder nor a block device", Assert.Throws<HostException>(() => VolumeSource.Open("/dev/null", "data", Bytes)).Message, StringComparison.Ordinal);
        Assert.Throws<HostException>(() => VolumeSource.Open(Path.Combine(folder, "none"), "data", Bytes));
        Directory.CreateDirectory(Image);
        Assert.Throws<HostException>(() => VolumeSource.Open(folder, "data", Bytes));
    }
}
