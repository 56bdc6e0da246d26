using Pavise.Host.Shim.Protos;

namespace Pavise.Host.Shim.CommandLine;

/// <summary>The switches <c>-info</c> (containerd 2.x) and <c>-v</c>.</summary>
internal static class InfoAction
{
    private static string Version => typeof(InfoAction).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>For people.</summary>
    public static string VersionText => $"{ShimProgram.Runtime}:\n  Version:  {Version}\n";

    /// <summary>For containerd.</summary>
    public static RuntimeInfo Run() => new() { Name = ShimProgram.Runtime, Version = new RuntimeVersion { Version = Version } };
}
