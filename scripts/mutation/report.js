// The record: what was run, what every operator and every file came to, and why each survivor does no harm.
"use strict";

const { execFileSync } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");

const { TESTS } = require("./copy.js");

const REASONS = path.join(__dirname, "survivors.json");

/** Writes the record; returns the exit code: 1 if a survivor is unexplained or too many survive. */
function report({ root, mutants, known, current, chosen, places }) {
  const run = mutants.filter(current).map((mutant) => ({ ...known.get(mutant.name), line: mutant.line }));
  const commits = [...new Set(run.map(({ commit }) => commit))].sort();
  const share = (commit) => `${commit} (${run.filter((one) => one.commit === commit).length})`;
  const kept = "; a result is kept while the broken function is what it was, whatever changed elsewhere";
  const where = commits.length === 1 ? commits[0] : commits.map(share).join(", ") + kept;
  const seconds = run.reduce((sum, one) => sum + (one.seconds || 0), 0);
  const of = (outcome, list = run) => list.filter((one) => one.outcome === outcome);
  // What does not compile or changes no byte is no mutant.
  const real = run.filter(({ outcome }) => /^(killed|timeout|survived)$/.test(outcome));
  const survivors = of("survived");
  const reasons = JSON.parse(fs.readFileSync(REASONS, "utf8"));
  const unexplained = survivors.filter(({ name }) => !reasons[name]);
  const percent = (count) => `${((100 * count) / Math.max(real.length, 1)).toFixed(1)} %`;
  const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

  const command = `scripts/mutate${chosen.all ? " --all" : ` --sample ${chosen.sample} --seed ${chosen.seed}`}`;
  const killed = real.filter(({ outcome }) => outcome !== "survived");
  const byRest = killed.filter(({ tests }) => tests === "rest").length;
  const unfinished = survivors.filter(({ tests }) => tests !== "rest").length;
  const equals = `${of("same").length} to the same bytecode, ${of("duplicate").length} to that of another one which passed the first tests`;
  const compiled = unfinished > 0 ? "bytecode not compared for all" : equals;

  const table = (title, key) => {
    const groups = [...new Set(real.map(key))].sort();
    const rows = groups.map((group) => {
      const list = real.filter((one) => key(one) === group);
      return `| ${group} | ${list.length} | ${list.length - of("survived", list).length} | ${of("survived", list).length} |`;
    });
    return [`| ${title} | mutants | killed | survived |`, "| --- | ---: | ---: | ---: |", ...rows].join("\n");
  };
  const explained = survivors.map(({ name, line, file: source, operator }) => {
    const [, change] = name.split(/: (.*)/s);
    return `| \`${path.basename(source)}:${line}\` ${operator} | \`${change.replaceAll("|", "\\|")}\` | ${reasons[name] || "**unexplained**"} |`;
  });

  const text = `# Mutation of the contracts

\`scripts/mutate\` breaks the contracts in one place at a time and runs the tests of forge against the bytecode. A mutant that no
test notices is a line whose meaning no test holds. Tests of gas and symbolic proofs are left out, so that a kill means behaviour.

- Command: \`${command}\`, then the same with \`--record ${chosen.record}\`
- Machine: ${os.cpus().length} cores (${os.cpus()[0].model.trim()}); ${Math.round(seconds / 60)} minutes in the mutants' tests and single compilations
- Run at ${where}; recorded at ${git("rev-parse", "--short", "HEAD")} of ${git("log", "-1", "--format=%cd", "--date=short")}
- First tests, against code that is hardly optimized: ${TESTS.first}
- The rest, for what passes the first, against code as it is deployed: ${TESTS.rest}
- Places to break: ${places}; of these tried: ${run.length}${unfinished > 0 ? `; **${unfinished} passed the first tests and have not met the rest**` : ""}
- No mutants: ${of("invalid").length} do not compile; of those that pass the first tests: ${compiled}
- Mutants: **${real.length}**; killed: **${killed.length}** (${percent(killed.length)}): ${killed.length - byRest} by the first tests, ${byRest} by the rest, ${of("timeout").length} of all by a timeout; survived: **${survivors.length}** (${percent(survivors.length)})

${table("operator", ({ operator }) => operator)}

${table("file", ({ file: source }) => source)}

## Survivors

| where | change | why it does no harm |
| --- | --- | --- |
${explained.join("\n")}
`;
  fs.writeFileSync(chosen.record, text);
  for (const { name } of unexplained) console.error(`unexplained: ${name}`);
  console.log(`${real.length} mutants, ${survivors.length} survived, ${unexplained.length} unexplained`);
  return unexplained.length > 0 || survivors.length > real.length / 20 ? 1 : 0;
}

module.exports = { report };
