// Where a source can be broken, and how: reads solc's syntax tree and lists every mutant in the order of the text.
"use strict";

const crypto = require("crypto");

const { yul } = require("./yul.js");

// For each operator first the nearest boundary, then the opposite.
const OPPOSITES = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["!="],
  "!=": ["=="],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "<<": [">>"],
  ">>": ["<<"],
  "&": ["|"],
  "|": ["&"],
  "&&": ["||"],
  "||": ["&&"],
};
const ASSIGNMENTS = { "+=": ["-=", "="], "-=": ["+=", "="], "|=": ["&=", "="] };
const SKIPPED = /^(Import|Pragma|UsingFor|Override|Structured|Error|Event|ArrayTypeName)/;
const RELATIONS = new Set(["<", "<=", ">", ">=", "==", "!="]);

const isInteger = (type) => /^u?int\d*$/.test(type) || /^int_const/.test(type);
const typeOf = (node) => (node.typeDescriptions && node.typeDescriptions.typeString) || "";
// Without the place of the data: two arguments of one type are as easily swapped in memory as in calldata.
const plain = (type) => type.replace(/ (memory|calldata|storage ref|storage pointer|payable)/g, "");

/** All mutants of one source: `{ file, start, length, replacement, operator, scope, body }`. */
function mutantsOf(file, source, tree) {
  const bytes = Buffer.from(source);
  const found = [];
  const span = (node) => node.src.split(":").slice(0, 2).map(Number);
  const text = (node) => bytes.subarray(span(node)[0], span(node)[0] + span(node)[1]).toString();
  let scope = "";
  let body = null;
  let digest = "";
  // A modifier belongs to a function but stands before its body.
  const inside = (start) => (body !== null && start >= body[0] ? body : null);
  const at = (operator, start, length, replacement) =>
    found.push({ file, start, length, replacement, operator, scope, body: inside(start), digest });
  const put = (operator, node, replacement) => at(operator, ...span(node), replacement);

  function swap(operator, first, second) {
    if (text(first) === text(second)) return;
    const [start] = span(first);
    const [from, size] = span(second);
    const between = bytes.subarray(start + span(first)[1], from).toString();
    at(operator, start, from + size - start, text(second) + between + text(first));
  }

  function swaps(nodes, anyType) {
    for (let i = 0; i + 1 < nodes.length; i += 1) {
      const same = plain(typeOf(nodes[i])) === plain(typeOf(nodes[i + 1]));
      if (same || anyType) swap("argument order", nodes[i], nodes[i + 1]);
    }
  }

  function oneMoreOneLess(operator, node) {
    const value = node.nodeType === "Literal" ? text(node) : `(${text(node)})`;
    put(operator, node, `(${value} + 1)`);
    if (value !== "0") put(operator, node, `(${value} - 1)`);
  }

  const visit = {
    BinaryOperation(node) {
      const { operator, leftExpression: left, rightExpression: right } = node;
      const [start] = span(node);
      const from = span(left)[0] + span(left)[1];
      const between = bytes.subarray(from, span(right)[0]).toString();
      for (const other of OPPOSITES[operator] || []) {
        const name = RELATIONS.has(operator) ? "comparison" : "operator";
        const moved = between.replace(operator, () => other);
        at(name, start, span(node)[1], `(${text(left)}${moved}${text(right)})`);
      }
      if (operator === "&&" || operator === "||") {
        put("condition dropped", node, text(left));
        put("condition dropped", node, text(right));
      }
    },
    UnaryOperation(node) {
      const { operator, subExpression } = node;
      if (operator === "!" || operator === "~") put("operator", node, text(subExpression));
    },
    Assignment(node) {
      for (const other of ASSIGNMENTS[node.operator] || []) {
        const [left, right] = [text(node.leftHandSide), text(node.rightHandSide)];
        put("operator", node, `${left} ${other} ${right}`);
      }
    },
    IfStatement(node) {
      put("check removed", node.condition, "false");
      const body = node.trueBody.statements ? node.trueBody.statements[0] : node.trueBody;
      if (body.nodeType !== "RevertStatement") put("check forced", node.condition, "true");
    },
    Conditional(node) {
      swap("ternary", node.trueExpression, node.falseExpression);
      put("ternary", node, text(node.trueExpression));
      put("ternary", node, text(node.falseExpression));
    },
    ExpressionStatement: remove,
    EmitStatement: remove,
    Continue: remove,
    Return(node) {
      if (!node.expression) return;
      const type = typeOf(node.expression);
      if (type === "bool") put("return value", node.expression, `!(${text(node.expression)})`);
      else if (isInteger(type) && text(node.expression) !== "0") put("return value", node.expression, "0");
      else if (isInteger(type)) put("return value", node.expression, "1");
    },
    FunctionCall(node) {
      if (node.kind === "typeConversion" || node.names.length > 0) return;
      const encodes = /^abi\.encode$/.test(text(node.expression));
      swaps(node.arguments, encodes);
    },
    TupleExpression(node) {
      if (node.components.length > 1) swaps(node.components.filter(Boolean), false);
    },
    IndexAccess(node) {
      const index = node.indexExpression && text(node.indexExpression);
      if (index === "0" || index === "1") put("index", node.indexExpression, index === "0" ? "1" : "0");
      return index === "0" || index === "1" ? [node.baseExpression] : undefined;
    },
    Literal(node) {
      if (node.kind === "number") oneMoreOneLess("boundary", node);
      if (node.kind === "bool") put("boundary", node, node.value === "true" ? "false" : "true");
      if (node.kind === "string") put("constant", node, `"${node.value.slice(0, -1)}"`);
    },
    VariableDeclaration(node) {
      if (!node.constant || !node.value || !isInteger(typeOf(node))) return undefined;
      oneMoreOneLess("constant", node.value);
      return [];
    },
    ModifierInvocation(node) {
      put("modifier removed", node, "");
    },
    Identifier(node) {
      twin(node, node.name, span(node)[0]);
    },
    MemberAccess(node) {
      const [start, length] = span(node);
      const name = node.memberName;
      twin(node, name, start + length - Buffer.byteLength(name));
      if (text(node) === "msg.sender") put("identity", node, "tx.origin");
      if (name === "signers" || name === "payouts") {
        const other = name === "signers" ? "payouts" : "signers";
        at("identity", start + length - name.length, name.length, other);
      }
      if (/^Status\.\w+$/.test(text(node))) {
        const members = ["Open", "Disputed", "Settling", "Closed"];
        put("identity", node, `Status.${members[(members.indexOf(name) + 1) % 4]}`);
      }
    },
    InlineAssembly(node) {
      for (const place of yul(node.AST, text, span)) at(...place);
      return [];
    },
  };

  function remove(node) {
    const [start, length] = span(node);
    const ended = bytes[start + length] === ";".charCodeAt(0);
    at("statement removed", start, ended ? length + 1 : length, ended ? "{}" : "");
  }

  // A mix-up of the two participants is the mistake that this code invites most.
  function twin(node, name, start) {
    if (!/[a-z][01]$/.test(name)) return;
    const other = name.slice(0, -1) + (name.endsWith("0") ? "1" : "0");
    at("identity", start, Buffer.byteLength(name), other);
  }

  function walk(node) {
    if (Array.isArray(node)) return node.forEach(walk);
    if (node === null || typeof node !== "object" || !node.nodeType) return undefined;
    if (SKIPPED.test(node.nodeType)) return undefined;
    const outer = scope;
    if (/^(FunctionDefinition|VariableDeclaration)$/.test(node.nodeType) && node.name && !scope) {
      scope = node.name;
      body = node.body ? span(node.body) : null;
      digest = digestOf(text(node));
    }
    const handler = visit[node.nodeType];
    const children = handler ? handler(node) : undefined;
    if (Array.isArray(children)) children.forEach(walk);
    else Object.values(node).forEach(walk);
    scope = outer;
    if (!scope) body = null;
    return undefined;
  }
  walk(tree.nodes);
  return named(found, bytes);
}

