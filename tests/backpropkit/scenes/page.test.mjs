// What the page computes and writes, held to what Python says: node --test, started by test_page.py.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const HERE = new URL("../../../backpropkit/explore/page/", import.meta.url);
const { FORWARDS, Machine, lift } = await import(new URL("engine.js", HERE));
const { format } = await import(new URL("format.js", HERE));
const { span, widened, roundUp } = await import(new URL("controls.js", HERE));
const { trouble } = await import(new URL("stage.js", HERE));
const told = JSON.parse(readFileSync(process.env.BACKPROPKIT_TOLD, "utf8"));

const flat = (x) => (typeof x === "number" ? [x] : [...x.d]);
const shape = (x) => (typeof x === "number" ? [] : [...x.s]);
function near(got, wanted, name) {
  assert.deepEqual(shape(got), shape(wanted), `${name}: shape`);
  const [a, b] = [flat(got), flat(wanted)], size = Math.max(1, ...b.map(Math.abs).filter(Number.isFinite));
  a.forEach((x, k) => {
    if (Object.is(x, b[k]) || x === b[k]) return;
    assert.ok(Math.abs(x - b[k]) <= 1e-9 * size, `${name}: ${x}, Python says ${b[k]}`);
  });
}

test("every op of the table has a forward", () => {
  assert.deepEqual(told.ops.filter((op) => !FORWARDS[op]), []);
});

test(`${told.programs.length} random programs, at the values they were traced at and at others`, () => {
  told.programs.forEach(({ code, inputs, registers, first, given, second }, k) => {
    const machine = new Machine({ code, inputs });
    first.forEach((wanted, j) => near(machine.values[registers[j]], lift(wanted), `program ${k}, output ${j}`));
    machine.run(Object.fromEntries(Object.entries(given).map(([name, value]) => [name, lift(value)])));
    second.forEach((wanted, j) => near(machine.values[registers[j]], lift(wanted), `program ${k} moved, output ${j}`));
  });
});

test("where numbers are very large or small, the page says what the engine says", () => {
  for (const { code, inputs, registers, given, second, op } of told.extremes) {
    const machine = new Machine({ code, inputs });
    machine.run({ x: lift(given.x) });
    second.forEach((wanted, j) => {
      const [a, b] = [flat(machine.values[registers[j]]), flat(lift(wanted))], name = `${op} at ${JSON.stringify(given.x)}`;
      const close = (x, w) => Object.is(x, w) || x === w || Math.abs(x - w) <= (1e-9 * Math.abs(w) || 1e-15);
      b.forEach((w, k) => assert.ok(close(a[k], w), `${name}, output ${j}: ${a[k]}, not ${w}`));
    });
  }
});

test("where an if would take the other branch, that is said", () => {
  for (const { program, guards, cases } of told.branches) {
    const machine = new Machine(program);
    assert.ok(guards.length > 0);
    for (const [given, same] of cases) {
      machine.run(given);
      const said = trouble({ watched: [], guards }, machine.values);
      assert.equal(Boolean(said), !same, `${JSON.stringify(given)}: ${said}`);
      if (said) assert.match(said, /“.*[ab].*” turned out the other way/);
    }
  }
});

test(`${told.formats.length} numbers are written as Python writes them`, () => {
  for (const [x, how, wanted] of told.formats) assert.equal(format(lift(x), how), wanted, `${JSON.stringify(x)} as ${how}`);
});

test("a slider starts at the value and holds it on its grid", () => {
  for (const value of [2, 0.123, -33, 1e-3, 0, 1234.5]) {
    const [low, high, step] = widened(span(value), value), steps = (value - low) / step;
    assert.ok(low < value && value < high);
    assert.ok(Math.abs(steps - Math.round(steps)) < 1e-6, `${value}: ${steps} steps`);
  }
  const [low, high] = widened(span(2), 123.5);
  assert.ok(high > 123.5 && low === -3);
});

test("the end of a scale is a round number", () => {
  assert.deepEqual([21, 0.6, 0, 1.3].map(roundUp), [25, 0.6, 1, 1.5]);
});
