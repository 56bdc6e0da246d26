using System.Text.Json.Nodes;

namespace Pavise.Workloads;

/// <summary>redis-server from Debian's packages, with coreutils to look around.</summary>
public static class RedisImage
{
    /// <summary>User and group id of redis in the image.</summary>
    public const int Uid = 999;

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

        await DebianRoot.BuildAsync(["redis-server", "redis-tools", "coreutils"], Path.Combine(folder, "debs"), root);
        File.WriteAllText(Path.Combine(root, "etc/passwd"), $"root:x:0:0:root:/root:/bin/false\nredis:x:{Uid}:{Uid}:redis:/data:/bin/false\n");
        File.WriteAllText(Path.Combine(root, "etc/group"), $"root:x:0:\nredis:x:{Uid}:\n");
        Directory.CreateDirectory(Path.Combine(root, "data"));
        OciImage.Write(root, layout, "latest", new JsonObject
        {
            ["Entrypoint"] = new JsonArray("redis-server"),
            ["Cmd"] = new JsonArray("--save", "", "--dir", "/data"),
            ["Env"] = new JsonArray("PATH=/usr/bin:/bin"),
            ["User"] = $"{Uid}:{Uid}",
            ["WorkingDir"] = "/data",
        });
        File.WriteAllText(done, "");
        return (root, layout);
    }
}
