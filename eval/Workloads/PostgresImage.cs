using System.Text.Json.Nodes;

namespace Pavise.Workloads;

/// <summary>PostgreSQL from Debian's packages with its clients and pgbench, busybox for a shell. Without its just-in-time compiler, which is three quarters of the whole.</summary>
public static class PostgresImage
{
    /// <summary>User and group id of postgres in the image.</summary>
    public const int Uid = 70;

    private const string Programs = "/usr/lib/postgresql/15/bin";

    /// <summary>Programs of the image.</summary>
    public const string Path = $"{Programs}:/usr/bin:/bin";

    /// <summary>What starts it on /data: a database is made where there is none.</summary>
    public const string Script = "test -s /data/pg/PG_VERSION || initdb -D /data/pg --no-locale -E UTF8 -A trust >/tmp/initdb 2>&1; "
        + "exec postgres -D /data/pg -c listen_addresses= -c unix_socket_directories=/tmp -c shared_buffers=32MB -c max_wal_size=64MB -c checkpoint_timeout=30s";

    /// <summary>Makes the root folder and the OCI image layout below <paramref name="folder"/>, once.</summary>
    /// <returns>The root folder and the layout folder.</returns>
    public static async Task<(string Root, string Layout)> BuildAsync(string folder)
    {
        string root = System.IO.Path.Combine(folder, "root"), layout = System.IO.Path.Combine(folder, "oci"), done = System.IO.Path.Combine(folder, "done");
        if (File.Exists(done))
        {
            return (root, layout);
        }

        foreach (string old in new[] { root, layout }.Where(Directory.Exists))
        {
            Directory.Delete(old, recursive: true);
        }

        await DebianRoot.BuildAsync(["postgresql-15", "postgresql-client-15", "busybox-static", "coreutils", "tzdata", "zlib1g"], System.IO.Path.Combine(folder, "debs"), root);
        string lib = System.IO.Path.Combine(root, "usr/lib");
        foreach (string file in Directory.EnumerateFiles(lib, "libLLVM*", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(lib, "libz3*", SearchOption.AllDirectories)).Concat(Directory.EnumerateFiles(lib, "llvmjit*", SearchOption.AllDirectories)).ToList())
        {
            File.Delete(file);
        }

        foreach (string tree in new[] { "usr/lib/llvm-14", "usr/lib/postgresql/15/lib/bitcode" }.Select(t => System.IO.Path.Combine(root, t)).Where(Directory.Exists))
        {
            Directory.Delete(tree, recursive: true);
        }

        foreach (string applet in new[] { "sh", "sed", "grep" }.Where(a => !File.Exists(System.IO.Path.Combine(root, "bin", a))))
        {
            File.CreateSymbolicLink(System.IO.Path.Combine(root, "bin", applet), "busybox");
        }

        File.WriteAllText(System.IO.Path.Combine(root, "etc/passwd"), $"root:x:0:0:root:/root:/bin/false\npostgres:x:{Uid}:{Uid}:postgres:/data:/bin/false\n");
        File.WriteAllText(System.IO.Path.Combine(root, "etc/group"), $"root:x:0:\npostgres:x:{Uid}:\n");
        Directory.CreateDirectory(System.IO.Path.Combine(root, "data"));
        OciImage.Write(root, layout, "latest", new JsonObject { ["Cmd"] = new JsonArray("sh", "-c", Script), ["Env"] = new JsonArray($"PATH={Path}"), ["User"] = $"{Uid}:{Uid}" });
        File.WriteAllText(done, "");
        return (root, layout);
    }
}
