// A copy of the checkout in which the tests of forge meet a mutant: its bytecode takes the place of the artifact.
"use strict";

const { spawn, execFileSync } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");

// What forge needs, and its cache, without which it would compile for a minute first.
// Of the cache only what forge itself keeps: the environments of the other tools are large.
const isNeeded = (from) => !/\/cache\/[^/]+\//.test(`${from}/`) || /\/cache\/solidity-files-cache\.json$/.test(from);
const PARTS = ["foundry.toml", "contracts", "adjudicator-tests", "scripts", "out", "cache"];
const SOURCES = ["@openzeppelin", "@uniswap"];
// Programs run where they are installed: solc finds the packages it needs only there.
const PROGRAMS = ["@foundry-rs", "solc"];
// Gas is no behaviour, and symbolic proofs and recorded figures are not what a mutant is tested with.
// Bounds of gas in other folders hold for optimized code only, which the first tests do not meet.
const FIRST = {
  skipped: ["gas", "symbolic", "invariant", "differential", "hostile"],
  args: ["--no-match-test", "[cC]osts|[sS]tarved|Gas"],
  env: { FOUNDRY_FUZZ_RUNS: "8" },
};
const REST = { skipped: ["gas", "symbolic"], args: [], env: { FOUNDRY_FUZZ_RUNS: "256", FOUNDRY_INVARIANT_RUNS: "10" } };

class Copy {
  constructor(root) {
    this.root = fs.mkdtempSync(path.join(os.tmpdir(), "counterfoil-mutation-"));
    for (const part of PARTS) {
      const from = path.join(root, part);
      if (fs.existsSync(from)) fs.cpSync(from, path.join(this.root, part), { recursive: true, filter: isNeeded });
    }
    fs.mkdirSync(path.join(this.root, "node_modules"));
    const installed = (name) => fs.realpathSync(path.join(root, "node_modules", name));
    const place = (name) => path.join(this.root, "node_modules", name);
    for (const name of SOURCES) fs.cpSync(installed(name), place(name), { recursive: true });
    for (const name of PROGRAMS) fs.symlinkSync(installed(name), place(name));
    this.forge = path.join(this.root, "scripts", "forge");
    execFileSync(this.forge, ["build"], { cwd: this.root, stdio: ["ignore", "ignore", "inherit"] });
    this.lighten();
    this.originals = new Map();
  }

  // Forge reads every artifact before it runs a test, and nine tenths of them are syntax trees that no test asks for.
  lighten() {
    const out = path.join(this.root, "out");
    const folders = fs.readdirSync(out).filter((name) => name.endsWith(".sol"));
    for (const file of folders.flatMap((name) => fs.readdirSync(path.join(out, name)).map((one) => path.join(out, name, one)))) {
      const { ast, metadata, rawMetadata, ...rest } = JSON.parse(fs.readFileSync(file));
      fs.writeFileSync(file, JSON.stringify(rest));
    }
  }

  artifact({ file, contract }) {
    return path.join(this.root, "out", path.basename(file), `${contract}.json`);
  }

  /** Runtime code that forge itself compiled. */
  runtime(target) {
    const { deployedBytecode } = JSON.parse(this.original(target));
    return deployedBytecode.object.slice(2);
  }

  original(target) {
    const file = this.artifact(target);
    if (!this.originals.has(file)) this.originals.set(file, fs.readFileSync(file, "utf8"));
    return this.originals.get(file);
  }

  put(target, { creation, runtime }) {
    const built = JSON.parse(this.original(target));
    built.bytecode.object = `0x${creation}`;
    built.deployedBytecode.object = `0x${runtime}`;
    fs.writeFileSync(this.artifact(target), JSON.stringify(built));
  }

  restore(target) {
    fs.writeFileSync(this.artifact(target), this.original(target));
  }

  /** Runs the tests until one fails: `{ outcome: "passed" | "failed" | "timeout", test }`. */
  test({ thorough, seconds }) {
    const tests = thorough ? REST : FIRST;
    const args = ["test", "--fail-fast", "--no-match-path", `adjudicator-tests/{${tests.skipped}}/**`, ...tests.args];
    const env = { ...process.env, FORGE_SNAPSHOT_CHECK: "false", FORGE_SNAPSHOT_EMIT: "false", ...tests.env };
    return new Promise((resolve) => {
      const child = spawn(this.forge, args, { cwd: this.root, env, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      let late = false;
      child.stdout.on("data", (data) => (output += data));
      child.stderr.on("data", (data) => (output += data));
      const timer = setTimeout(() => {
        late = true;
        child.kill("SIGKILL");
      }, seconds * 1000);
      child.on("close", (code) => {
        clearTimeout(timer);
        const failures = failed(output);
        if (late) resolve({ outcome: "timeout", test: "timeout" });
        else if (code === 0 && / passed/.test(output)) resolve({ outcome: "passed" });
        else if (failures.length > 0) resolve({ outcome: "failed", test: failures[0] });
        else throw new Error(`forge did not run the tests:\n${output.slice(-2000)}`);
      });
    });
  }

  remove() {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

// A failed invariant is named below the calls that broke it.
function failed(output) {
  const named = /^\[FAIL(?:[^\n]*\] |[^]*?\n )(\w+)\(/gm;
  return [...output.matchAll(named)].map((match) => match[1]);
}

/** What the two sets of tests are, in words. */
function described({ skipped, args, env }) {
  const folders = skipped.map((name) => `${name}/`).join(", ");
  const names = args.length > 0 ? ` and tests named \`${args[1]}\`` : "";
  const campaigns = env.FOUNDRY_INVARIANT_RUNS ? `, each campaign of invariants ${env.FOUNDRY_INVARIANT_RUNS} runs` : "";
  return `all folders but ${folders}${names}; ${env.FOUNDRY_FUZZ_RUNS} fuzz runs${campaigns}`;
}

const TESTS = { first: described(FIRST), rest: described(REST) };

module.exports = { Copy, TESTS };
