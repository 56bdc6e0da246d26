using System.Formats.Tar;
using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Eval.Kubernetes;

/// <summary>The images of the cluster, as archives that <c>ctr image import</c> reads: there is no registry.</summary>
internal static class ClusterImages
{
    /// <summary>Where the cluster finds them.</summary>
    public const string Redis = "pavise.dev/redis:1";

    /// <summary>A shell and its tools.</summary>
    public const string Busybox = "pavise.dev/busybox:1";

    /// <summary>The node installer, as deploy/Containerfile describes it, on Debian's C library and OpenSSL.</summary>
    public const string Installer = "pavise.dev/pavise-installer";

    /// <summary>Makes the installer's image from what the build made; anew each time, since that may have changed.</summary>
    public static async Task<string> BuildInstallerAsync(string folder, string built)
    {
        string root = Path.Combine(folder, "installer"), layout = Layout(folder, "installer"), archive = Path.Combine(folder, "installer.tar");
        foreach (string old in new[] { root, layout }.Where(Directory.Exists))
        {
            Directory.Delete(old, recursive: true);
        }

        await DebianRoot.BuildAsync(["libssl3", "libc6"], Path.Combine(folder, "redis", "debs"), root);
        foreach (string program in new[] { "pavise-runtime", "containerd-shim-pavise-v2" })
        {
            Directory.CreateDirectory(Path.Combine(root, "opt/pavise/bin"));
            File.Copy(Path.Combine(built, "bin", program), Path.Combine(root, "opt/pavise/bin", program));
        }

        foreach (string file in Directory.EnumerateFiles(Path.Combine(built, "guest"), "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(root, "opt/pavise", Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        OciImage.Write(root, layout, "1", new JsonObject { ["Entrypoint"] = new JsonArray("/opt/pavise/bin/pavise-runtime"), ["User"] = "65534:65534" });
        File.Delete(archive);
        TarFile.CreateFromDirectory(layout, archive, includeBaseDirectory: false);
        Directory.Delete(root, recursive: true);
        Directory.Delete(layout, recursive: true);
        return archive;
    }

    /// <summary>Makes <c>pause.tar</c>, <c>busybox.tar</c> and <c>redis.tar</c> in a folder, once.</summary>
    public static async Task BuildAsync(string folder)
    {
        (string busybox, _) = await BusyboxImage.BuildAsync(Path.Combine(folder, "busybox"));
        (string redis, _) = await RedisImage.BuildAsync(Path.Combine(folder, "redis"));
        // A pod's network needs a process to hold it under runc; it only has to stay.
        Pack(folder, "pause", busybox, new JsonObject { ["Entrypoint"] = new JsonArray("/bin/sleep", "2147483647") });
        Pack(folder, "busybox", busybox, new JsonObject { ["Cmd"] = new JsonArray("sh"), ["Env"] = new JsonArray("PATH=/bin") });
        Pack(folder, "redis", redis, new JsonObject
        {
            ["Entrypoint"] = new JsonArray("redis-server"),
            ["Cmd"] = new JsonArray("--save", "", "--dir", "/data"),
            ["Env"] = new JsonArray("PATH=/usr/bin:/bin"),
            ["User"] = $"{RedisImage.Uid}:{RedisImage.Uid}",
            ["WorkingDir"] = "/data",
        });
    }

    /// <summary>The image's layout, from which the owner computes the root hash.</summary>
    public static string Layout(string folder, string name) => Path.Combine(folder, name + "-layout");

    private static void Pack(string folder, string name, string root, JsonObject config)
    {
        string archive = Path.Combine(folder, name + ".tar"), layout = Layout(folder, name);
        if (File.Exists(archive))
        {
            return;
        }

        if (Directory.Exists(layout))
        {
            Directory.Delete(layout, recursive: true);
        }

        OciImage.Write(root, layout, "1", config);
        TarFile.CreateFromDirectory(layout, archive + ".new", includeBaseDirectory: false);
        File.Move(archive + ".new", archive, overwrite: true);
    }
}
