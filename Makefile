# `make help` lists the targets. Each does what it needs first, and nothing twice: what is built is remembered by
# stamps under .venv, so a second call starts at once and needs no network.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
WEB := omni/console/web
PAGE := omni/console/static/index.html
NODE_MODULES := $(WEB)/node_modules/.package-lock.json

RUST := Cargo.toml Cargo.lock $(shell find core native bench \( -path '*/target' -o -path bench/peers \) -prune -o \( -name '*.rs' -o -name Cargo.toml \) -print)
SVELTE := $(shell find $(WEB) -path '*/node_modules' -prune -o -type f -print 2>/dev/null)

export PYO3_PYTHON := $(abspath $(BIN)/python)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := $(BIN)/python -m pip install --quiet --progress-bar off
say = @printf '\033[1m==> %s\033[0m\n' "$(1)" >&2

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 20

.PHONY: run
run: ready ## run a whole trading day and open the console; options by ARGS="--speed 10"
	@$(BIN)/omni run $(ARGS)

# Nextest runs them faster, but not those in the documentation; without it, cargo runs both.
RUST_TESTS = if cargo nextest --version >/dev/null 2>&1; \
	then cargo nextest run --workspace --locked --no-tests=pass && cargo test --workspace --locked --doc --quiet; \
	else cargo test --workspace --locked --quiet; fi

.PHONY: test
test: tools ## run every test: Rust, Python, the console's page
	$(call say,Rust)
	@$(RUST_TESTS)
	$(call say,Python)
	@$(BIN)/pytest $(ARGS)
	$(call say,console)
	@npm --prefix $(WEB) run --silent test

.PHONY: lint
lint: tools ## check format, lint, types, import contracts, licences, docs
	$(call say,Rust: format and lint)
	@cargo fmt --all --check
	@cargo fmt --manifest-path fuzz/Cargo.toml --check
	@cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
	$(call say,Python: format and lint)
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@$(BIN)/python scripts/function_length.py omni scripts examples bench
	$(call say,types)
	@$(BIN)/mypy
	@$(BIN)/mypy examples/*.py
	@$(BIN)/python -m mypy.stubtest omni._native
	$(call say,contracts and licences)
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python scripts/licences.py
	$(call say,docs)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	$(call say,console)
	@npm --prefix $(WEB) run --silent check

.PHONY: format
format: tools ## format everything
	@cargo fmt --all
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

.PHONY: check
check: ## lint, count instructions, and test
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory instructions
	@$(MAKE) --no-print-directory test

.PHONY: instructions
instructions: prerequisites $(VENV)/.created ## hold the hot paths to their recorded instruction counts; ARGS=--record records
	$(call say,instruction counts)
	@$(BIN)/python scripts/instructions.py $(ARGS)

.PHONY: bench
bench: ready ## measure, beside the floors and the peers; options by ARGS="--only match"
	@$(BIN)/omni bench $(ARGS)

.PHONY: bench-peers
bench-peers: ready ## install peers under build/ and measure them beside us; options by ARGS="--json FILE"
	@$(BIN)/python bench/peers/side_by_side.py $(ARGS)

# Cases of each property: about an hour of two cores.
CASES ?= 50000
export FUZZ_SECONDS ?= 60
.PHONY: fuzz
fuzz: prerequisites $(VENV)/.created ## fuzz each reader by libFuzzer, FUZZ_SECONDS=60, then try each property, CASES=50000
	@scripts/fuzz.sh
	@PROPTEST_CASES=$(CASES) cargo test --workspace --locked --release --lib --bins --tests fuzz -- --nocapture

# Seeds of the simulation, and kills of a process for each of its two tests: about two hours of two cores.
.PHONY: soak
soak: export OMNI_SEEDS ?= 1000000
soak: export OMNI_KILLS ?= 10000
soak: prerequisites ## fail disks and kill processes for hours, OMNI_SEEDS=1000000 OMNI_KILLS=10000
	@cargo test --workspace --locked --release --test lossless --test kill -- --nocapture

.PHONY: wheel
wheel: ready ## build the wheel, console and all, into dist/
	@$(BIN)/maturin build --release --locked --out dist

.PHONY: smoke
smoke: wheel ## install the wheel alone in an empty environment and use it
	@$(BIN)/python scripts/try_wheel.py dist

.PHONY: lock
lock: $(VENV)/.base ## write requirements/*.lock from pyproject.toml
	@$(PIP) uv
	@$(LOCK) --output-file requirements/base.lock
	@$(LOCK) --constraint requirements/base.lock --extra frames --extra docs --extra dev --output-file requirements/dev.lock
LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" --group build

.PHONY: clean
clean: ## remove what was built; runs are kept
	@cargo clean --quiet
	@rm -rf $(VENV) $(WEB)/node_modules omni/console/static dist site build omni/_native*.so
	@find omni tests scripts examples bench -name __pycache__ -prune -exec rm -rf {} +
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# What the targets above stand on.

.PHONY: prerequisites
prerequisites:
	@scripts/prerequisites.sh

# The engine and the page are built side by side.
.PHONY: ready
ready: prerequisites
	@$(MAKE) --silent --no-print-directory -j2 $(VENV)/.engine $(PAGE)

.PHONY: tools
tools: prerequisites
	@$(MAKE) --silent --no-print-directory -j3 $(VENV)/.engine $(VENV)/.dev $(PAGE)

$(VENV)/.created: scripts/prerequisites.sh
	$(call say,Python: virtual environment)
	@"$$(scripts/prerequisites.sh --python)" -m venv --clear $(VENV)
	@touch $@

$(VENV)/.base: requirements/base.lock | $(VENV)/.created
	$(call say,Python: base packages)
	@$(PIP) --require-hashes --requirement requirements/base.lock
	@touch $@

# After the engine, since two installers in one environment get in each other's way.
$(VENV)/.dev: requirements/dev.lock $(VENV)/.base | $(VENV)/.engine
	$(call say,Python: development packages)
	@$(PIP) --require-hashes --requirement requirements/dev.lock
	@touch $@

$(VENV)/.engine: $(RUST) pyproject.toml $(VENV)/.base
	$(call say,Rust: release engine (minutes the first time))
	@PATH="$(abspath $(BIN)):$$PATH" VIRTUAL_ENV="$(abspath $(VENV))" PIP_QUIET=1 $(BIN)/maturin develop --release --locked
	@touch $@

$(NODE_MODULES): $(WEB)/package-lock.json
	$(call say,console: packages)
	@npm --prefix $(WEB) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE): $(NODE_MODULES) $(SVELTE)
	$(call say,console: page)
	@npm --prefix $(WEB) run --silent build
	@touch $@
