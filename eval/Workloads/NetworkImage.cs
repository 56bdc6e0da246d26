using System.Text.Json.Nodes;

namespace Pavise.Workloads;

/// <summary>redis, nginx and Python from Debian's packages: servers as they are, and a client that can do anything with a socket.</summary>
public static class NetworkImage
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

        await DebianRoot.BuildAsync(["redis-server", "redis-tools", "coreutils", "nginx", "nginx-common", "python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib", "zlib1g", "libexpat1"], Path.Combine(folder, "debs"), root);
        File.WriteAllText(Path.Combine(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\n");
        File.WriteAllText(Path.Combine(root, "etc/group"), "root:x:0:\nwww-data:x:33:\n");
        Directory.CreateDirectory(Path.Combine(root, "data"));
        Directory.CreateDirectory(Path.Combine(root, "var/www/html"));
        File.WriteAllText(Path.Combine(root, "var/www/html/index.html"), "served by nginx\n");
        File.WriteAllText(Path.Combine(root, "etc/nginx/pavise.conf"), "pid /data/nginx.pid; daemon off; error_log stderr; events {} http { access_log /dev/stdout; client_body_temp_path /data; proxy_temp_path /data; fastcgi_temp_path /data; uwsgi_temp_path /data; scgi_temp_path /data; server { listen 8080; root /var/www/html; } }\n");
        OciImage.Write(root, layout, "latest", new JsonObject { ["Cmd"] = new JsonArray("sleep", "infinity"), ["Env"] = new JsonArray("PATH=/usr/sbin:/usr/bin:/bin"), ["WorkingDir"] = "/" });
        File.WriteAllText(done, "");
        return (root, layout);
    }
}
