using System.Security.Cryptography;

namespace Pavise.Session.Rcar;

/// <summary>The hash by which evidence binds an exchange: <c>sha256</c>, <c>sha384</c> (where nothing was selected) or <c>sha512</c>.</summary>
public static class HashNames
{
    /// <summary>Used where a challenge selects none.</summary>
    public const string Default = "sha384";

    /// <summary>All that are known, the preferred one first.</summary>
    public static IReadOnlyList<string> All { get; } = ["sha384", "sha512", "sha256"];

    /// <summary>What a broker selects: the first it knows of those that the guest supports, the default where the guest names none.</summary>
    /// <exception cref="SessionFormatException">They have none in common.</exception>
    public static string Select(IReadOnlyList<string> supported) =>
        supported.Count == 0 ? Default
        : All.FirstOrDefault(h => supported.Contains(h, StringComparer.OrdinalIgnoreCase))
            ?? throw new SessionFormatException($"supported-hash-algorithms must name one of {string.Join(", ", All)}");

    /// <summary>The digest.</summary>
    /// <exception cref="SessionFormatException">The name is not known.</exception>
    public static byte[] Digest(string name, ReadOnlySpan<byte> data) => name.ToLowerInvariant() switch
    {
        "sha256" => SHA256.HashData(data),
        "sha384" => SHA384.HashData(data),
        "sha512" => SHA512.HashData(data),
        _ => throw new SessionFormatException($"the hash algorithm must be one of {string.Join(", ", All)}"),
    };
}
