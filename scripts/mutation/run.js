// Takes mutants through the compiler and the tests, and says what became of each.
"use strict";

const { Copy } = require("./copy.js");
const { at, choose, mutate, weave } = require("./weave.js");

const BATCH = 150;
const OUTCOMES = { passed: "survived", failed: "killed", timeout: "timeout" };

class Run {
  constructor(root, compiler, targets, quick) {
    this.quick = quick;
    this.compiler = compiler;
    this.targets = targets;
    this.copy = new Copy(root);
    this.survivors = new Map();
  }

  /** Runs `mutants`; those that passed the first tests before meet only the rest. */
  async all(mutants, passed, tell) {
    const fresh = mutants.filter((mutant) => !passed(mutant));
    const woven = fresh.filter(({ body }) => body);
    const others = fresh.filter(({ body }) => !body);
    for (let i = 0; i < woven.length; i += BATCH) await this.batch(woven.slice(i, i + BATCH), tell);
    if (others.length > 0) await this.without(this.compiler.bytecode(this.targets, {}, false).codes);
    for (const mutant of others) {
      const started = Date.now();
      const targets = this.reached(mutant);
      const changed = { [mutant.file]: mutate(this.compiler.source(mutant.file), mutant) };
      const { codes } = this.compiler.bytecode(targets, changed, false);
      const result = codes ? await this.one(mutant, targets, codes) : { outcome: "invalid" };
      tell({ mutant, ...result, seconds: since(started) });
    }
    for (const mutant of this.quick ? [] : mutants.filter(passed)) {
      const started = Date.now();
      const result = await this.again(mutant);
      tell({ mutant, ...result, seconds: since(started) });
    }
  }

  async batch(mutants, tell) {
    let left = mutants;
    let compiled;
    let changed;
    for (;;) {
      const files = [...new Set(left.map(({ file }) => file))];
      const woven = (file) => weave(this.compiler.source(file), left.filter((mutant) => mutant.file === file));
      changed = Object.fromEntries(files.map((file) => [file, woven(file)]));
      compiled = this.compiler.bytecode(this.targets, changed, false);
      if (compiled.codes) break;
      const invalid = new Set(compiled.errors.map((error) => this.culprit(error, changed)));
      for (const mutant of left.filter(({ number }) => invalid.has(number))) {
        tell({ mutant, outcome: "invalid", seconds: 0 });
      }
      left = left.filter(({ number }) => !invalid.has(number));
    }
    await this.without(compiled.codes.map((code) => choose(code, 0)));
    for (const mutant of left) {
      const started = Date.now();
      const targets = this.reached(mutant);
      const codes = targets.map((target) => choose(compiled.codes[this.targets.indexOf(target)], mutant.number));
      tell({ mutant, ...(await this.one(mutant, targets, codes)), seconds: since(started) });
    }
  }

  culprit({ sourceLocation, formattedMessage }, changed) {
    const { file, start } = sourceLocation || {};
    const number = changed[file] ? at(changed[file], start) : null;
    if (number === null) throw new Error(formattedMessage);
    return number;
  }

  // What is not mutated has to pass, else a kill means nothing.
  async without(codes) {
    this.targets.forEach((target, i) => this.copy.put(target, codes[i]));
    const started = Date.now();
    const result = await this.copy.test({ thorough: false, seconds: 600 });
    if (result.outcome !== "passed") throw new Error(`fails without a mutant: ${result.test}`);
    this.seconds = 60 + 10 * since(started);
    this.targets.forEach((target) => this.copy.restore(target));
  }

  async one(mutant, targets, codes) {
    targets.forEach((target, i) => this.copy.put(target, codes[i]));
    const { outcome, test } = await this.copy.test({ thorough: false, seconds: this.seconds });
    targets.forEach((target) => this.copy.restore(target));
    if (outcome === "passed" && !this.quick) return this.again(mutant);
    return { outcome: OUTCOMES[outcome], test, tests: "first" };
  }

  /** Compiles a survivor as the contracts are deployed, and runs all tests. */
  async again(mutant) {
    const targets = this.reached(mutant);
    const changed = { [mutant.file]: mutate(this.compiler.source(mutant.file), mutant) };
    const { codes, errors } = this.compiler.bytecode(targets, changed, true);
    if (errors) return { outcome: "invalid", tests: "rest" };
    if (targets.every((target, i) => codes[i].runtime === this.copy.runtime(target))) {
      return { outcome: "same", tests: "rest" };
    }
    const all = codes.map(({ runtime }) => runtime).join(" ");
    if (this.survivors.has(all)) return { outcome: "duplicate", test: `of ${this.survivors.get(all)}`, tests: "rest" };
    this.survivors.set(all, mutant.number);
    if (!this.limit) {
      const started = Date.now();
      const result = await this.copy.test({ thorough: true, seconds: 1800 });
      if (result.outcome !== "passed") throw new Error(`fails without a mutant: ${result.test}`);
      this.limit = 120 + 5 * since(started);
    }
    targets.forEach((target, i) => this.copy.put(target, codes[i]));
    const { outcome, test } = await this.copy.test({ thorough: true, seconds: this.limit });
    targets.forEach((target) => this.copy.restore(target));
    return { outcome: OUTCOMES[outcome], test, tests: "rest" };
  }

  reached({ file }) {
    return this.targets.filter(({ files }) => files.has(file));
  }

  remove() {
    this.copy.remove();
  }
}

const since = (started) => Math.round((Date.now() - started) / 100) / 10;

module.exports = { Run };
