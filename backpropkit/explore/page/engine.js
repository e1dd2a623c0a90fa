// The forwards of the rule table on numbers and arrays {s: shape, d: Float64Array}, and what runs a program of them.

const size = (shape) => shape.reduce((product, n) => product * n, 1);
const array = (shape, entries) => ({ s: shape, d: entries ?? new Float64Array(size(shape)) });
const shapeOf = (x) => (typeof x === "number" ? [] : x.s);
const boxed = (x) => (typeof x === "number" ? { s: [], d: [x] } : x);
const settled = (x) => (typeof x !== "number" && x.s.length === 0 ? x.d[0] : x);
const copied = (x) => Float64Array.from(boxed(x).d);
const flat = (places) => [places].flat();

const WORDS = { nan: NaN, inf: Infinity, "-inf": -Infinity };
const read = (entry) => (typeof entry === "string" ? WORDS[entry] : Number(entry));
/** A value as it travels in JSON: a number, a word for one that JSON lacks, or {s, d}. */
export const lift = (given) =>
  given !== null && typeof given === "object" ? array(given.s, given.d && Float64Array.from(given.d, read)) : read(given);

function strides(shape) {
  const steps = [];
  for (let axis = shape.length - 1, step = 1; axis >= 0; step *= shape[axis--]) steps[axis] = step;
  return steps;
}

function* indices(shape) {
  const index = shape.map(() => 0);
  for (let left = size(shape); left > 0; left--) {
    yield index;
    for (let k = shape.length - 1; k >= 0 && ++index[k] === shape[k]; k--) index[k] = 0;
  }
}

