#!/usr/bin/env bash
# Names everything the machine lacks to build omni, and how to get it. With --python, prints the interpreter to use.
set -uo pipefail
cd "$(dirname "$0")/.."

missing=()
lacks() { missing+=("$(printf '  %-26s %s' "$1" "$2")"); }
has() { command -v "$1" >/dev/null 2>&1; }
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -1)" = "$1" ]; }

# The newest Python that is new enough; PYTHON overrules.
find_python() {
    local name
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
}

check_python() {
    local python
    python=$(find_python)
    if [ -z "$python" ]; then
        lacks "Python >= 3.11" "apt install python3 python3-venv python3-dev (Debian 12 or newer)"
        return
    fi
    local answer
    answer=$("$python" - <<'PYTHON'
import importlib.util, os, sysconfig
print("venv" if importlib.util.find_spec("ensurepip") else "no-venv")
print("headers" if os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")) else "no-headers")
PYTHON
    )
    case $answer in *no-venv*) lacks "Python's venv" "apt install python3-venv" ;; esac
    case $answer in *no-headers*) lacks "Python's headers (Python.h)" "apt install python3-dev" ;; esac
}

check_rust() {
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    if ! has cargo || ! has rustc; then
        lacks "Rust >= $wanted" "install rustup (https://rustup.rs), then: rustup default stable"
        return
    fi
    found=$(rustc --version | cut -d' ' -f2)
    at_least "$wanted" "$found" || lacks "Rust >= $wanted (this is $found)" "rustup update stable"
}

check_node() {
    local wanted=20.19 found
    if ! has node; then
        lacks "Node >= $wanted" "apt install nodejs npm (Debian 13), or NodeSource's nodejs package"
        return
    fi
    found=$(node --version | tr -d v)
    at_least "$wanted" "$found" || lacks "Node >= $wanted (this is $found)" "NodeSource's nodejs package"
    has npm || lacks "npm" "apt install npm, or NodeSource's nodejs package"
}

if [ "${1:-}" = --python ]; then
    find_python
    exit
fi
has git || lacks "git" "apt install git"
has make || lacks "make" "apt install make"
has gcc || lacks "gcc" "apt install gcc libc6-dev"
check_python
check_rust
check_node
if [ ${#missing[@]} -gt 0 ]; then
    echo "omni can't be built here yet. Missing:" >&2
    printf '%s\n' "${missing[@]}" >&2
    exit 1
fi
