using System.Globalization;

namespace Pavise.KeyBroker.Sealing;

/// <summary>What a sealed resource is for: an old version or another resource's bytes in its place do not open.</summary>
internal static class ResourcePurpose
{
    public static string Of(string path, long version) => string.Create(CultureInfo.InvariantCulture, $"resource {path}#{version}");
}
