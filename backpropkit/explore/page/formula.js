// A formula as text becomes a graph of numbers: its reader, its values, its nudge, and the sweep by rules of the table.
import { FORWARDS, Machine } from "./engine.js";

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
  const found = [], kinds = /\s+|((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(\*\*|[-+*/(),])/uy;
  while (kinds.lastIndex < text.length) {
    const at = kinds.lastIndex, match = kinds.exec(text);
    if (!match) {
      const sign = String.fromCodePoint(text.codePointAt(at));
      throw new Unread(`“${sign}” cannot be read: only numbers, names, + - * / **, brackets and functions can`, at);
    }
    const [, number, name, sign] = match;
    if (number !== undefined) {
      if (!Number.isFinite(Number(number))) throw new Unread(`${number.slice(0, 20)} is too large for a number here`, at);
      found.push({ number: Number(number), at });
    } else if (name !== undefined) found.push({ name, at });
    else if (sign !== undefined) found.push({ sign, at });
  }
  return found;
}

/** Read a formula into a tree: {number}, {name} or {op, args}. `functions`: how many arguments each takes. */
export function parse(given, functions) {
  if (given.length > LONGEST) throw new Unread(`a formula may have ${LONGEST} characters; this one has ${given.length}`, LONGEST);
  const same = { "^": "**", "−": "-", "·": "*", "×": "*" }; // what people write as well
  const text = given.replace(/[−·×]/g, (sign) => same[sign]), list = tokens(text.replaceAll("^", "**"));
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
        if (Object.hasOwn(functions, token.name)) fail(`${token.name} is a function: write ${token.name}(…)`, token);
        return { name: token.name };
      }
      if (!Object.hasOwn(functions, token.name)) fail(`${token.name.slice(0, 30)} is no function of this page; there are ${Object.keys(functions).join(", ")}`, token);
      const args = inside(), wanted = functions[token.name];
      if (args.length !== wanted) fail(`${token.name} takes ${wanted === 1 ? "one number" : `${wanted} numbers`}, and was given ${args.length}`, token);
      return { op: token.name, args };
    }
    if (token.sign !== "(") fail(`before ${token.sign} a number or a name is missing`, token);
    const [one, ...more] = inside();
    if (more.length) fail("a comma separates the arguments of a function, and here is none", token);
    return one;
  };
  const tree = sum();
  if (k < list.length) fail(list[k].sign === ")" ? "this ) closes no bracket" : "here a sign is missing: + - * / or **");
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
      const number = compute(part.op, made.map((one) => one.number));
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

const compute = (op, args, n) => (n === undefined ? FORWARDS[op](...args) : FORWARDS[op](...args, { n }));

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

/** The sweep: local derivative times incoming gradient along every wire, added up; each rule is a program from Python. */
export class Sweep {
  constructor(rules) {
    this.rules = rules;
    this.machines = new Map();
  }

  parts(node, values, k, g) {
    const rule = this.rules[node.op];
    if (!this.machines.has(rule)) this.machines.set(rule, new Machine(rule));
    const given = { g, y: values[k] };
    node.args.forEach((arg, j) => (given[`x${j}`] = values[arg]));
    if (node.n !== undefined) given.n = node.n;
    const found = this.machines.get(rule).run(given);
    return rule.parts.map((register) => (register === null ? 0 : found[register]));
  }

  run({ nodes, last }, values) {
    const grads = nodes.map((_, k) => Number(k === last)), locals = nodes.map(() => []);
    for (let k = nodes.length - 1; k >= 0; k--) {
      const node = nodes[k];
      if (!node.args.length) continue;
      this.parts(node, values, k, grads[k]).forEach((part, j) => {
        if (nodes[node.args[j]].op !== "const") grads[node.args[j]] += part;
      });
      locals[k] = this.parts(node, values, k, 1);
    }
    return { grads, locals };
  }
}

/** h added to one node: what L does, and what the gradient predicts. */
export function nudge(made, values, grads, chosen, h, given) {
  const after = forward(made, given, chosen, values[chosen] + h);
  return { after, actual: after[made.last] - values[made.last], predicted: grads[chosen] * h };
}