/** For every entry of an array, in order: its place along other steps. */
function places(shape, steps) {
  const found = new Int32Array(size(shape)), index = shape.map(() => 0);
  for (let k = 0, place = 0; k < found.length; k++) {
    found[k] = place;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += steps[axis];
      if (++index[axis] < shape[axis]) break;
      place -= steps[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return found;
}

const at = (index, steps) => {
  let place = 0;
  for (let k = 0; k < index.length; k++) place += index[k] * steps[k];
  return place;
};

function together(...shapes) {
  const long = Math.max(0, ...shapes.map((shape) => shape.length));
  const out = [];
  for (let k = 1; k <= long; k++) {
    let n = 1;
    for (const shape of shapes) {
      const m = shape[shape.length - k] ?? 1;
      if (m === 1) continue;
      if (n !== 1 && n !== m) throw Error(`shapes (${shapes.join(") and (")}) do not fit`);
      n = m;
    }
    out[long - k] = n;
  }
  return out;
}

/** Steps through an array as if it had been broadcast to `shape`. */
function spreadSteps(x, shape) {
  const own = strides(x.s), gap = shape.length - x.s.length;
  return shape.map((_, k) => (k < gap || x.s[k - gap] === 1 ? 0 : own[k - gap]));
}

/**
 * A function of numbers, entry by entry. Numbers go straight through: most of what a page computes is that. What is done to
 * large arrays has a `loop` of its own, too: to call a function for every entry takes ten times as long.
 */
function entrywise(f, loop) {
  const over = (args) => spread(f, loop, args);
  if (f.length === 1) return (a) => (typeof a === "number" ? f(a) : over([a]));
  if (f.length === 2) return (a, b) => (typeof a === "number" && typeof b === "number" ? f(a, b) : over([a, b]));
  return (a, b, c) => ([a, b, c].every((x) => typeof x === "number") ? f(a, b, c) : over([a, b, c]));
}

function spread(f, loop, args) {
  const [{ s: first }, ...others] = args.filter((x) => typeof x !== "number");
  const alike = others.every(({ s }) => s.length === first.length && s.every((n, k) => n === first[k]));
  const shape = alike ? first : together(...args.map(shapeOf)), out = array(shape), to = out.d, n = to.length;
  // an array of fewer entries is spread out before; a single number is read again and again
  const full = (x) => (typeof x === "number" ? [x] : x.d.length === n || x.d.length === 1 ? x.d : broadcast(x, shape).d);
  const [a, b, c] = args.map(full), [i, j, l] = [a, b, c].map((d) => Number(d?.length > 1));
  if (loop) loop(to, a, i, b, j, c, l);
  else if (!b) for (let k = 0; k < n; k++) to[k] = f(a[k]);
  else for (let k = 0; k < n; k++) to[k] = f(a[i * k], b[j * k]);
  return settled(out);
}

const plus = entrywise((a, b) => a + b, (to, a, i, b, j) => { for (let k = 0; k < to.length; k++) to[k] = a[i * k] + b[j * k]; });
const minus = entrywise((a, b) => a - b, (to, a, i, b, j) => { for (let k = 0; k < to.length; k++) to[k] = a[i * k] - b[j * k]; });
const times = entrywise((a, b) => a * b, (to, a, i, b, j) => { for (let k = 0; k < to.length; k++) to[k] = a[i * k] * b[j * k]; });
const over = entrywise((a, b) => a / b, (to, a, i, b, j) => { for (let k = 0; k < to.length; k++) to[k] = a[i * k] / b[j * k]; });
const greater = entrywise((a, b) => Number(a > b), (to, a, i, b, j) => { for (let k = 0; k < to.length; k++) to[k] = Number(a[i * k] > b[j * k]); });
const atLeast = entrywise((a, b) => Number(a >= b), (to, a, i, b, j) => { for (let k = 0; k < to.length; k++) to[k] = Number(a[i * k] >= b[j * k]); });
const equal = entrywise((a, b) => Number(a === b), (to, a, i, b, j) => { for (let k = 0; k < to.length; k++) to[k] = Number(a[i * k] === b[j * k]); });
const where = entrywise((c, a, b) => (c ? a : b), (to, c, i, a, j, b, l) => { for (let k = 0; k < to.length; k++) to[k] = c[i * k] ? a[j * k] : b[l * k]; });
const larger = (a, b) => (a > b || a !== a ? a : b); // what is no number stays
const maximum = entrywise(larger, (to, a, i, b, j) => { for (let k = 0; k < to.length; k++) to[k] = larger(a[i * k], b[j * k]); });
const smaller = (a, b) => (a < b || a !== a ? a : b);
const minimum = entrywise(smaller, (to, a, i, b, j) => { for (let k = 0; k < to.length; k++) to[k] = smaller(a[i * k], b[j * k]); });

/** What `into(to, place, from)` makes of all entries along some axes, or of all there are. */
function reduced(given, { axis = null, keepdims = false }, start, into) {
  const x = boxed(given), n = x.s.length;
  const gone = new Set(axis === null ? x.s.keys() : flat(axis).map((k) => (k + n) % n));
  const kept = x.s.map((m, k) => (gone.has(k) ? 1 : m)), out = array(kept);
  out.d.fill(start);
  into(out.d, places(x.s, strides(kept).map((step, k) => (gone.has(k) ? 0 : step))), x.d);
  return settled(keepdims ? out : array(kept.filter((_, k) => !gone.has(k)), out.d));
}
const sum = (x, how = {}) => reduced(x, how, 0, (to, place, from) => { for (let k = 0; k < from.length; k++) to[place[k]] += from[k]; });
const max = (x, how = {}) => reduced(x, how, -Infinity, (to, place, from) => { for (let k = 0; k < from.length; k++) to[place[k]] = larger(to[place[k]], from[k]); });
const min = (x, how = {}) => reduced(x, how, Infinity, (to, place, from) => { for (let k = 0; k < from.length; k++) to[place[k]] = smaller(to[place[k]], from[k]); });
const one = (f) => entrywise((a) => f(a)); // Math's own functions, whatever they say their length is
const [exp, log, sqrt] = [Math.exp, Math.log, Math.sqrt].map(one);

function transpose(given, axes) {
  const x = boxed(given), order = axes ?? [...x.s.keys()].reverse(), own = strides(x.s);
  const out = array(order.map((k) => x.s[k])), steps = order.map((k) => own[k]);
  places(out.s, steps).forEach((place, k) => (out.d[k] = x.d[place]));
  return settled(out);
}

function reshape(x, wanted) {
  const shape = flat(wanted), open = shape.indexOf(-1);
  if (open >= 0) shape[open] = size(shapeOf(x)) / -size(shape);
  return settled(array(shape, copied(x)));
}

function broadcast(given, shape) {
  const x = boxed(given), out = array(shape), from = places(shape, spreadSteps(x, shape));
  for (let k = 0; k < from.length; k++) out.d[k] = x.d[from[k]];
  return settled(out);
}

function sumTo(x, shape) {
  const gap = shapeOf(x).length - shape.length, axis = [...Array(gap).keys()];
  shape.forEach((n, k) => n === 1 && axis.push(gap + k));
  return settled(array(shape, copied(sum(x, { axis, keepdims: true }))));
}

function matmul(a, b) {
  const A = a.s.length === 1 ? array([1, ...a.s], a.d) : a;
  const B = b.s.length === 1 ? array([...b.s, 1], b.d) : b;
  const m = A.s.at(-2), k = A.s.at(-1), n = B.s.at(-1);
  if (B.s.at(-2) !== k) throw Error(`matmul: shapes (${a.s}) and (${b.s}) do not fit`);
  const stack = together(A.s.slice(0, -2), B.s.slice(0, -2)), out = array([...stack, m, n]);
  const inStack = (X) => spreadSteps(array(X.s.slice(0, -2), X.d), stack).map((step) => step * X.s.at(-2) * X.s.at(-1));
  const stepsA = inStack(A), stepsB = inStack(B);
  let place = 0;
  for (const index of indices(stack)) {
    const fromA = at(index, stepsA), fromB = at(index, stepsB);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let q = 0; q < k; q++) total += A.d[fromA + i * k + q] * B.d[fromB + q * n + j];
        out.d[place++] = total;
      }
    }
  }
  const shape = [...stack, ...(a.s.length === 1 ? [] : [m]), ...(b.s.length === 1 ? [] : [n])];
  return settled(array(shape, out.d));
}

