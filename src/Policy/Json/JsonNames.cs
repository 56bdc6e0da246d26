using System.Text.Json;

namespace Pavise.Policy.Json;

/// <summary>Frequent member names as shared strings, so that an OCI configuration's hundreds of names cost no memory.</summary>
internal static class JsonNames
{
    private static readonly string[] Frequent =
    [
        "uid", "gid", "env", "cwd", "args", "user", "type", "path", "root", "hard", "soft", "name", "names", "linux", "allow", "major", "minor",
        "limit", "action", "access", "mounts", "source", "options", "process", "rlimits", "devices", "terminal", "readonly", "hostname",
        "resources", "destination", "namespaces", "maskedPaths", "capabilities", "readonlyPaths", "noNewPrivileges", "index", "value", "op", "valueTwo",
        "bounding", "effective", "permitted", "inheritable", "ambient", "ociVersion", "annotations", "cgroupsPath", "seccomp", "memory", "cpu", "pids",
    ];

    private static readonly (byte[] Utf8, string Name)[][] ByLength = Index();

    /// <summary>The shared string equal to the reader's current name, or null.</summary>
    public static string? Get(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> raw = reader.ValueSpan;
        if (reader.ValueIsEscaped || raw.Length >= ByLength.Length)
        {
            return null;
        }

        foreach ((byte[] utf8, string name) in ByLength[raw.Length])
        {
            if (raw.SequenceEqual(utf8))
            {
                return name;
            }
        }

        return null;
    }

    private static (byte[], string)[][] Index() =>
        [.. Enumerable.Range(0, Frequent.Max(n => n.Length) + 1)
            .Select(length => Frequent.Where(n => n.Length == length).Select(n => (System.Text.Encoding.ASCII.GetBytes(n), n)).ToArray())];
}
