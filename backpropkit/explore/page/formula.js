// A formula as text becomes a graph of numbers: its reader, its values, its nudge, and the sweep by rules of the table.
import { FORWARDS, Machine } from "./engine.js";
import { number } from "./format.js";

export const LONGEST = 500, DEEPEST = 40, LARGEST = 60; // characters, brackets within brackets, nodes
const TWO = { "+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow" };

/** What is wrong with a formula, and at which character. */
export class Unread extends Error {
  constructor(message, at) {
    super(message);
    this.at = at;
  }
}

/** Numbers, names and signs of a text, each with its place. */
function tokens(text) {
  const found = [], kinds = /\s+|((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([\p{XIDS}_][\p{XIDC}]*)|(\*\*|[-+*/(),])/uy;
  while (kinds.lastIndex < text.length) {
    const at = kinds.lastIndex, match = kinds.exec(text);
    if (!match) {
      const sign = String.fromCodePoint(text.codePointAt(at));
      throw new Unread(`“${sign}” cannot be read: only numbers, names, + - * / **, brackets and functions can`, at);
    }
    const [, number, name, sign] = match;
    if (number !== undefined) {
      if (!Number.isFinite(Number(number))) throw new Unread(`“${number.slice(0, 20)}” is too large for a number here`, at);
      if (/^0\d/.test(number)) throw new Unread(`a number does not begin with 0: write ${Number(number)}`, at);
      found.push({ number: Number(number), at });
    } else if (name !== undefined) found.push({ name: name.normalize("NFKC"), at }); // as Python reads it
    else if (sign !== undefined) found.push({ sign, at });
  }
  return found;
}

/**
 * Read a formula into a tree: {number}, {name} or {op, args}. `functions`: how many arguments each takes; `taken`: words
 * that cannot be names.
 */
export function parse(given, functions, taken = []) {
  if (given.length > LONGEST) throw new Unread(`a formula may have ${LONGEST} characters; this one has ${given.length}`, LONGEST);
  const same = { "−": "-", "–": "-", "·": "*", "×": "*", "÷": "/" }; // what people write as well
  const text = given.replace(/[−–·×÷]/g, (sign) => same[sign]), list = tokens(text.replaceAll("^", "**"));
  const wide = [...text].flatMap((sign, k) => (sign === "^" ? [k, k] : [k])); // a place among the tokens, in the text
  let k = 0, deep = 0;
  const fail = (message, token = list[k]) => {
    throw new Unread(message, token ? (wide[token.at] ?? text.length) : text.length);
  };
  const take = (...signs) => (list[k]?.sign && signs.includes(list[k].sign) ? list[k++].sign : null);
  const row = (part, ...signs) => {
    let left = part();
    for (let sign; (sign = take(...signs)); ) left = { op: TWO[sign], args: [left, part()] };
    return left;
  };
  const sum = () => row(product, "+", "-");
  const product = () => row(signed, "*", "/");
  const deeper = (part) => {
    if (++deep > DEEPEST) fail(`brackets and signs may stand ${DEEPEST} deep in each other, and here go deeper`);
    const found = part();
    deep -= 1;
    return found;
  };
  const signed = () => {
    const sign = take("+", "-");
    if (!sign) return raised();
    const of = deeper(signed);
    return sign === "+" ? of : { op: "neg", args: [of] };
  };
  const raised = () => {
    const base = single();
    return take("**") ? { op: "pow", args: [base, deeper(signed)] } : base;
  };
  const inside = () => {
    const open = list[k - 1], args = [deeper(sum)];
    while (take(",")) args.push(deeper(sum));
    if (!take(")")) list[k] ? fail("here a ) is missing, or a sign between two parts") : fail("this bracket is never closed", open);
    return args;
  };
  const single = () => {
    const token = list[k];
    if (!token) fail(list.length ? "here the formula breaks off: a number or a name is missing" : "write a formula, (a*b + c)**2 say");
    k += 1;
    if (token.number !== undefined) return { number: token.number };
    if (token.name !== undefined) {
      if (!take("(")) {
        if (Object.hasOwn(functions, token.name)) fail(`“${token.name}” is a function: write ${token.name}(…)`, token);
        if (taken.includes(token.name)) fail(`“${token.name}” is a word of Python or of this page: take another name`, token);
        return { name: token.name };
      }
      if (!Object.hasOwn(functions, token.name)) fail(`“${token.name.slice(0, 30)}” is no function of this page; there are ${Object.keys(functions).join(", ")}`, token);
      const args = inside(), wanted = functions[token.name];
      if (args.length !== wanted) fail(`“${token.name}” takes ${wanted === 1 ? "one number" : `${wanted} numbers`}, and was given ${args.length}`, token);
      return { op: token.name, args };
    }
    if (token.sign !== "(") fail(`before ${token.sign} a number or a name is missing`, token);
    const [one, ...more] = inside();
    if (more.length) fail("a comma separates the arguments of a function, and here is none", token);
    return one;
  };
  const tree = sum();
  const odd = { ")": "this ) closes no bracket", ",": "a comma separates the arguments of a function; a number has a point, 1.5" };
  if (k < list.length) fail(odd[list[k].sign] ?? "here a sign is missing: + - * / or **");
  return tree;
}

/** The nodes of a tree, arguments first, as the engine records them: numbers alone are computed on the spot. */
export function graph(tree) {
  const nodes = [], leaves = new Map();
  const put = (node) => {
    if (nodes.length >= LARGEST) throw new Unread(`a picture has room for ${LARGEST} nodes, and this formula makes more`, 0);
    return nodes.push(node) - 1;
  };
  const seen = (name) => {
    if (!leaves.has(name)) leaves.set(name, put({ op: "var", args: [], name }));
    return leaves.get(name);
  };
  const names = (part) => (part.name !== undefined ? void seen(part.name) : part.args?.forEach(names));
  const place = (made) => (typeof made === "number" ? made : put({ op: "const", args: [], value: made.number }));
  /** The place of a node, or {number}. */
  const build = (part) => {
    if (part.number !== undefined) return part;
    if (part.name !== undefined) return seen(part.name);
    const made = part.args.map(build);
    if (made.every((one) => typeof one !== "number")) {
      const numbers = made.map((one) => one.number), number = compute(part.op, numbers);
      if (!Number.isFinite(number)) throw new Unread(`a number alone, made by ${part.op}, ${lost(part.op, numbers)}`, null);
      return { number };
    }
    if (part.op === "pow" && typeof made[1] !== "number") return put({ op: "power", args: [made[0]], n: made[1].number });
    return put({ op: part.op, args: made.map(place) });
  };
  names(tree); // leaves are born in the order they are read, before any gate
  const last = build(tree);
  if (typeof last !== "number") throw new Unread("there is nothing to nudge: write a name, like a", 0);
  let gates = 0;
  nodes.forEach((node, k) => {
    if (node.op === "const") node.name = String(node.value);
    else if (node.op !== "var") node.name = k === last ? "L" : `v${++gates}`;
  });
  const taken = nodes.find((node) => node.op !== "var" && leaves.has(node.name));
  if (taken) throw new Unread(`the page calls one of its own nodes ${taken.name}: give yours another name`, 0);
  return { nodes, leaves: [...leaves.keys()], last };
}

/** A gate's value; NaN where it has none. */
function compute(op, args, n) {
  try {
    return n === undefined ? FORWARDS[op](...args) : FORWARDS[op](...args, { n });
  } catch {
    return NaN;
  }
}

const root = (a, n) => a === 0 && n < 0 ? "divides by 0" : a < 0 && !Number.isInteger(n) && `would be ${number(a)} to the power ${number(n)}, which is no whole number`;
const WHY = {
  div: ([, b]) => b === 0 && "divides by 0",
  log: ([a]) => a <= 0 && `would be the logarithm of ${number(a)}`,
  log1p: ([a]) => a <= -1 && `would be the logarithm of ${number(1 + a)}`,
  sqrt: ([a]) => a < 0 && `would be the square root of ${number(a)}`,
  power: ([a], n) => root(a, n),
  pow: ([a, b]) => root(a, b),
};

/** Why an op has no finite number for these, as the rest of a sentence. */
export function lost(op, args, n) {
  const told = WHY[op]?.(args, n);
  return told ? `${told}: it has no value` : "is larger than any number here, 1.8e308";
}

/** Every node's value for given leaves; one may be held at another. */
export function forward({ nodes }, given, held = -1, at = 0) {
  const values = [];
  nodes.forEach((node, k) => {
    if (k === held) values.push(at);
    else if (node.op === "var") values.push(given[node.name]);
    else values.push(node.op === "const" ? node.value : compute(node.op, node.args.map((arg) => values[arg]), node.n));
  });
  return values;
}

/** What a gate is to those who have ideas about it: as `_kind` in backpropkit/ideas/change.py. */
export function kinds({ nodes }) {
  const negated = new Set();
  nodes.toReversed().forEach((node, back) => {
    if (node.op === "neg" || (node.op === "mul" && negated.has(nodes.length - 1 - back))) node.args.forEach((arg) => negated.add(arg));
  });
  return nodes.map(({ op, args, n }, k) => {
    const stays = args.map((arg) => nodes[arg].op === "const");
    if ((op === "div" && stays[1]) || (op === "mul" && stays.includes(true))) return "scale";
    if (["add", "sub"].includes(op) && stays.includes(true)) return "shift";
    if (op === "power" && n < 0) return "reciprocal";
    return op === "log" && negated.has(k) ? "minus log" : op;
  });
}

/** The ideas somebody could have about this graph, each with the first of its changes that shows. */
export function believable(made, ideas) {
  const found = kinds(made), uses = made.nodes.flatMap(({ args }) => args);
  const forked = new Set(uses).size < uses.length;
  const before = ({ nodes }, names) => nodes.some(({ op, args }) => op === "mul" && args.some((arg) => names.includes(nodes[arg].op)));
  const shows = (change) => (forked && change.meet) || found.some((kind) => change.rules[kind]) || (change.every && uses.length) || (change.before && before(made, change.before));
  return ideas.flatMap((idea) => {
    const change = idea.changes.find(shows);
    return change ? [{ ...idea, change }] : [];
  });
}

/**
 * The sweep: local derivative times incoming gradient along every wire, added up; each rule is a program from Python.
 * With a `change` some rules are others, or what happens where two contributions meet.
 */
export class Sweep {
  constructor(rules) {
    this.rules = rules;
    this.machines = new Map();
  }

  machine(program) {
    if (!this.machines.has(program)) this.machines.set(program, new Machine(program));
    return this.machines.get(program);
  }

  parts(node, values, k, g, rule = this.rules[node.op], inputs = node.args.map((arg) => values[arg])) {
    const given = { g, y: values[k] };
    inputs.forEach((value, j) => (given[`x${j}`] = value));
    if (node.n !== undefined) given.n = node.n;
    const found = this.machine(rule).run(given);
    return rule.parts.map((register) => (register === null ? 0 : found[register]));
  }

  met(change, old, part) {
    if (old === null) return part;
    return change?.meet ? this.machine(change.meet).run({ old, part })[change.meet.parts[0]] : old + part;
  }

  run(made, values, change = null) {
    const { nodes, last } = made, grads = nodes.map(() => null), locals = nodes.map(() => []);
    const kind = change && kinds(made);
    grads[last] = change?.seed ?? 1;
    for (let k = nodes.length - 1; k >= 0; k--) {
      const node = nodes[k], { args } = node;
      if (!args.length) continue;
      const inputs = args.map((arg) => {
        const before = change?.before?.includes(nodes[arg].op) && node.op === "mul" ? nodes[arg].args[0] : arg;
        return values[before];
      });
      this.parts(node, values, k, grads[k], change ? (change.rules[kind[k]] ?? change.every?.[node.op]) : undefined, inputs).forEach((part, j) => {
        if (nodes[args[j]].op !== "const") grads[args[j]] = this.met(change, grads[args[j]], part);
      });
      locals[k] = this.parts(node, values, k, 1);
    }
    return { grads: grads.map((grad) => grad ?? 0), locals };
  }
}

/** Whether two numbers are different beyond rounding; no number is like none. */
export const apart = (x, y) => !(Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y))) && x !== y;

