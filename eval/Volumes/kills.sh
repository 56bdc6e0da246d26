#!/usr/bin/env bash
# PostgreSQL with pgbench on an encrypted volume, its pVM killed at random 50 times (or as often as the first argument says). After ./build; each kill takes a minute and more on tcg.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
dotnet build "$root/tests/Integration" -c Release -v q --nologo
PAVISE_VOLUME_KILLS=${1:-50} exec "$root/out/build/Pavise.Integration.Tests/Release/net10.0/Pavise.Integration.Tests" -noColor -showLiveOutput -class Pavise.Integration.Tests.VolumePostgresTests
