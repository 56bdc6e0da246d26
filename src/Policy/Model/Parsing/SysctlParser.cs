using System.Collections.Immutable;
using Pavise.Policy.Json;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>sysctls</c>: only settings that belong to a namespace of the container.</summary>
internal static class SysctlParser
{
    private static readonly string[] Namespaced = ["net.", "fs.mqueue.", "kernel.msg", "kernel.shm", "kernel.sem"];

    public static ImmutableSortedDictionary<string, string> Parse(Section s)
    {
        ImmutableSortedDictionary<string, string>.Builder sysctls = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach ((string name, JsonValue value, string path) in s.Named("sysctls"))
        {
            if (!Namespaced.Any(p => name.StartsWith(p, StringComparison.Ordinal)) || name.Contains("..", StringComparison.Ordinal)
                || name.AsSpan().ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"))
            {
                s.Problems.Add(path, "is no setting of a container: those begin with net., fs.mqueue., kernel.msg, kernel.shm or kernel.sem");
            }

            sysctls[name] = Values.Text(s.Problems, value, path, 256);
        }

        return sysctls.ToImmutable();
    }
}
