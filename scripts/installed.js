// Exits with 0 when node_modules holds just what package-lock.json asks for.
"use strict";

const fs = require("fs");
const path = require("path");

const root = path.join(__dirname, "..");
const packages = (file) => JSON.parse(fs.readFileSync(path.join(root, file), "utf8")).packages;

function installed() {
  const wanted = packages("package-lock.json");
  let found;
  try {
    found = packages("node_modules/.package-lock.json");
  } catch {
    return false;
  }
  const same = (name) =>
    found[name] !== undefined &&
    found[name].integrity === wanted[name].integrity &&
    fs.existsSync(path.join(root, name, "package.json"));
  // What is for another platform is not installed.
  return Object.keys(wanted).every((name) => name === "" || wanted[name].optional || same(name));
}

process.exitCode = installed() ? 0 : 1;
