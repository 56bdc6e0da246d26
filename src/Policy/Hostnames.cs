namespace Pavise.Policy;

/// <summary>Host names as text.</summary>
internal static class Hostnames
{
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= PolicyLimits.HostnameChars
        && !name.AsSpan().ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-")
        && name[0] is not ('.' or '-');
}
