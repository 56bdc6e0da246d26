using Pavise.Images.Tests.Support;

namespace Pavise.Images.Tests;

/// <summary>The same content gives the same bytes, whatever form and folder it comes from.</summary>
public sealed class SourceFormsTests
{
    [Fact]
    public async Task Folder_layout_oci_archive_and_docker_archive_give_the_same_image()
    {
        Tool.Require("umoci", "skopeo", "tar");
        Assert.SkipUnless(Environment.UserName == "root", "unpacking owners needs root");
        using TempFolder folder = new();
        string root = folder["root"], layout = folder["layout"];
        ErofsTests.RealTree(root);
        Tool.Run("umoci", "init", "--layout", layout);
        Tool.Run("umoci", "new", "--image", $"{layout}:a");
        Tool.Run("umoci", "insert", "--image", $"{layout}:a", root, "/");
        Tool.Run("skopeo", "copy", "-q", $"oci:{layout}:a", $"oci-archive:{folder["oci.tar"]}:a");
        Tool.Run("skopeo", "copy", "-q", $"oci:{layout}:a", $"docker-archive:{folder["docker.tar"]}:x:a");
        Tool.Run("umoci", "unpack", "--image", $"{layout}:a", folder["bundle"]);
        Tool.Run("cp", "-a", root, folder["copy in another place"]);

        string expected = await HashAsync(root, folder["0.img"]);
        string[] forms = [folder["copy in another place"], layout, folder["oci.tar"], folder["docker.tar"], Path.Combine(folder["bundle"], "rootfs")];
        foreach (string form in forms)
        {
            Assert.Equal((form, expected), (form, await HashAsync(form, folder["x.img"])));
        }

        Assert.True(File.ReadAllBytes(folder["0.img"]).AsSpan().SequenceEqual(File.ReadAllBytes(folder["x.img"])));
    }

    [Fact]
    public async Task One_changed_byte_mode_or_owner_changes_the_hash()
    {
        using TempFolder folder = new();
        HashSet<string> seen = [];
        async Task NextAsync() => Assert.True(seen.Add(await HashAsync(folder["root"], folder["x.img"])));
        Directory.CreateDirectory(folder["root"]);
        File.WriteAllText(folder["root/file"], "content");
        await NextAsync();
        File.WriteAllText(folder["root/file"], "Content");
        await NextAsync();
        Tool.Run("chmod", "755", folder["root/file"]);
        await NextAsync();
        File.SetLastWriteTimeUtc(folder["root/file"], DateTime.UnixEpoch);
        await NextAsync();
        File.Move(folder["root/file"], folder["root/file2"]);
        await NextAsync();
        Directory.CreateDirectory(folder["root/d"]);
        await NextAsync();
    }

    [Fact]
    public async Task A_failed_build_leaves_no_file()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder["no.tar"], new string('x', 2000));
        await Assert.ThrowsAsync<ImageFormatException>(() => HashAsync(folder["no.tar"], folder["out.img"]));
        await Assert.ThrowsAsync<ImageFormatException>(() => HashAsync(folder["absent"], folder["out.img"]));
        Assert.Equal(["no.tar"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName));
    }

    private static async Task<string> HashAsync(string form, string output)
    {
        using ImageSource source = ImageSource.Open(form);
        return (await RootImageBuilder.BuildAsync(source, output, default)).RootHashHex;
    }
}
