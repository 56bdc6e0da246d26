namespace Pavise.Cri.Node;

/// <summary>The configuration of a private containerd (version 2, as containerd 1.6 and 1.7 read it) with its CRI plugin.</summary>
public static class ContainerdConfiguration
{
    /// <summary>Name of the sandbox image, which is imported before the first pod.</summary>
    public const string SandboxImage = "localhost/pause:1";

    private const int CapSysResource = 24;

    /// <summary>The configuration's text.</summary>
    /// <param name="folder">Everything of this containerd is below it.</param>
    /// <param name="cni">Folder of the network configuration.</param>
    public static string Text(string folder, string cni) => $"""
        version = 2
        root = "{folder}/root"
        state = "{folder}/state"
        disabled_plugins = ["io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp"]

        [grpc]
          address = "{folder}/c.sock"

        [ttrpc]
          address = "{folder}/c.sock.ttrpc"

        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "{SandboxImage}"
          stream_server_address = "127.0.0.1"
          stream_server_port = "0"
          restrict_oom_score_adj = {(MayLowerOomScores() ? "false" : "true")}
          netns_mounts_under_state_dir = true

          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "/usr/lib/cni"
            conf_dir = "{cni}"

          [plugins."io.containerd.grpc.v1.cri".containerd]
            snapshotter = "overlayfs"
            default_runtime_name = "runc"

            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
              runtime_type = "io.containerd.runc.v2"

              [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
                SystemdCgroup = false

            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.pavise]
              runtime_type = "io.containerd.pavise.v2"
              pod_annotations = ["dev.pavise.*"]
              container_annotations = ["dev.pavise.*"]
        """;

    /// <summary>Without CAP_SYS_RESOURCE no process may lower its score below its parent's, which the CRI plugin does for sandboxes.</summary>
    private static bool MayLowerOomScores()
    {
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("CapEff:", StringComparison.Ordinal));
        return (Convert.ToUInt64(line["CapEff:".Length..].Trim(), 16) & (1UL << CapSysResource)) != 0;
    }
}
