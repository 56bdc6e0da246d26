using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Eval.Examples;

/// <summary>The images of the examples, each from Debian's packages, each with the users and the configuration that a well-made image has.</summary>
internal static class ExampleImages
{
    private static readonly Dictionary<string, (string[] Packages, string[] Users, string[] Folders, JsonObject Config)> Known = new()
    {
        ["docker.io/example/redis:7"] = (["redis-server", "redis-tools"], ["redis:x:999:999"], ["data"], new()
        {
            ["Entrypoint"] = new JsonArray("redis-server"), ["Env"] = new JsonArray("PATH=/usr/bin:/bin"), ["User"] = "redis", ["WorkingDir"] = "/data", ["Volumes"] = new JsonObject { ["/data"] = new JsonObject() }, ["ExposedPorts"] = new JsonObject { ["6379/tcp"] = new JsonObject() },
        }),
        ["docker.io/example/nginx:1"] = (["nginx", "nginx-common", "zlib1g", "busybox-static"], ["www-data:x:33:33"], ["var/cache/nginx", "usr/share/nginx/html"], new()
        {
            ["Entrypoint"] = new JsonArray("nginx"), ["Cmd"] = new JsonArray("-g", "daemon off;"), ["Env"] = new JsonArray("PATH=/usr/sbin:/usr/bin:/bin"), ["User"] = "www-data", ["StopSignal"] = "SIGQUIT", ["ExposedPorts"] = new JsonObject { ["8080/tcp"] = new JsonObject() },
        }),
        ["docker.io/example/postgresql:15"] = (["postgresql-15", "postgresql-client-15", "zlib1g", "busybox-static", "tzdata"], ["postgres:x:70:70"], ["data", "var/run/postgresql"], new()
        {
            ["Env"] = new JsonArray("PATH=/usr/lib/postgresql/15/bin:/usr/bin:/bin", "PGDATA=/data/pgdata"), ["User"] = "postgres", ["WorkingDir"] = "/data", ["Volumes"] = new JsonObject { ["/data"] = new JsonObject() }, ["ExposedPorts"] = new JsonObject { ["5432/tcp"] = new JsonObject() },
        }),
        ["docker.io/example/busybox:1"] = (["busybox-static"], ["app:x:1000:1000"], ["app"], new()
        {
            ["Cmd"] = new JsonArray("sh"), ["Env"] = new JsonArray("PATH=/bin"), ["User"] = "app", ["WorkingDir"] = "/app",
        }),
    };

    /// <summary>Makes the image once and returns its layout.</summary>
    public static async Task<string> BuildAsync(string reference, string cache)
    {
        if (!Known.TryGetValue(reference, out (string[] Packages, string[] Users, string[] Folders, JsonObject Config) image))
        {
            throw new InvalidOperationException($"no example builds the image {reference}; there are: {string.Join(", ", Known.Keys)}");
        }

        string folder = Path.Combine(cache, string.Concat(reference.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'))), root = Path.Combine(folder, "root"), layout = Path.Combine(folder, "oci"), done = Path.Combine(folder, "done");
        if (File.Exists(done))
        {
            return layout;
        }

        foreach (string old in new[] { root, layout }.Where(Directory.Exists))
        {
            Directory.Delete(old, recursive: true);
        }

        await DebianRoot.BuildAsync(image.Packages, Path.Combine(folder, "debs"), root);
        if (image.Packages.Contains("busybox-static"))
        {
            CommandResult applets = (await Command.RunAsync(Path.Combine(root, "bin/busybox"), ["--list"])).OrThrow("busybox --list");
            foreach (string applet in applets.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(a => !Path.Exists(Path.Combine(root, "bin", a)) && !Path.Exists(Path.Combine(root, "usr/bin", a))))
            {
                File.CreateSymbolicLink(Path.Combine(root, "bin", applet), "busybox");
            }
        }

        File.WriteAllLines(Path.Combine(root, "etc/passwd"), ["root:x:0:0:root:/root:/bin/sh", .. image.Users.Select(u => $"{u}::/:/bin/sh"), "nobody:x:65534:65534:nobody:/:/bin/sh"]);
        File.WriteAllLines(Path.Combine(root, "etc/group"), ["root:x:0:", .. image.Users.Select(u => $"{u.Split(':')[0]}:x:{u.Split(':')[3]}:"), "nogroup:x:65534:"]);
        foreach (string made in image.Folders)
        {
            Directory.CreateDirectory(Path.Combine(root, made));
        }

        OciImage.Write(root, layout, reference.Split(':')[1], image.Config);
        File.WriteAllText(done, "");
        return layout;
    }
}