function square(a) {
  const shape = shapeOf(a);
  if (shape.length !== 2 || shape[0] !== shape[1]) throw Error(`a square matrix is needed, this has shape (${shape})`);
  return shape[0];
}

/** LU with partial pivoting, as LAPACK's getrf: factors in one matrix, the rows' order. */
function lu(a) {
  const n = square(a), m = copied(a), rows = [...Array(n).keys()];
  for (let j = 0; j < n; j++) {
    let best = j;
    for (let i = j + 1; i < n; i++) if (Math.abs(m[i * n + j]) > Math.abs(m[best * n + j])) best = i;
    if (m[best * n + j] === 0) throw Error("the matrix is singular");
    if (best !== j) {
      for (let k = 0; k < n; k++) [m[j * n + k], m[best * n + k]] = [m[best * n + k], m[j * n + k]];
      [rows[j], rows[best]] = [rows[best], rows[j]];
    }
    for (let i = j + 1; i < n; i++) {
      const factor = (m[i * n + j] /= m[j * n + j]);
      for (let k = j + 1; k < n; k++) m[i * n + k] -= factor * m[j * n + k];
    }
  }
  return { n, m, rows };
}

function eliminated(a, b) {
  const { n, m, rows } = lu(a), width = b.s.length === 1 ? 1 : b.s[1], out = array(b.s);
  for (let c = 0; c < width; c++) {
    const y = rows.map((i) => b.d[i * width + c]);
    for (let i = 0; i < n; i++) for (let k = 0; k < i; k++) y[i] -= m[i * n + k] * y[k];
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) y[i] -= m[i * n + k] * y[k];
      y[i] /= m[i * n + i];
    }
    y.forEach((v, i) => (out.d[i * width + c] = v));
  }
  return out;
}

