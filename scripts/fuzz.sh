#!/usr/bin/env bash
# Runs libFuzzer on each reader for FUZZ_SECONDS, on stable Rust. What it finds lies in target/fuzz/found; the corpus in
# target/fuzz/corpus grows from run to run. Arguments name the targets; without any, all of them.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-60}
host=$(rustc -vV | sed -n 's/^host: //p')
built=target/fuzz/$host/release
cargo=(--release --locked --manifest-path fuzz/Cargo.toml --target-dir target/fuzz)
[ $# -gt 0 ] || set -- itch dbn file record journal control

if ! command -v c++ >/dev/null 2>&1; then
    echo "fuzzing needs a C++ compiler for libFuzzer: apt install g++" >&2
    exit 1
fi
cargo run --quiet "${cargo[@]}" --bin seeds target/fuzz/corpus

# What cargo-fuzz sets on nightly, in flags that stable has; --target keeps them from build scripts.
coverage=(
    -Cpasses=sancov-module
    -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares
    -Clink-dead-code
)
RUSTFLAGS="${coverage[*]}" cargo build --quiet "${cargo[@]}" --target "$host" "${@/#/--bin=}"

# The journal's target writes a file each time: into memory where that can be.
TMPDIR=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

mkdir -p target/fuzz/found
for target in "$@"; do
    echo "==> fuzz $target for $seconds s"
    log=target/fuzz/$target.log
    if ! "$built/$target" "target/fuzz/corpus/$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
        -rss_limit_mb=1024 -artifact_prefix="target/fuzz/found/$target-" -print_final_stats=1 >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        exit 1
    fi
    sed -nE 's/^stat::number_of_executed_units: */  inputs tried: /p; s/^stat::new_units_added: */  that reached something new: /p' "$log"
done
