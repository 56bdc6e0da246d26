# Sourced by up: the files that containerd, the network plugin, the kubelet and kubectl read.
write_containerd_configuration() {
  local restrict=false
  # Bit 24 is CAP_SYS_RESOURCE: without it nobody may lower an oom score, and every pod would fail at that.
  (( (16#$(awk '/^CapEff/ {print $2}' /proc/self/status) >> 24) & 1 )) || restrict=true
  cat >"$STATE/containerd.toml" <<TOML
version = 2
root = "$STATE/containerd/root"
state = "$STATE/containerd/state"
disabled_plugins = ["io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.internal.v1.opt"]

[grpc]
  address = "$CONTAINERD_SOCKET"

[ttrpc]
  address = "$CONTAINERD_SOCKET.ttrpc"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "pavise.dev/pause:1"
  restrict_oom_score_adj = $restrict
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  # There is no registry: images are imported.
  max_container_log_line_size = 16384

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$STATE/cni"

  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.pavise]
      runtime_type = "io.containerd.pavise.v2"
      pod_annotations = ["dev.pavise.*"]
      container_annotations = ["dev.pavise.*"]
TOML
}

write_network_configuration() {
  mkdir -p "$STATE/cni"
  cat >"$STATE/cni/10-pavise.conflist" <<JSON
{
  "cniVersion": "0.4.0",
  "name": "pavise-kubernetes",
  "plugins": [
    { "type": "ptp", "ipMasq": false, "mtu": 1500,
      "ipam": { "type": "host-local", "dataDir": "$STATE/cni-data", "ranges": [[{ "subnet": "10.232.0.0/24" }]] } }
  ]
}
JSON
}

write_kubeconfig() {
  cat >"$STATE/kubeconfig" <<YAML
apiVersion: v1
kind: Config
clusters: [{ name: pavise, cluster: { server: "https://127.0.0.1:$API_PORT", certificate-authority: "$STATE/pki/ca.crt" } }]
users: [{ name: admin, user: { token: "$(cut -d, -f1 "$STATE/tokens.csv")" } }]
contexts: [{ name: pavise, context: { cluster: pavise, user: admin } }]
current-context: pavise
YAML
}

write_kubelet_configuration() {
  cat >"$STATE/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 127.0.0.1
port: $KUBELET_PORT
readOnlyPort: 0
healthzBindAddress: 127.0.0.1
healthzPort: $KUBELET_HEALTH_PORT
tlsCertFile: $STATE/pki/server.crt
tlsPrivateKeyFile: $STATE/pki/server.key
authentication: { anonymous: { enabled: false }, webhook: { enabled: false }, x509: { clientCAFile: "$STATE/pki/ca.crt" } }
authorization: { mode: AlwaysAllow }
cgroupDriver: cgroupfs
cgroupRoot: /$CGROUP
enforceNodeAllocatable: []
failSwapOn: false
makeIPTablesUtilChains: false
evictionHard: { memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1% }
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
volumePluginDir: $STATE/volume-plugins
nodeStatusUpdateFrequency: 2s
resolvConf: $STATE/resolv.conf
YAML
  echo "# no name server: pods reach nothing by name" >"$STATE/resolv.conf"
}