function eye(n) {
  const one = array([n, n]);
  for (let i = 0; i < n; i++) one.d[i * (n + 1)] = 1;
  return one;
}

const EPSILON = 2 ** -52;

/** The inverse, if any of its digits means something: as in backpropkit/terms/numerics.py. */
function inverse(a) {
  const n = square(a), found = eliminated(a, eye(n)), length2 = ({ d }) => d.reduce((sum, v) => sum + v * v, 0);
  if (length2(a) * length2(found) > (EPSILON * n ** 2) ** -2) checkDigits(a, matmul(found, trials(a)));
  return found;
}

function solve(a, b) {
  const x = eliminated(a, b);
  checkDigits(a, eliminated(a, trials(a)));
  return x;
}

const rowSizes = ({ s: [n], d }) => [...Array(n).keys()].map((i) => d.slice(i * n, (i + 1) * n).reduce((most, v) => Math.max(most, Math.abs(v)), 0));

/** Three right sides that are as good as any, their rows of a's sizes. */
function trials(a) {
  const tried = array([a.s[0], 3]);
  rowSizes(a).forEach((size, i) => {
    for (let k = 0; k < 3; k++) tried.d[3 * i + k] = size * Math.cos((i + 1) * (k + 1));
  });
  return tried;
}

/** No digit of a⁻¹b means anything where large products cancel to make one of the trials from x. */
function checkDigits(a, x) {
  const n = a.s[0], sizes = rowSizes(a);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < 3; k++) {
      let products = 0;
      for (let j = 0; j < n; j++) products += Math.abs(a.d[i * n + j]) * Math.abs(x.d[3 * j + k]);
      if ((products / sizes[i]) * EPSILON * n ** 2 > 1) throw Error("the matrix is singular, as far as its digits tell");
    }
  }
}

function logdet(a) {
  const { n, m } = lu(a);
  let total = 0;
  for (let i = 0; i < n; i++) total += Math.log(Math.abs(m[i * (n + 1)]));
  return total;
}

function trace(a) {
  const n = square(a);
  let total = 0;
  for (let i = 0; i < n; i++) total += a.d[i * (n + 1)];
  return total;
}

function diag(a) {
  const n = a.s[0], vector = a.s.length === 1, out = array(vector ? [n, n] : [square(a)]);
  for (let i = 0; i < n; i++) vector ? (out.d[i * (n + 1)] = a.d[i]) : (out.d[i] = a.d[i * (n + 1)]);
  return out;
}

function join(parts, axis) {
  const shape = [...parts[0].s];
  shape[axis] = parts.reduce((n, part) => n + part.s[axis], 0);
  const out = array(shape), after = size(shape.slice(axis + 1)), before = size(shape.slice(0, axis));
  let from = 0;
  for (const part of parts) {
    const width = part.s[axis] * after;
    for (let k = 0; k < before; k++) out.d.set(part.d.slice(k * width, (k + 1) * width), k * shape[axis] * after + from);
    from += width;
  }
  return out;
}

function stack(parts, axis) {
  const shape = shapeOf(parts[0]), k = (axis + shape.length + 1) % (shape.length + 1);
  const grown = [...shape.slice(0, k), 1, ...shape.slice(k)];
  return join(parts.map((part) => array(grown, copied(part))), k);
}

function taken(a, { places, leaves }) {
  const from = boxed(a).d;
  if (!leaves.length) return from[places[0]];
  const out = array(leaves);
  places.forEach((place, k) => (out.d[k] = from[place]));
  return out;
}

function scatter(g, { places, shape }) {
  const out = array(shape), from = boxed(g).d;
  places.forEach((place, k) => (out.d[place] += from[from.length === 1 ? 0 : k]));
  return settled(out);
}

function outer(a, b) {
  const out = array([a.d.length, b.d.length]);
  let k = 0;
  for (const x of a.d) for (const y of b.d) out.d[k++] = x * y;
  return out;
}

