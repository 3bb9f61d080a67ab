#!/usr/bin/env node
// The client's hashes and signatures against viem, an implementation that shares no code with it: generated channels, which
// digests.rs writes, and the committed vectors. Arguments: how many channels, and their seed.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  concat,
  decodeAbiParameters,
  domainSeparator,
  encodeAbiParameters,
  hashTypedData,
  hexToBigInt,
  keccak256,
  numberToHex,
  parseAbiParameters,
  recoverTypedDataAddress,
} from "viem";

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
const [COUNT = "1000", SEED = "1"] = process.argv.slice(2);

// Written from docs/protocol.md, not from the code under test.
const TERMS = parseAbiParameters([
  "Terms terms",
  "struct Terms { address[2] signers; address[2] payouts; address token; uint32 finalizationPeriod; uint128 reserve; address app; bytes32 salt; }",
]);
const OPENING = parseAbiParameters([
  "Opening opening",
  "struct Opening { bytes32 blinding; int128 net; Lock[] locks; bytes appState; }",
  "struct Lock { address condition; bytes32 key; uint128 amount; uint8 payer; uint40 expiry; }",
]);
const field = (type, name) => ({ type, name });
const STATE = [field("bytes32", "channelId"), field("uint40", "nonce"), field("bytes32", "commitment")];
const TYPES = {
  State: STATE,
  Challenge: STATE,
  Withdraw: [
    field("bytes32", "channelId"),
    field("uint40", "nonce"),
    field("uint128", "amount0"),
    field("uint128", "amount1"),
    field("uint40", "deadline"),
  ],
  Close: [field("bytes32", "channelId"), field("int128", "net")],
};
const PARITY = 1n << 255n;

const domainOf = (chainId, adjudicator) => ({
  name: "Counterfoil",
  version: "1",
  chainId: BigInt(chainId),
  verifyingContract: adjudicator,
});

function typed(domain, primaryType, message) {
  return { domain, types: { [primaryType]: TYPES[primaryType] }, primaryType, message };
}

function messages(c) {
  const state = { channelId: c.channelId, nonce: Number(c.nonce), commitment: c.commitment };
  return {
    State: state,
    Challenge: state,
    Withdraw: {
      channelId: c.channelId,
      nonce: Number(c.nonce),
      amount0: BigInt(c.withdrawAmounts[0]),
      amount1: BigInt(c.withdrawAmounts[1]),
      deadline: Number(c.withdrawDeadline),
    },
    Close: { channelId: c.channelId, net: BigInt(c.closeNet) },
  };
}

// The 65 bytes r, s, v that viem recovers from.
function expanded({ r, vs }) {
  const word = hexToBigInt(vs);
  const s = numberToHex(word & (PARITY - 1n), { size: 32 });
  return concat([r, s, word & PARITY ? "0x1c" : "0x1b"]);
}

const withUnits = (opening) => ({
  ...opening,
  net: BigInt(opening.net),
  locks: opening.locks.map((lock) => ({ ...lock, amount: BigInt(lock.amount) })),
});

function generated() {
  const cargo = ["run", "--release", "--quiet", "-p", "counterfoil-adjudicator-tests", "--example", "digests"];
  const output = execFileSync("cargo", [...cargo, "--", COUNT, SEED], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 30,
  });
  return output
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

// A vector in the form of a generated case; its terms and opening are what its encodings decode to.
function vector(v) {
  return {
    ...v,
    terms: decodeAbiParameters(TERMS, v.encodedTerms)[0],
    opening: decodeAbiParameters(OPENING, v.encodedOpening)[0],
    withdrawAmounts: [v.withdrawAmount0, v.withdrawAmount1],
    digests: { State: v.stateDigest, Challenge: v.challengeDigest, Withdraw: v.withdrawDigest, Close: v.closeDigest },
    signatures: [0, 1].map((side) => ({ r: v[`signature${side}R`], vs: v[`signature${side}Vs`] })),
  };
}

function equal(found, expected, what) {
  if (found.toLowerCase() !== expected.toLowerCase()) throw new Error(`${what}: viem has ${found}, the client ${expected}`);
}

const encodedTerms = (c) => encodeAbiParameters(TERMS, [{ ...c.terms, reserve: BigInt(c.terms.reserve) }]);
const encodedOpening = (c) => encodeAbiParameters(OPENING, [withUnits(c.opening)]);

const CLAIMS = {
  "channel ids": (c) => equal(keccak256(encodedTerms(c)), c.channelId, "channel id"),
  commitments: (c) => equal(keccak256(encodedOpening(c)), c.commitment, "commitment"),
  digests(c) {
    const domain = domainOf(c.chainId, c.adjudicator);
    for (const [type, message] of Object.entries(messages(c))) {
      equal(hashTypedData(typed(domain, type, message)), c.digests[type], `digest of ${type}`);
    }
  },
  async signers(c) {
    const state = typed(domainOf(c.chainId, c.adjudicator), "State", messages(c).State);
    for (const side of [0, 1]) {
      const signature = expanded(c.signatures[side]);
      equal(await recoverTypedDataAddress({ ...state, signature }), c.terms.signers[side], `signer ${side}`);
    }
  },
};
const SEPARATORS = (c) => equal(domainSeparator({ domain: domainOf(c.chainId, c.adjudicator) }), c.separator, "separator");
const ENCODINGS = (c) => {
  equal(encodedTerms(c), c.encodedTerms, "terms");
  equal(encodedOpening(c), c.encodedOpening, "opening");
  c.terms.signers.forEach((signer, side) => equal(signer, c[`signer${side}`], `signer ${side}`));
};

async function main() {
  const channels = generated();
  if (channels.length !== Number(COUNT)) throw new Error(`${channels.length} channels, expected ${COUNT}`);
  const { cases, blindings } = JSON.parse(readFileSync(path.join(ROOT, "adjudicator-tests/vectors/state.json")));
  const vectors = cases.map(vector);
  const openings = blindings.map((v) => ({ ...v, opening: decodeAbiParameters(OPENING, v.encodedOpening)[0] }));
  const runs = [
    ...Object.entries(CLAIMS).map(([name, claim]) => [`generated ${name}`, claim, channels]),
    ["generated domain separators", SEPARATORS, channels],
    ...Object.entries(CLAIMS).map(([name, claim]) => [`committed ${name}`, claim, vectors]),
    ["committed encodings", ENCODINGS, vectors],
    ["committed commitments of blinded openings", CLAIMS.commitments, openings],
  ];
  let passed = 0;
  for (const [name, claim, all] of runs) {
    try {
      if (all.length === 0) throw new Error("nothing to compare");
      for (const [index, c] of all.entries()) {
        await Promise.resolve(claim(c)).catch((error) => Promise.reject(new Error(`case ${index}: ${error.message}`)));
      }
      passed += 1;
      console.log(`ok - ${name} are viem's: ${all.length} cases`);
    } catch (error) {
      console.log(`FAILED - ${name}, seed ${SEED}: ${error.message}`);
    }
  }
  console.log(`digests: ${passed} passed; ${runs.length - passed} failed`);
  process.exitCode = passed === runs.length ? 0 : 1;
}

await main();
