# Sourced by build, up, down and demo: where everything lives, and what the scripts share.
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/common.sh"
HERE=$ROOT/eval/kubernetes

# The built programs, outside the tree: the build is long.
if [ -n "${PAVISE_KUBERNETES_CACHE:-}" ]; then CACHE=$PAVISE_KUBERNETES_CACHE
elif [ -n "${XDG_CACHE_HOME:-}" ]; then CACHE=$XDG_CACHE_HOME/pavise-kubernetes
else CACHE=/var/cache/pavise-kubernetes; fi
KUBE_BIN=$CACHE/bin

# Everything that a running cluster has: configuration, certificates, data, sockets, logs, pid files.
STATE=${PAVISE_KUBERNETES_STATE:-/var/lib/pavise-kubernetes}
CONTAINERD_SOCKET=$STATE/containerd.sock
NODE=localhost              # resolves everywhere, and keeps the kubelet's port on the loopback interface
CGROUP=pavise-kubernetes    # every pod's cgroups are below this one
ETCD_PORT=22379 ETCD_PEER_PORT=22380 API_PORT=26443 KUBELET_PORT=20250 KUBELET_HEALTH_PORT=20248 CONTROLLER_PORT=20257 SCHEDULER_PORT=20259

# What the kubelet sets for the whole machine; `up` keeps the old values, `down` writes them back.
KERNEL_SETTINGS="vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes"

ctr_k8s() { ctr --address "$CONTAINERD_SOCKET" --namespace k8s.io "$@"; }
kube() { "$(cat "$STATE/kubectl.path")" --kubeconfig "$STATE/kubeconfig" --request-timeout 30s "$@"; }

# A process's start time in clock ticks: with the pid it names one process for ever. Empty when it is gone or a zombie.
start_ticks() { sed -E 's/^[0-9]+ \(.*\) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" {print $20}'; }

# Whether the process of a pid file still runs.
alive() {
  local pid ticks
  read -r pid ticks <"$STATE/pids/$1" 2>/dev/null || return 1
  [ -n "$ticks" ] && [ "$(start_ticks "$pid")" = "$ticks" ]
}

# start NAME PROGRAM ARGUMENTS…: a daemon in a session of its own, with a log and a pid file.
start() {
  local name=$1; shift
  setsid "$@" >>"$STATE/logs/$name.log" 2>&1 </dev/null 9>&- &
  local pid=$!
  echo "$pid $(start_ticks "$pid")" >"$STATE/pids/$name"
}

start_containerd() { start containerd env PATH="$ROOT/out/bin:$PATH" PAVISE_CONFIG="$STATE/pavise.toml" containerd --config "$STATE/containerd.toml"; }

# until_true SECONDS WHAT DAEMON COMMAND…: waits, but no longer than the daemon lives.
until_true() {
  local seconds=$1 what=$2 daemon=$3 began=$SECONDS; shift 3
  until "$@" >/dev/null 2>&1; do
    alive "$daemon" || { tail -n 20 "$STATE/logs/$daemon.log" >&2; die "$daemon ended while waiting for: $what. Its log: $STATE/logs/$daemon.log"; }
    [ $((SECONDS - began)) -lt "$seconds" ] || { tail -n 20 "$STATE/logs/$daemon.log" >&2; die "not within $seconds s: $what. The log of $daemon: $STATE/logs/$daemon.log"; }
    sleep 0.2
  done
}

# stop NAME [SECONDS]: TERM, then KILL. Nothing when it does not run.
stop() {
  local name=$1 seconds=${2:-10} pid ticks began=$SECONDS
  if alive "$name"; then
    read -r pid ticks <"$STATE/pids/$name"
    kill -TERM "$pid" 2>/dev/null || true
    while alive "$name"; do
      if [ $((SECONDS - began)) -ge "$seconds" ]; then say "$name does not end by TERM; it is killed"; kill -KILL "$pid" 2>/dev/null || true; seconds=$((seconds + 5)); fi
      sleep 0.1
    done
  fi
  rm -f "$STATE/pids/$name"
}

# The program that makes the images and runs the demonstration.
HELPER=$ROOT/out/build/Pavise.Eval.Kubernetes/Release/net10.0/Pavise.Eval.Kubernetes.dll
build_helper() {
  ensure_dotnet
  step "building the demonstration" kubernetes-demo dotnet build "$HERE/Demo" -c Release --nologo -v q
}
