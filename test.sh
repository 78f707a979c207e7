#!/usr/bin/env bash
# The one test command. Installs what the integration tests need (on Debian and its relatives), builds everything with warnings as errors, and runs
# every test. What cannot be installed is said, and the tests that need it are skipped. The last line is "N passed, N failed".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Build servers would outlive this script and hold its output open.
export MSBUILDDISABLENODEREUSE=1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_CLI_UI_LANGUAGE=en
configuration=Release
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Tests append lines that a person wants to see even when all is well, such as how many recorded exchanges they replayed.
export HARBOR_TEST_REPORT="$scratch/report.txt"
: > "$HARBOR_TEST_REPORT"

say() { printf '\n== %s\n' "$*"; }

install_redis() {
  if command -v redis-server > /dev/null; then return; fi
  local root=()
  if [ "$(id -u)" -ne 0 ]; then root=(sudo -n); fi
  if ! command -v apt-get > /dev/null; then
    echo "redis-server is not installed and this system has no apt-get: the tests that need it are skipped."
  elif [ ${#root[@]} -gt 0 ] && ! sudo -n true 2> /dev/null; then
    echo "redis-server is not installed and installing needs root: the tests that need it are skipped."
  elif ! {
    "${root[@]}" apt-get update &&
      "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redis-server
  } > "$scratch/apt.log" 2>&1; then
    tail -n 3 "$scratch/apt.log"
    echo "redis-server could not be installed: the tests that need it are skipped."
  else
    echo "redis-server is installed."
  fi
}

# The programs that other people wrote against the public face, where the folder lies beside the repository. It may be read-only.
compile_contract() {
  if [ ! -d ../shared/contract ]; then
    echo "There is no ../shared/contract: not compiled."
    return
  fi
  cp -r ../shared/contract "$scratch/contract"
  chmod -R u+w "$scratch/contract"
  dotnet build "$scratch/contract" -c $configuration -p:HarborRoot="$PWD" '-p:Contract="Spine;Providers;Resilience;Cache;Money"' --artifacts-path "$scratch/contract-build" -v quiet
}

# One number of a .trx file's <Counters total="…" executed="…" passed="…" …>.
count() { sed -E "s/.* $1=\"([0-9]+)\".*/\1/" <<< "$counters"; }

say "What the tests need"
install_redis

say "Build, warnings as errors"
dotnet build HarborClient.sln -c $configuration -warnaserror -v quiet

say "HarborClient.Redis against the client version that its package asks for"
dotnet build src/HarborClient.Redis -c $configuration -warnaserror -p:RedisClientVersion=3.4.35 --artifacts-path "$scratch/redis" -v quiet

say "The contract"
compile_contract

passed=0 failed=0 skipped=0 broken=0
for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  say "$name"
  dotnet test "$project" -c $configuration --no-build --results-directory "$scratch/results" \
    --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" 2>&1 | tee -a "$scratch/said.txt" || broken=1
  counters=$(grep -o '<Counters [^>]*>' "$scratch/results/$name.trx" 2> /dev/null || true)
  if [ -z "$counters" ]; then
    echo "$name left no results: it did not run to its end."
    failed=$((failed + 1))
    continue
  fi
  passed=$((passed + $(count passed)))
  failed=$((failed + $(count executed) - $(count passed)))
  skipped=$((skipped + $(count total) - $(count executed)))
done

# A run that ended badly although no test failed, such as a crash while leaving.
if [ $broken -ne 0 ] && [ $failed -eq 0 ]; then failed=1; fi
# What the library says, the tests read themselves (KeyWatch). What is left is what they print. Names of tests may hold a key: some are about hosts that say it.
say "Keys"
mark=$(sed -nE 's/.*const string Mark = "([^"]+)".*/\1/p' tests/HarborClient.Tests/KeyWatch.cs)
if sed -E 's/ (testName|name)="[^"]*"//g' "$scratch"/results/*.trx "$scratch/said.txt" "$HARBOR_TEST_REPORT" | grep -F -e "${mark:?}"; then
  echo "A key that a test has used is in what the tests print."
  failed=$((failed + 1))
else
  echo "None of the keys that the tests used is in what they print."
fi

say "What the tests report"
cat "$HARBOR_TEST_REPORT"
if [ ! -d ../shared/fixtures ]; then echo "There is no ../shared/fixtures: recorded traffic was not replayed."; fi

say "All"
echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
