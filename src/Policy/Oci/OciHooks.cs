namespace Pavise.Policy.Oci;

/// <summary>hooks (config.md, POSIX-platform Hooks): the kinds that are not empty. What they would run is never read.</summary>
/// <param name="Kinds">Names, comma separated; empty when there is no hook.</param>
public sealed record OciHooks(string Kinds)
{
    internal static OciHooks Read(ref OciObject o)
    {
        List<string> kinds = [];
        foreach (string kind in (ReadOnlySpan<string>)["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"])
        {
            if (o.Says(kind))
            {
                kinds.Add(kind);
            }
        }

        return new(string.Join(", ", kinds));
    }
}
