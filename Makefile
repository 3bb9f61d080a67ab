# Bare `make` prints the commands.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help tools fmt quick lint test prove coverage mutate sim model fuzz nightly gas doc doc-contracts check demo bench ci deny hooks

help:
	@echo "make tools   install what the other commands need; quick when nothing changed"
	@echo "make fmt     format Rust and Solidity"
	@echo "make quick   format, layers and the tests of the core, in seconds"
	@echo "make lint    everything that reads the code without running it"
	@echo "make test    all tests: Solidity, Rust, and the hashes against viem"
	@echo "make prove   symbolic proofs of the contracts and Slither, in a Python environment of their own"
	@echo "make coverage  lines and branches of contracts/ that the forge tests reach; all of them"
	@echo "make mutate  break the contracts in 300 places and see a test fail for each; goes on where it stopped"
	@echo "make sim     random walks of whole nodes over thousands of seeds, with oracles after every step"
	@echo "make model   every interleaving of small scenarios of the core that ships, to the end or to a depth"
	@echo "make fuzz    hostile bytes against the frame decoder and the machine, 10 s each; gets cargo-fuzz"
	@echo "make nightly sim, model, fuzz and invariants for hours instead of minutes; planted bugs against the proofs"
	@echo "make gas     gas of each call, checked against the committed figures"
	@echo "make doc     the documentation: Rust in target/doc, the contracts in target/doc-contracts"
	@echo "make doc-contracts  the reference of the contracts alone"
	@echo "make check   lint and test"
	@echo "make demo    four stories on a local chain: pay, cheat, mediate, pay fast"
	@echo "make bench   core, store and nodes: figures of this machine"
	@echo "make ci      what the build server runs"
	@echo "make deny    licences, bans and sources of the dependencies; needs cargo-deny"
	@echo "make hooks   run make quick before every commit"

tools:
	@scripts/tools

fmt: tools
	@cargo fmt
	@scripts/forge fmt

quick:
	@cargo fmt --check -- --files-with-diff
	@scripts/layers
	@cargo test --release -q -p counterfoil-core --lib

lint: tools
	@scripts/lint

test: tools
	@scripts/test

prove: tools
	@scripts/prove
	@scripts/slither

coverage: tools
	@scripts/coverage

mutate: tools
	@scripts/mutate

sim: tools
	@cargo build --release -p counterfoil-sim
	@cargo run --release -q -p counterfoil-sim -- walk --seeds 2000

model: tools
	@cargo build --release -p counterfoil-model
	@cargo run --release -q -p counterfoil-model -- explore

fuzz: tools
	@scripts/fuzz 10

nightly: tools
	@cargo build --release -p counterfoil-sim -p counterfoil-model
	@cargo run --release -q -p counterfoil-sim -- walk --seeds 200000
	@cargo run --release -q -p counterfoil-model -- explore --deep
	@scripts/fuzz 3600
	@FOUNDRY_PROFILE=nightly FORGE_SNAPSHOT_EMIT=false scripts/forge test --match-path 'adjudicator-tests/invariant/Campaign*'
	@scripts/prove --planted
	@DIFFERENTIAL_LIVES=1000000 cargo test --release -p counterfoil-adjudicator-tests --test differential

gas: tools
	@scripts/gas

doc: tools
	@RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --release
	@$(MAKE) doc-contracts

doc-contracts: tools
	@scripts/forge doc --out target/doc-contracts
	@echo "the reference: target/doc-contracts/src/contracts/interfaces/IAdjudicator.sol/interface.IAdjudicator.md"

check: lint
	@$(MAKE) test

# Built apart, so that the progress of the build shows and the demo's output stands alone.
demo: tools
	@cargo build --release -p counterfoil
	@cargo run --release -q -p counterfoil -- demo

bench: tools
	@cargo build --release -p counterfoil -p counterfoil-core -p counterfoil-store --bins --examples
	@cargo run --release -q -p counterfoil-core --example core_bench
	@cargo run --release -q -p counterfoil-store --example bench
	@cargo run --release -q -p counterfoil -- bench

ci:
	@.ci/run

deny:
	@cargo deny --version >/dev/null 2>&1 || { echo "cargo-deny is missing: cargo install cargo-deny --locked" >&2; exit 1; }
	@cargo deny check bans licenses sources

hooks:
	@git config core.hooksPath .githooks
	@echo "make quick now runs before every commit; undo with: git config --unset core.hooksPath"
