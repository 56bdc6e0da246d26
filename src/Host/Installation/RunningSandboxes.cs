using Pavise.Host.Visor;

namespace Pavise.Host.Installation;

/// <summary>pVMs that run on a node. They are looked up in the node's own proc.</summary>
internal static class RunningSandboxes
{
    private const string Folder = "/run/pavise/sandboxes";

    /// <summary>Their ids.</summary>
    public static string[] Find(HostRoot root)
    {
        string folder = root.Map(Folder);
        string proc = root.Map("/proc");
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder).Where(d => VisorState.Read(d) is { } visor && ProcessStartTime.Of(visor.Pid, proc) == visor.StartTime).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)]
            : [];
    }
}
