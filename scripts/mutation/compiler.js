// One solc that stays loaded: starting it anew would cost each mutant as much as compiling.
"use strict";

const fs = require("fs");
const path = require("path");

const REMAPPINGS = ["@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/"];
// Nothing is optimized that need not be: half the time. A mutant that survives is compiled again in full.
const QUICK = {
  enabled: true,
  runs: 1,
  details: {
    peephole: false,
    inliner: false,
    jumpdestRemover: false,
    orderLiterals: false,
    deduplicate: false,
    cse: false,
    constantOptimizer: false,
    yul: true,
    yulDetails: { stackAllocation: true, optimizerSteps: "u:u" },
  },
};
const FULL = { enabled: true, runs: 1_000_000 };

class Compiler {
  constructor(root) {
    const packages = path.join(root, "node_modules", "solc");
    const soljson = require(path.join(packages, "soljson.js"));
    this.solc = require(path.join(packages, "wrapper.js"))(soljson);
    this.root = root;
    this.read = new Map();
  }

  source(file) {
    if (!this.read.has(file)) this.read.set(file, fs.readFileSync(path.join(this.root, file), "utf8"));
    return this.read.get(file);
  }

  run(files, settings, changed = {}) {
    const content = (file) => changed[file] || this.source(file);
    const sources = Object.fromEntries(files.map((file) => [file, { content: content(file) }]));
    const input = {
      language: "Solidity",
      sources,
      settings: {
        remappings: REMAPPINGS,
        evmVersion: "cancun",
        metadata: { bytecodeHash: "none", appendCBOR: false },
        ...settings,
      },
    };
    const resolve = (file) => {
      try {
        return { contents: content(file) };
      } catch (error) {
        return { error: String(error) };
      }
    };
    return JSON.parse(this.solc.compile(JSON.stringify(input), { import: resolve }));
  }

  /** The syntax trees of `files`, by file. */
  trees(files) {
    const output = this.run(files, { outputSelection: { "*": { "": ["ast"] } } });
    refuse(output);
    return Object.fromEntries(files.map((file) => [file, output.sources[file].ast]));
  }

  /** Creation and runtime code of each of `targets` (`{ file, contract }`), or the errors: `{ codes, errors }`. */
  bytecode(targets, changed, full) {
    const outputSelection = {};
    for (const { file, contract } of targets) {
      outputSelection[file] = { [contract]: ["evm.bytecode.object", "evm.deployedBytecode.object"] };
    }
    const files = targets.map(({ file }) => file);
    const settings = { viaIR: true, optimizer: full ? FULL : QUICK, outputSelection };
    const output = this.run(files, settings, changed);
    const errors = (output.errors || []).filter(({ severity }) => severity === "error");
    if (errors.length > 0) return { errors };
    const codes = targets.map(({ file, contract }) => {
      const { bytecode, deployedBytecode } = output.contracts[file][contract].evm;
      return { creation: bytecode.object, runtime: deployedBytecode.object };
    });
    return { codes };
  }
}

function refuse(output) {
  const error = (output.errors || []).find(({ severity }) => severity === "error");
  if (error) throw new Error(error.formattedMessage);
}

module.exports = { Compiler };
