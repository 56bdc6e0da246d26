using System.Text.Json.Nodes;

namespace Pavise.Workloads;

/// <summary>A small root with Debian's static busybox and a link for each of its applets.</summary>
public static class BusyboxImage
{
    /// <summary>Makes the root folder and the OCI image layout below <paramref name="folder"/>, once.</summary>
    /// <returns>The root folder and the layout folder.</returns>
    public static async Task<(string Root, string Layout)> BuildAsync(string folder)
    {
        string root = Path.Combine(folder, "root"), layout = Path.Combine(folder, "oci"), done = Path.Combine(folder, "done");
        if (File.Exists(done))
        {
            return (root, layout);
        }

        foreach (string old in new[] { root, layout }.Where(Directory.Exists))
        {
            Directory.Delete(old, recursive: true);
        }

        await DebianRoot.BuildAsync(["busybox-static"], Path.Combine(folder, "debs"), root);
        CommandResult applets = (await Command.RunAsync(Path.Combine(root, "bin/busybox"), ["--list"])).OrThrow("busybox --list");
        foreach (string applet in applets.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(a => a != "busybox"))
        {
            File.CreateSymbolicLink(Path.Combine(root, "bin", applet), "busybox");
        }

        File.WriteAllText(Path.Combine(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n");
        File.WriteAllText(Path.Combine(root, "etc/group"), "root:x:0:\nnogroup:x:65534:\n");
        Directory.CreateDirectory(Path.Combine(root, "data"));
        Directory.CreateDirectory(Path.Combine(root, "root"));
        OciImage.Write(root, layout, "latest", new JsonObject
        {
            ["Cmd"] = new JsonArray("sh"),
            ["Env"] = new JsonArray("PATH=/bin"),
        });
        File.WriteAllText(done, "");
        return (root, layout);
    }
}
