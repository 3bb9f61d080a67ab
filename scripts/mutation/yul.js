// The same for inline assembly, whose syntax tree has kinds of node of its own.
"use strict";

// Position of the gas and the value in the arguments of a call.
const CALLS = { call: { gas: 0, value: 2 }, staticcall: { gas: 0 }, delegatecall: { gas: 0 } };
const OPPOSITES = { add: "sub", sub: "add", lt: "gt", gt: "lt", eq: "xor", and: "or", or: "and", shl: "shr", shr: "shl" };

/** Mutants of one block, each as `[operator, start, length, replacement]`. */
function yul(block, text, span) {
  const found = [];
  const put = (operator, node, replacement) => found.push([operator, ...span(node), replacement]);

  function call(node) {
    const name = node.functionName.name;
    const parts = node.arguments.map(text);
    if (name === "iszero") put("operator", node, parts[0]);
    if (OPPOSITES[name]) put("operator", node, `${OPPOSITES[name]}(${parts.join(", ")})`);
    const { gas, value } = CALLS[name] || {};
    if (gas !== undefined && parts[gas] !== "gas()") put("constant", node.arguments[gas], "gas()");
    if (value !== undefined && parts[value] !== "0") put("constant", node.arguments[value], "0");
    if (value !== undefined && parts[value] === "0") put("constant", node.arguments[value], "1");
    if (/^(returndatasize|gas|mload|keccak256)$/.test(name)) put("constant", node, "0");
    if (name === "calldatacopy" || name === "mstore") {
      const [first, second, ...rest] = parts;
      put("argument order", node, `${name}(${[second, first, ...rest].join(", ")})`);
    }
  }

  function walk(node) {
    if (Array.isArray(node)) return node.forEach(walk);
    if (node === null || typeof node !== "object" || !node.nodeType) return undefined;
    if (node.nodeType === "YulFunctionCall") call(node);
    if (node.nodeType === "YulLiteral" && node.kind === "number") {
      put("boundary", node, String(Number(node.value) + 32));
      if (node.value !== "0") put("boundary", node, "0");
    }
    if (/^Yul(ExpressionStatement|Assignment)$/.test(node.nodeType)) put("statement removed", node, "");
    if (node.nodeType === "YulIf") put("check removed", node, "");
    if (node.nodeType === "YulIf") put("check forced", node.condition, "1");
    return Object.values(node).forEach(walk);
  }
  walk(block);
  return found;
}

module.exports = { yul };
