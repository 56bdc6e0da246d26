namespace Pavise.Host.Vmm;

/// <summary>The environment of everything a visor starts, and of the visor itself: nothing of the caller's.</summary>
internal static class ChildEnvironment
{
    public static readonly IReadOnlyList<string> Minimal = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"];
}