function det(a) {
  const n = square(a);
  let m, rows;
  try {
    ({ m, rows } = lu(a));
  } catch {
    return 0; // as NumPy has it
  }
  let product = 1;
  for (let i = 0; i < n; i++) product *= m[i * (n + 1)];
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) if (rows[j] > rows[i]) product = -product;
  return product;
}

function cholesky(a) {
  const n = square(a), c = array([n, n]);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let left = a.d[i * n + j];
      for (let k = 0; k < j; k++) left -= c.d[i * n + k] * c.d[j * n + k];
      if (i === j && !(left > 0)) throw Error("the matrix is not positive definite");
      c.d[i * n + j] = i === j ? Math.sqrt(left) : left / c.d[j * (n + 1)];
    }
  }
  return c;
}

function cumsum(given, { axis = null } = {}) {
  const x = axis === null ? array([boxed(given).d.length], copied(given)) : boxed(given);
  const k = axis === null ? 0 : (axis + x.s.length) % x.s.length, step = strides(x.s)[k];
  const out = array(x.s, Float64Array.from(x.d));
  for (let place = 0; place < out.d.length; place++) {
    if (Math.floor(place / step) % x.s[k]) out.d[place] += out.d[place - step];
  }
  return out;
}

function logsumexp(x, how) {
  const top = one((t) => (Number.isFinite(t) ? t : 0))(max(x, { ...how, keepdims: true }));
  const total = sum(exp(minus(x, top)), how), shape = shapeOf(total);
  return plus(settled(array(shape, copied(top))), log(total));
}

function norm2(x, how = {}) {
  const usual = sqrt(sum(times(x, x), how));
  if (copied(usual).every((y) => y > 1e-140 && y < 1e140)) return usual;
  // squares that are no numbers: by way of the largest
  const top = one((t) => (t > 0 && t < Infinity ? t : 1))(max(one(Math.abs)(x), { ...how, keepdims: true }));
  const shares = over(x, top), shape = shapeOf(usual);
  return times(settled(array(shape, copied(top))), sqrt(sum(times(shares, shares), how)));
}

function logSoftmax(x, { axis = -1 } = {}) {
  const down = minus(x, max(x, { axis, keepdims: true }));
  return minus(down, log(sum(exp(down), { axis, keepdims: true })));
}

function power(a, n) {
  const y = a ** n;
  if (Number.isNaN(y) && a < 0 && !Number.isNaN(n)) throw Error(`a negative number has no real power ${n}`);
  return y;
}
const powers = entrywise(power);
const remainder = (a, b) => {
  const left = a % b; // with a's sign; Python's has b's
  return left !== 0 && left < 0 !== b < 0 ? left + b : left;
};
const sigmoid = (a) => (a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a)));

