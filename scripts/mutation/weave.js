// Puts many mutants into one source: each function gets one body for each of its mutants, and a number in the bytecode says
// which of them runs. So a hundred mutants cost little more than one compilation.
"use strict";

const crypto = require("crypto");

const MAGIC = crypto.createHash("sha256").update("number of the mutant").digest("hex");

/** The source with this one mutant in it. */
function mutate(source, { start, length, replacement }) {
  const bytes = Buffer.from(source);
  return splice(bytes, start, length, replacement).toString();
}

function splice(bytes, start, length, replacement) {
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(replacement), bytes.subarray(start + length)]);
}

/** The source with all `mutants`, each of which lies in a function body. */
function weave(source, mutants) {
  const name = `mutant_${crypto.createHash("sha256").update(source).digest("hex").slice(0, 8)}`;
  const bodies = new Map();
  for (const mutant of mutants) {
    const group = bodies.get(mutant.body[0]) || [];
    bodies.set(mutant.body[0], [...group, mutant]);
  }
  let bytes = Buffer.from(source);
  const original = bytes;
  // From the end, so that what stands before keeps its place.
  for (const start of [...bodies.keys()].sort((a, b) => b - a)) {
    const length = bodies.get(start)[0].body[1];
    const text = original.subarray(start, start + length);
    const branches = bodies.get(start).map((mutant) => {
      const broken = splice(text, mutant.start - start, mutant.length, mutant.replacement);
      return `if (${name}(${mutant.number})) ${broken} else `;
    });
    bytes = splice(bytes, start, length, `{ ${branches.join("")}${text} }`);
  }
  const selector = `\nfunction ${name}(uint256 mutant) pure returns (bool chosen) {
    assembly ("memory-safe") { chosen := eq(mutant, 0x${MAGIC}) }\n}\n`;
  return bytes.toString() + selector;
}

/** The mutants in whose bodies the compiler found errors; `position` is in bytes of the woven source. */
function at(woven, position) {
  const before = Buffer.from(woven).subarray(0, position).toString();
  const numbers = [...before.matchAll(/if \(mutant_[0-9a-f]{8}\((\d+)\)\) \{/g)];
  return numbers.length > 0 ? Number(numbers[numbers.length - 1][1]) : null;
}

/** The code in which the mutant with this number runs; zero is none. */
function choose({ creation, runtime }, number) {
  const chosen = number.toString(16).padStart(64, "0");
  return { creation: creation.replaceAll(MAGIC, chosen), runtime: runtime.replaceAll(MAGIC, chosen) };
}

module.exports = { mutate, weave, at, choose };