/** The first node, in the order of the sweep, at which two gradients are not the same; -1 if none. */
export function parting({ nodes }, grads, others) {
  return nodes.findLastIndex(({ op }, k) => op !== "const" && apart(grads[k], others[k]));
}

export const SIGNS = { add: "+", sub: "−", mul: "×", div: "÷", neg: "−", power: "xⁿ", pow: "xʸ" };

/** How a node was made, in words: "a × b". */
export function madeOf(made, k) {
  const node = made.nodes[k], args = node.args.map((arg) => made.nodes[arg].name);
  if (!args.length) return "";
  if (node.op === "power") return `${args[0]} to the power ${number(node.n)}`;
  if (node.op === "pow") return `${args[0]} to the power ${args[1]}`;
  if (node.op === "neg") return `−${args[0]}`;
  return SIGNS[node.op] ? args.join(` ${SIGNS[node.op]} `) : `${node.op}(${args.join(", ")})`;
}

/** h added to one node: what L does, and what the gradient predicts. */
export function nudge(made, values, grads, chosen, h, given) {
  const after = forward(made, given, chosen, values[chosen] + h);
  return { after, actual: after[made.last] - values[made.last], predicted: grads[chosen] * h };
}

/** All numbers of a graph and a nudge; throws a sentence where one of them is not finite, as the engine does. */
export function solved(sweep, made, leaves, chosen, h) {
  const { nodes } = made, values = forward(made, leaves);
  const finite = (found, why) => {
    const k = found.findIndex((value, k) => !Number.isFinite(value) && nodes[k].op !== "const");
    if (k < 0) return;
    const { name, args } = nodes[k], own = args.length ? `${name} = ${madeOf(made, k)}` : name;
    throw new Unread(`“${own}” ${why(nodes[k])}. Move back`, null);
  };
  const told = (found) => ({ op, args, n }) => lost(op, args.map((arg) => found[arg]), n);
  finite(values, told(values));
  const { grads, locals } = sweep.run(made, values);
  finite(grads, ({ name }) => `has a value here, but ∂L/∂${name} has none: a slope on the way is infinite or not defined`);
  const moved = nudge(made, values, grads, chosen, h, leaves), { name } = nodes[chosen];
  finite(moved.after, (node) => `${told(moved.after)(node)}, once ${number(Math.abs(h), 3)} is ${h < 0 ? "taken from" : "added to"} ${name}`);
  return { values, grads, locals, ...moved };
}