/** Every op of the table by its name: (arguments…, parameters) → value. */
export const FORWARDS = {
  add: plus,
  sub: minus,
  mul: times,
  div: over,
  remainder: entrywise(remainder),
  neg: one((a) => -a),
  power: (a, { n }) => powers(a, n),
  pow: powers,
  exp,
  exp2: one((a) => 2 ** a),
  expm1: one(Math.expm1),
  log,
  log1p: one(Math.log1p),
  sqrt,
  sin: one(Math.sin),
  cos: one(Math.cos),
  tan: one(Math.tan),
  arctan: one(Math.atan),
  sinh: one(Math.sinh),
  cosh: one(Math.cosh),
  tanh: one(Math.tanh),
  abs: one(Math.abs),
  sign: one((a) => (a !== a ? a : (a > 0) - (a < 0))),
  sigmoid: one(sigmoid),
  relu: one((a) => (a > 0 || a !== a ? a : 0)),
  swish: one((a) => a * sigmoid(a)),
  softplus: one((a) => (a > 0 ? a : 0) + Math.log1p(Math.exp(-Math.abs(a)))),
  maximum,
  minimum,
  where,
  greater,
  greater_equal: atLeast,
  equal,
  not_equal: entrywise((a, b) => Number(a !== b)),
  sum,
  mean: (a, how = {}) => {
    const total = sum(a, how);
    return over(total, size(shapeOf(a)) / size(shapeOf(total)));
  },
  max,
  min,
  logsumexp,
  norm2,
  cumsum,
  reshape: (a, { shape }) => reshape(a, shape),
  transpose: (a, { axes }) => transpose(a, axes),
  getitem: taken,
  scatter,
  stack: (...given) => stack(given.slice(0, -1), given.at(-1).axis),
  concatenate: (...given) => {
    const parts = given.slice(0, -1), n = parts[0].s.length;
    return join(parts, (given.at(-1).axis + n) % n);
  },
  sum_to: (a, { shape }) => sumTo(a, shape),
  broadcast_to: (a, { shape }) => broadcast(a, shape),
  matmul,
  outer,
  trace,
  diag,
  inv: inverse,
  solve,
  logdet,
  det,
  cholesky,
  quadratic_form: (x, a) => matmul(matmul(x, a), x),
  softmax: (a, how) => exp(logSoftmax(a, how)),
  log_softmax: logSoftmax,
  cross_entropy: (a, t) => -sum(times(t, logSoftmax(a))) / size(a.s.slice(0, -1)),
};

const isOp = (line) => Array.isArray(line);

/** Runs a program {code, inputs: {name: register}}: registers are filled in order. */
export class Machine {
  constructor({ code, inputs }) {
    this.inputs = inputs;
    this.code = code.map((line) => (isOp(line) ? line : lift(line)));
    this.values = [];
    this.after = {}; // input -> the registers downstream of it
    this.run();
  }

  step(line, values) {
    const forward = FORWARDS[line[0]], args = line[1], params = line[2];
    if (params === undefined && args.length < 3) return forward(values[args[0]], values[args[1]]); // nearly all of them
    const given = args.map((k) => values[k]);
    return params === undefined ? forward(...given) : forward(...given, params);
  }

  /** Give inputs new values and compute what lies downstream of them; everything, at the start. */
  run(given = null) {
    const values = [...this.values];
    this.fill(values, given, given ? null : this.code.keys());
    this.values = values;
    return values;
  }

  fill(values, given, places) {
    for (const [name, value] of Object.entries(given ?? {})) values[this.inputs[name]] = value;
    for (const k of places ?? this.downstream(Object.keys(given))) {
      const line = this.code[k];
      if (isOp(line)) values[k] = this.step(line, values);
      else if (!given) values[k] = line;
    }
  }

  downstream(names) {
    const key = names.join();
    if (!this.after[key]) {
      const moved = new Set(names.map((name) => this.inputs[name]));
      this.after[key] = [];
      this.code.forEach((line, k) => {
        if (isOp(line) && !moved.has(k) && line[1].some((arg) => moved.has(arg))) {
          moved.add(k);
          this.after[key].push(k);
        }
      });
    }
    return this.after[key];
  }

  /** The values of some registers while one input runs through `at`; nothing is kept. */
  sample(name, at, registers) {
    const found = registers.map(() => []);
    const needed = this.needed(name, registers);
    for (const value of at) {
      const values = [...this.values];
      try {
        this.fill(values, { [name]: value }, needed);
        registers.forEach((r, k) => found[k].push(values[r]));
      } catch {
        registers.forEach((_, k) => found[k].push(NaN)); // not defined there
      }
    }
    return found;
  }

  /** What of the registers downstream of an input is needed for these ones. */
  needed(name, registers) {
    const key = `${name}>${registers}`;
    if (!this.after[key]) {
      const wanted = new Set(registers), down = this.downstream([name]);
      for (const k of [...down].reverse()) if (wanted.has(k)) this.code[k][1].forEach((arg) => wanted.add(arg));
      this.after[key] = down.filter((k) => wanted.has(k));
    }
    return this.after[key];
  }
}
