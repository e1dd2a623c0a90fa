// The page /nudge/ without a browser: formulas, values, gradients and nudges as Python has them. Started by test_door.py.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const HERE = new URL("../../../backpropkit/explore/page/", import.meta.url);
const { Sweep, Unread, believable, forward, graph, nudge, parse, solved, LONGEST } = await import(new URL("formula.js", HERE));
const { checked, fromAddress, toAddress } = await import(new URL("door.js", HERE));
const { rules, functions, formulas, ideas, edge } = JSON.parse(readFileSync(process.env.BACKPROPKIT_TOLD, "utf8"));

function near(got, wanted, name) {
  assert.equal(got.length, wanted.length, name);
  const size = Math.max(1, ...wanted.map(Math.abs));
  got.forEach((x, k) => assert.ok(Math.abs(x - wanted[k]) <= 1e-9 * size, `${name} [${k}]: ${x}, the engine says ${wanted[k]}`));
}

test(`${formulas.length} random formulas`, () => {
  const sweep = new Sweep(rules);
  for (const { text, given, names, values, grads, nudges, h, ideas: wrong } of formulas) {
    const made = graph(parse(text, functions)), mine = forward(made, given);
    assert.deepEqual(made.nodes.filter((node) => node.op !== "const").map((node) => node.name), names, text);
    const moving = [...made.nodes.keys()].filter((k) => made.nodes[k].op !== "const");
    const swept = sweep.run(made, mine).grads;
    near(moving.map((k) => mine[k]), values, `${text}: values`);
    near(moving.map((k) => swept[k]), grads, `${text}: gradients`);
    near(moving.map((k) => nudge(made, mine, swept, k, h, given).actual), nudges, `${text}: nudges`);
    const offered = believable(made, ideas);
    assert.deepEqual(offered.map(({ name }) => name), Object.keys(wrong), text);
    for (const { name, change } of offered) {
      if (wrong[name]) near(moving.map((k) => sweep.run(made, mine, change).grads[k]), wrong[name], `${text}: ${name}`);
    }
  }
});

test("where the engine has no finite number the page has a sentence, and nowhere else", () => {
  const sweep = new Sweep(rules);
  for (const { text, given, h, values } of edge) {
    let said = null, found = null, made = null;
    try {
      made = graph(parse(text, functions));
      found = solved(sweep, made, given, made.nodes.findIndex((node) => node.op === "var"), h);
    } catch (error) {
      assert.ok(error instanceof Unread, `${text}: ${error.stack}`);
      said = error.message;
    }
    const at = `${text} at ${JSON.stringify(given)}, h = ${h}: ${said ?? found.values}, the engine says ${values}`;
    assert.equal(said === null, values !== null, at);
    if (values) near(found.values.filter((_, k) => made.nodes[k].op !== "const"), values, at);
  }
});

const BAD = {
  "": 0, "a +": 3, "(a": 0, "a)": 1, "a b": 2, "2 3": 2, "a * * b": 4, "a $ b": 2, "foo(a)": 0, "sin": 0, "sin(a, b)": 0,
  "maximum(a)": 0, "(a, b)": 0, "<script>alert(1)</script>": 0, "1e400*a": 0, "a^^b": 2, "a = 1": 2, "constructor(a)": 0,
  "__proto__(a)": 0, "3 + 4": 0, "a²": 1, "007*a": 0, "a + 1/(1/0)": null, "0*log(0) + a": null, "sqrt(-1)*a": null, "lambda*2": 0,
  "a + None": 4, "h*2": 0, "a\u200b": 1, "\u202ea": 0, "a;b": 1, "a[0]": 1, "1_000*a": 1, "0x10*a": 1, "a if b": 2, "a\0": 1, "𝕗(a)": 0,
};
test("what cannot be read is told in words, with its place", () => {
  for (const [text, at] of Object.entries(BAD)) {
    assert.throws(() => graph(parse(text, functions, ["lambda", "None", "h"])), (error) => error instanceof Unread && error.at === at && error.message.length > 9, text);
  }
  for (const text of ["(".repeat(1e6), "(".repeat(200) + "a" + ")".repeat(200), "-".repeat(400) + "a", "a**".repeat(150) + "a", "a+".repeat(200) + "a", "a".repeat(1e6)]) {
    assert.throws(() => graph(parse(text, functions)), Unread, text.slice(0, 20));
  }
  assert.ok(LONGEST < 1000);
});

test("a decimal comma is told from a missing sign", () => {
  for (const text of ["1,5*a", "a,b", "1,5"]) assert.throws(() => parse(text, functions), /a number has a point/, text);
  assert.throws(() => parse("2a", functions), /here a sign is missing/);
});

test("names of JavaScript's own are names like others", () => {
  for (const name of ["constructor", "__proto__", "toString", "é", "α₁".slice(0, 1)]) {
    const made = graph(parse(`${name} * 3`, functions));
    assert.deepEqual(made.leaves, [name]);
  }
});

test("an address says all and is read back; a hostile one is a sentence", () => {
  const state = { formula: "(a*b + c)**2", values: new Map([["a", 2], ["b", -3], ["c", 4]]), node: "a", h: 1 };
  assert.equal(toAddress(state), "#(a*b+c)**2;a=2;b=-3;c=4;nudge=a;h=1");
  assert.deepEqual(fromAddress(toAddress(state)), { ...state, formula: "(a*b+c)**2" });
  assert.equal(fromAddress("#a;a=-0;h=-1E-3;").h, -0.001);
  for (const hash of ["#a;a=1=2", "#a;a=1;a=2", "#a;h=0", "#a;h=1e999", "#a;a=0x10", "#a;a=1_0", "#a;=1;=2", "#a;a= ", "#%ff", "#%u0041", "#a;a=1e400", "#a;a=", "#a;a", "#%", `#${"x".repeat(1e6)}`, "#a;h=NaN", "#a;a=<script>"]) {
    assert.throws(() => fromAddress(hash), Unread, hash.slice(0, 20));
  }
});

test("what an address says of nothing is told, and not passed over", () => {
  const made = graph(parse("a*b", functions)), nodes = ["a", "b", "L"], offered = believable(made, ideas);
  const ask = (rest) => checked(fromAddress(`#a*b;${rest}`), made, nodes, offered);
  ask("a=1;nudge=L;idea=mul-not-switched");
  for (const rest of ["c=1", "nudge=v7", "nudge=__proto__", "idea=add-splits", "idea=nothing", "=1", "A=1"]) assert.throws(() => ask(rest), Unread, rest);
});