// Comments and layout change nothing.
function digestOf(text) {
  const code = text.replace(/\/\/.*|\s+/g, "");
  return crypto.createHash("sha256").update(code).digest("hex").slice(0, 12);
}

// A name that outlives changes elsewhere in the file: what stands there, what replaces it, and which of equal ones it is.
function named(found, bytes) {
  const line = (start) => bytes.subarray(0, start).toString().split("\n").length;
  const flat = (part) => part.replace(/\s+/g, " ").trim();
  const seen = new Map();
  const unique = new Map();
  for (const mutant of found) {
    unique.set(`${mutant.start}:${mutant.length}:${mutant.replacement}`, mutant);
  }
  const sorted = [...unique.values()].sort((a, b) => a.start - b.start || a.length - b.length);
  return sorted.map((mutant) => {
    const original = bytes.subarray(mutant.start, mutant.start + mutant.length).toString();
    const change = `${flat(original)} => ${flat(mutant.replacement).replace("{}", "") || "nothing"}`;
    const base = `${mutant.file.replace("contracts/", "")} ${mutant.scope}: ${change}`;
    const count = (seen.get(base) || 0) + 1;
    seen.set(base, count);
    return { ...mutant, line: line(mutant.start), name: count > 1 ? `${base} (${count})` : base };
  });
}

module.exports = { mutantsOf };
