using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Owner.Tests.Policies.Generation;

/// <summary>Small image layouts with a configuration of the test's choice and the users that images usually have.</summary>
internal sealed class TestImages : IDisposable
{
    private static readonly string[] Users =
        ["root:x:0:0:root:/root:/bin/sh", "daemon:x:1:1::/:", "www-data:x:101:82:www:/var/www:/bin/false", "nobody:x:65534:65534::/:", "app:x:1000:1000::/app:", "redis:x:999:1000::/data:", "memcache:x:11211:11211::/:", "broken line"];

    private static readonly string[] Groups = ["root:x:0:", "www-data:x:82:", "app:x:1000:redis", "extra:x:2000:app,redis", "nogroup:x:65534:"];

    private readonly string folder = Directory.CreateTempSubdirectory("pavise-images-").FullName;

    /// <summary>Makes a layout and returns its folder.</summary>
    public string Make(string name, JsonObject config)
    {
        string safe = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')), root = Path.Combine(folder, safe, "root"), layout = Path.Combine(folder, safe, "oci");
        if (!Directory.Exists(layout))
        {
            Directory.CreateDirectory(Path.Combine(root, "etc"));
            Directory.CreateDirectory(Path.Combine(root, "tmp"));
            Directory.CreateDirectory(Path.Combine(root, "run"));
            File.WriteAllLines(Path.Combine(root, "etc/passwd"), Users);
            File.WriteAllLines(Path.Combine(root, "etc/group"), Groups);
            File.WriteAllText(Path.Combine(root, "name"), name);
            OciImage.Write(root, layout, "latest", config);
        }

        return layout;
    }

    /// <summary>User and group as containerd looks them up: by number or name; group 0 where the number has no line.</summary>
    public static (uint Uid, uint Gid) Lookup(string user)
    {
        string[][] lines = [.. Users.Select(u => u.Split(':')).Where(u => u.Length > 3)];
        string[]? line = lines.FirstOrDefault(l => l[0] == user) ?? lines.FirstOrDefault(l => l[2] == user);
        return line is null ? (uint.Parse(user), 0) : (uint.Parse(line[2]), uint.Parse(line[3]));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
