# Sourced by build, test and quickstart: installs what is missing on Debian, and finds the .NET 10 SDK.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
mkdir -p "$ROOT/out"

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a long step: its output goes to a log, the terminal shows that it goes on, and on failure the log's end.
step() {
  local title=$1 log=$ROOT/out/logs/$2.log began=$SECONDS; shift 2
  mkdir -p "$ROOT/out/logs"
  "$@" >"$log" 2>&1 &
  local pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    if [ -t 1 ]; then printf '\r%s (%d s) ' "$title" $((SECONDS - began)); fi
    sleep 0.2
  done
  if wait "$pid"; then
    if [ -t 1 ]; then printf '\r'; fi
    say "$title: done ($((SECONDS - began)) s)"
  else
    if [ -t 1 ]; then printf '\n'; fi
    tail -n 40 "$log" >&2
    die "$title failed; the whole output is in $log"
  fi
}

# Debian packages by what they are for. Only missing ones are installed.
BUILD_PACKAGES="gcc clang zlib1g-dev binutils libc6-dev ca-certificates"
RUN_PACKAGES="qemu-system-x86 crun libssl3 util-linux iproute2 mount nftables"
TEST_PACKAGES="runc containerd containernetworking-plugins podman conmon skopeo umoci erofs-utils cryptsetup-bin attr libcap2-bin jq procps catatonit docker.io"

ensure_packages() {
  local missing=() p
  for p in "$@"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing+=("$p")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  [ "$(id -u)" = 0 ] || die "these Debian packages are missing: ${missing[*]}. Run as root, or install them by: apt-get install ${missing[*]}"
  command -v apt-get >/dev/null || die "these packages are missing and there is no apt-get: ${missing[*]}"
  step "installing ${missing[*]}" apt bash -c "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${missing[*]}"
}

has_sdk() { command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; }

ensure_dotnet() {
  if ! has_sdk && [ -x "$HOME/.dotnet/dotnet" ]; then export PATH="$HOME/.dotnet:$PATH" DOTNET_ROOT="$HOME/.dotnet"; fi
  has_sdk && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-cache show dotnet-sdk-10.0 >/dev/null 2>&1; then
    ensure_packages dotnet-sdk-10.0
    has_sdk && return 0
  fi
  ensure_packages curl ca-certificates libicu72
  step "installing the .NET 10 SDK into ~/.dotnet" dotnet-install bash -c \
    "curl -fsSL https://dot.net/v1/dotnet-install.sh -o '$ROOT/out/dotnet-install.sh' && bash '$ROOT/out/dotnet-install.sh' --channel 10.0 --install-dir '$HOME/.dotnet'" ||
    die "the .NET 10 SDK is missing and could not be installed. Install it from https://dotnet.microsoft.com/download/dotnet/10.0 and run again"
  export PATH="$HOME/.dotnet:$PATH" DOTNET_ROOT="$HOME/.dotnet"
  has_sdk || die "the .NET 10 SDK is still missing after its installation"
}
