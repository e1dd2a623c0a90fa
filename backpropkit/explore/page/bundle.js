// Made of the modules beside it by python -m backpropkit.explore.page: change those.
const size = (shape) => shape.reduce((product, n) => product * n, 1);
const array = (shape, entries) => ({ s: shape, d: entries ?? new Float64Array(size(shape)) });
const shapeOf = (x) => (typeof x === "number" ? [] : x.s);
const boxed = (x) => (typeof x === "number" ? { s: [], d: [x] } : x);
const settled = (x) => (typeof x !== "number" && x.s.length === 0 ? x.d[0] : x);
const copied = (x) => Float64Array.from(boxed(x).d);
const flat = (places) => [places].flat();
const WORDS = { nan: NaN, inf: Infinity, "-inf": -Infinity };
const read = (entry) => (typeof entry === "string" ? WORDS[entry] : Number(entry));
const lift = (given) =>
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
function spreadSteps(x, shape) {
const own = strides(x.s), gap = shape.length - x.s.length;
return shape.map((_, k) => (k < gap || x.s[k - gap] === 1 ? 0 : own[k - gap]));
}
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
const larger = (a, b) => (a > b || a !== a ? a : b);
const maximum = entrywise(larger, (to, a, i, b, j) => { for (let k = 0; k < to.length; k++) to[k] = larger(a[i * k], b[j * k]); });
const smaller = (a, b) => (a < b || a !== a ? a : b);
const minimum = entrywise(smaller, (to, a, i, b, j) => { for (let k = 0; k < to.length; k++) to[k] = smaller(a[i * k], b[j * k]); });
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
const one = (f) => entrywise((a) => f(a));
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
function trials(a) {
const tried = array([a.s[0], 3]);
rowSizes(a).forEach((size, i) => {
for (let k = 0; k < 3; k++) tried.d[3 * i + k] = size * Math.cos((i + 1) * (k + 1));
});
return tried;
}
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
return 0;
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
const left = a % b;
return left !== 0 && left < 0 !== b < 0 ? left + b : left;
};
const sigmoid = (a) => (a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a)));
const FORWARDS = {
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
class Machine {
constructor({ code, inputs }) {
this.inputs = inputs;
this.code = code.map((line) => (isOp(line) ? line : lift(line)));
this.values = [];
this.after = {};
this.run();
}
step(line, values) {
const forward = FORWARDS[line[0]], args = line[1], params = line[2];
if (params === undefined && args.length < 3) return forward(values[args[0]], values[args[1]]);
const given = args.map((k) => values[k]);
return params === undefined ? forward(...given) : forward(...given, params);
}
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
sample(name, at, registers) {
const found = registers.map(() => []);
const needed = this.needed(name, registers);
for (const value of at) {
const values = [...this.values];
try {
this.fill(values, { [name]: value }, needed);
registers.forEach((r, k) => found[k].push(values[r]));
} catch {
registers.forEach((_, k) => found[k].push(NaN));
}
}
return found;
}
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
const isTie = (x, d) => {
const halves = d >= 0 ? x * 2 ** (d + 1) : (2 * x) / 10 ** -d;
return Number.isInteger(halves) && halves % 2 !== 0;
};
const odd = (digits) => "13579".includes(digits.at(-1));
const tens = (e) => `e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
function fixed(x, d) {
const size = Math.abs(x);
let digits = size.toFixed(d);
if (isTie(size, d) && odd(digits)) digits = (size - 0.5 / 10 ** d).toFixed(d);
return (x < 0 || Object.is(x, -0) ? "-" : "") + digits;
}
function general(x, p = 6) {
if (x === 0) return Object.is(x, -0) ? "-0" : "0";
const size = Math.abs(x), sign = x < 0 ? "-" : "";
let [mantissa, exponent] = size.toExponential(p - 1).split("e");
let e = Number(exponent), digits = mantissa.replace(".", "");
if (isTie(size, p - 1 - e) && odd(digits)) digits = String(BigInt(digits) - 1n).padStart(p, "0");
const trimmed = (text) => text.replace(/\.?0+$/, "");
if (e < -4 || e >= p) return sign + (p > 1 ? trimmed(`${digits[0]}.${digits.slice(1)}`) : digits) + tens(e);
if (e < 0) return `${sign}0.${"0".repeat(-e - 1)}${digits.replace(/0+$/, "")}`;
const whole = digits.slice(0, e + 1), rest = digits.slice(e + 1);
return sign + (rest ? trimmed(`${whole}.${rest}`) : whole);
}
function repr(x) {
if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
const [mantissa, exponent] = Math.abs(x).toExponential().split("e");
const e = Number(exponent), digits = mantissa.replace(".", "");
const sign = x < 0 || Object.is(x, -0) ? "-" : "";
if (x !== 0 && (e < -4 || e >= 16)) return sign + mantissa + tens(e);
if (e < 0) return `${sign}0.${"0".repeat(-e - 1)}${digits}`;
return `${sign}${digits.slice(0, e + 1).padEnd(e + 1, "0")}.${digits.slice(e + 1) || "0"}`;
}
const signed = (text) => text.replaceAll("-", "−");
function number(x, digits = 4) {
if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "∞" : "−∞";
if (Number.isInteger(x) && Math.abs(x) < 1e6) return signed(String(x + 0));
const [mantissa, exponent] = general(x, digits).split("e");
if (exponent === "+01" || exponent === "+02") return signed(String(Number(`${mantissa}e${exponent}`)));
return signed(exponent ? `${mantissa}e${Number(exponent)}` : mantissa);
}
const change = (x, digits = 3) => `${x < 0 ? "−" : "+"} ${number(Math.abs(x), digits)}`;
function norm({ d }) {
const most = d.reduce((large, v) => Math.max(large, Math.abs(v)), 0);
return most > 0 && most < Infinity ? most * Math.sqrt(d.reduce((total, v) => total + (v / most) ** 2, 0)) : most;
}
function whole(x, digits = 4) {
if (typeof x === "number") return number(x, digits);
const short = `[${[...x.d.slice(0, 3)].map((v) => number(v, 2)).join(" ")}]`;
return x.s.length === 1 && x.d.length <= 3 && short.length <= 16 ? short : `‖·‖ ${number(norm(x), 3)}`;
}
const PLAIN = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
function typedNumber(text) {
const plain = text.replaceAll("−", "-"), said = `“${text.length > 20 ? `${text.slice(0, 20)}…` : text}”`;
if (/^[-+]?[1-9]\d{0,2}(,\d{3})+$/.test(plain)) return `${said} can be read in two ways: type a point before decimals, and nothing between thousands.`;
const point = plain.replace(/^([^,.]*),([^,.]*)$/, "$1.$2"), x = Number(point);
if (!PLAIN.test(point)) return `${text ? `${said} is not a number` : "Nothing typed"}: type one such as 1.5, −2 or 1e-3.`;
if (!Number.isFinite(x)) return `${said} is beyond ±1.8e308, where the numbers of computers end.`;
if (x === 0 && /[1-9]/.test(point.split(/e/i)[0])) return `${said} is closer to 0 than the numbers of computers come: type 0, or a larger one.`;
return x;
}
const spoken = (x) => general(x).replace("e-0", "e-");
function nested(x) {
if (typeof x === "number") return repr(x);
let rows = [...x.d].map(repr);
for (const size of [...x.s].reverse()) {
rows = Array.from({ length: rows.length / size }, (_, k) => `[${rows.slice(k * size, (k + 1) * size).join(", ")}]`);
}
return rows[0];
}
const FORMATS = { n: number, c: change, f: fixed, w: whole, r: repr, j: nested, s: spoken };
const format = (x, how) => FORMATS[how[0]](x, how.length > 1 ? Number(how.slice(1)) : undefined);
const WIDE = 7.2;
const CELLS = 7;
const BESIDE = 4;
function say(parts, values) {
let text = "";
for (const part of parts) {
if (typeof part === "string") text += part;
else if (Array.isArray(part)) text += format(part.length > 2 ? entry(values[part[0]], part[2]) : values[part[0]], part[1]);
else if ("when" in part) text += say(values[part.when] ? part.then : part.else, values);
else text += say(part.of[Math.min(Math.max(Math.round(values[part.pick]), 0), part.of.length - 1)], values);
}
return text;
}
const near = (px) => Math.min(Math.max(px, -1e5), 1e5).toFixed(1);
const entry = (x, k) => (typeof x === "number" ? x : x.d[k]);
function set(element, name, value) {
if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
let ink;
function width(text) {
ink ??= document.createElement("canvas").getContext("2d");
let sum = text.isConnected ? 0 : Infinity;
for (const part of text.childNodes) {
const { fontStyle, fontWeight, fontSize, fontFamily } = getComputedStyle(part.nodeType === 3 ? text : part);
ink.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
sum += ink.measureText(part.textContent).width;
}
return sum;
}
function squeeze(text) {
const room = Number(text.dataset.room);
if (text.textContent.length * WIDE > room && width(text) > room) {
set(text, "textLength", room);
set(text, "lengthAdjust", "spacingAndGlyphs");
} else text.removeAttribute("textLength");
}
const BINDINGS = {
text(element, values, [parts]) {
const words = say(parts, values);
if (element.textContent === words) return;
element.textContent = words;
const roomy = element.closest("text[data-room]");
if (roomy) squeeze(roomy);
},
set(element, values, [name, parts]) {
set(element, name, say(parts, values));
},
class(element, values, [name, register]) {
element.classList.toggle(name, Boolean(values[register]));
},
cells(element, values, [register, delta, scale, digits = 3]) {
const x = values[register], moved = delta === null ? null : values[delta];
const most = scale === undefined ? Math.max(1e-300, ...[...x.d].map(Math.abs).filter(Number.isFinite)) : values[scale] || 1;
[...element.children].forEach((cell, k) => {
const [box, text] = cell.children, v = x.d[k] + (moved ? entry(moved, k) : 0), label = cell.getAttribute("aria-label");
text.textContent = number(v, digits);
if (label) set(cell, "aria-label", `${label.split(": ")[0]}: ${text.textContent}`);
set(box, "fill-opacity", Math.min(1, Math.abs(v) / most).toFixed(2));
cell.classList.toggle("bp-minus", v < 0);
cell.classList.toggle("bp-moved", Boolean(moved && entry(moved, k)));
});
for (const cell of element.children) squeeze(cell.children[1]);
},
way(element, values, [across, up, row, until, shape, every]) {
const [xs, ys] = [values[across], values[up]].map((x) => x.d.subarray(row * x.s[1], (row + 1) * x.s[1]));
const last = values[until].d[row], gap = every === undefined ? 1 : values[every];
let way = "", pen = "M";
for (let k = shape ? (row % gap) : 0; k < last; k += shape ? gap : 1) {
if (!Number.isFinite(xs[k]) || !Number.isFinite(ys[k])) pen = "M";
else {
way += `${shape ? "M" : pen}${near(xs[k])} ${near(ys[k])}${shape}`;
pen = "L";
}
}
set(element, "d", way || "M0 0");
},
aim(element, values, [spec]) {
element.aim = spec;
},
token(element, values, [register, wires]) {
const step = values[register], k = Math.ceil(step);
element.toggleAttribute("hidden", step === k);
if (step === k) return;
const svg = element.closest("svg"), wire = svg.querySelector(`[data-wire="${wires[k - 1]}"]`);
if (!svg.checkVisibility()) return;
const { x, y } = wire.getPointAtLength(wire.getTotalLength() * (k - step));
set(element, "transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
},
plot(element, values, [spec], machine) {
(element.plot ??= new Plot(element, spec)).move(values, machine);
},
};
function bind(root, bindings, machine) {
for (const text of root.querySelectorAll("text[textLength]")) {
text.dataset.room ??= text.getAttribute("textLength");
squeeze(text);
}
const twins = [null, ...root.querySelectorAll(".bp-wide,.bp-narrow")], bound = new Map(twins.map((twin) => [twin, []]));
for (const element of root.querySelectorAll("[data-bp]")) {
const own = element.dataset.bp.split(" ").map((k) => bindings[k]), [, shown] = own.find(([kind]) => kind === "show") ?? [];
const moves = own.filter(([kind]) => kind !== "show").map(([kind, ...rest]) => [BINDINGS[kind], rest]);
bound.get(element.closest(".bp-wide,.bp-narrow")).push({ element, shown, moves });
}
function moved(twin, values) {
let hidden = null;
for (const { element, shown, moves } of bound.get(twin)) {
if (hidden?.contains(element)) continue;
hidden = shown === undefined || values[shown] ? null : element;
if (shown !== undefined) element.toggleAttribute("hidden", hidden !== null);
if (!hidden) for (const [move, rest] of moves) move(element, values, rest, machine);
}
}
let later;
return (values) => {
clearTimeout(later);
const unseen = twins.filter((twin) => twin && !twin.checkVisibility());
twins.forEach((twin) => unseen.includes(twin) || moved(twin, values));
if (unseen.length) later = setTimeout(() => unseen.forEach((twin) => moved(twin, values)));
};
}
function ticks(low, high, wanted) {
const rough = high / Math.max(wanted, 1) - low / Math.max(wanted, 1);
if (!(rough > 1e-300) || !Number.isFinite(rough)) return [];
const unit = 10 ** Math.floor(Math.log10(rough));
const step = [1, 2, 5, 10].map((m) => m * unit).find((s) => s >= 0.8 * rough);
const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}
function around(numbers, before = null) {
const finite = numbers.filter(Number.isFinite);
if (!finite.length) return before ?? [0, 1];
let low = Math.min(...finite), high = Math.max(...finite);
if (before && low >= before[0] && high <= before[1] && high - low > 0.3 * (before[1] - before[0])) return before;
const air = 0.06 * (high - low) || Math.abs(high) * 0.5 || 1;
return [Math.max(low - air, -Number.MAX_VALUE), Math.min(high + air, Number.MAX_VALUE)];
}
class Plot {
constructor(element, spec) {
this.spec = spec;
this.element = element;
this.lines = [...element.querySelectorAll("[data-line]")];
this.marks = [...element.querySelectorAll("[data-mark]")];
this.axes = ["x", "y"].map((axis) => element.querySelector(`[data-axis=${axis}]`));
}
move(values, machine) {
const { over, at, now, x, lines, marks, log, fit, above, keep } = this.spec;
const ends = Math.max(...at.map(Math.abs));
const grow = now === null ? 1 : Math.min(Math.max(1, (1.1 * Math.abs(values[now])) / ends), 1.7e308 / ends);
const sampled = machine.sample(over, at.map((v) => grow * v), [x, ...lines]);
const scale = (v) => (log ? Math.log10(Math.abs(v)) : v);
const [xs, ...ys] = sampled.map((row) => row.map(scale));
this.across = log ? this.spec.across : [xs[0], xs.at(-1)];
if (keep) this.up = [Math.min, Math.max].map((end, k) => end(keep[k], values[marks.at(-1)[0][1]]));
else this.up = log ? this.spec.up : around(ys.slice(0, fit).flat(), this.up);
if (above) {
const seen = sampled[1].some((v, k) => v > sampled[2][k]);
this.element.closest("[data-unless]").toggleAttribute("hidden", !seen);
}
this.lines.forEach((line, k) => set(line, "d", this.way(xs, ys[k])));
this.marks.forEach((mark, k) => {
const pairs = marks[k].map((pair) => pair.map((register) => scale(values[register])));
const points = pairs.map(([x, y]) => this.point(x, y));
const [[px, py]] = points, dot = mark.dataset.mark === "dot";
const known = [pairs, points].flat(2).every(Number.isFinite) && !(dot && !this.inside(px, py));
mark.toggleAttribute("hidden", !known);
if (!known) return;
if (dot) set(mark, "transform", `translate(${px.toFixed(1)} ${py.toFixed(1)})`);
else set(mark, "d", "M" + points.map((p) => p.map((v) => v.toFixed(1)).join(" ")).join("L"));
});
if (!log) this.label();
}
point(x, y) {
const [left, top, width, height] = this.spec.frame;
const share = (v, [low, high]) => (high > low ? Math.min(Math.max((v / 2 - low / 2) / (high / 2 - low / 2), -100), 100) : NaN);
return [left + share(x, this.across) * width, top + height - share(y, this.up) * height];
}
inside(px, py) {
const [left, top, width, height] = this.spec.frame;
return px >= left - 1 && px <= left + width + 1 && py >= top - 1 && py <= top + height + 1;
}
number(px) {
const [left, , width] = this.spec.frame;
return this.across[0] + ((px - left) / width) * (this.across[1] - this.across[0]);
}
way(xs, ys) {
let way = "", pen = "M";
xs.forEach((x, k) => {
const point = this.point(x, ys[k]);
if (![ys[k], ...point].every(Number.isFinite)) return void (pen = "M");
way += pen + point.map((v) => v.toFixed(1)).join(" ");
pen = "L";
});
return way || "M0 0";
}
label() {
const [left, top, width, height] = this.spec.frame;
const place = [
(v) => `translate(${this.point(v, this.up[0])[0].toFixed(1)} ${top + height})`,
(v) => `translate(${left} ${this.point(this.across[0], v)[1].toFixed(1)})`,
];
[this.across, this.up].forEach((span, axis) => {
const shown = ticks(...span, [width / 80, height / 45].map(Math.round)[axis]).slice(0, CELLS);
[...this.axes[axis].children].forEach((tick, k) => {
tick.toggleAttribute("hidden", k >= shown.length);
if (k >= shown.length) return;
set(tick, "transform", place[axis](shown[k]));
const text = tick.querySelector("text");
text.textContent = number(shown[k]);
if (!axis) return;
text.dataset.room = left - BESIDE;
squeeze(text);
});
});
}
}
const copy = Math.random().toString(36).slice(2, 8);
let made = 0;
function make(tag, attributes = {}, ...inside) {
const element = document.createElement(tag);
for (const [name, value] of Object.entries(attributes)) {
if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
else if (value === true) element.setAttribute(name, "");
else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
}
if (["input", "select", "button"].includes(tag)) keep(element);
element.append(...inside);
return element;
}
const keep = (element) => element.setAttribute("data-lm-suppress-shortcuts", "true");
function write(element, told) {
for (const [name, value] of Object.entries(told)) if (String(element[name]) !== String(value)) element[name] = value;
}
const decimal = (x) => x.toLocaleString("en", { useGrouping: false, maximumSignificantDigits: 17 });
const labelled = (text, control) => {
control.id = `bp-${copy}-${++made}`;
return make("label", { class: "bp-label", for: control.id }, text);
};
function span(value) {
const step = value === 0 ? 0.1 : 10 ** (Math.floor(Math.log10(Math.abs(value)) + 1e-9) - 1);
const reach = Math.max(50, Math.ceil((2 * Math.abs(value)) / step - 1e-9)) * step;
const tidy = (x) => Number(Math.min(Math.max(x, -1.7e308), 1.7e308).toPrecision(12));
return [tidy(value - reach), tidy(value + reach), tidy(step)];
}
function widened([low, high, step], value) {
if (!(Math.abs(value - low) < 1e7 * step && Math.abs(value - high) < 1e7 * step)) return span(value);
const below = Math.max(Math.ceil((value - low) / step), value < low ? 20 : 0);
const above = Math.max(Math.ceil((high - value) / step), value > high ? 20 : 0);
const tidy = (x) => Number(x.toPrecision(12));
return [tidy(value - below * step), tidy(value + above * step), step];
}
const entryOf = (value, index) => index.reduce((part, k) => part[k], value);
function withEntry(value, index, entry) {
if (!index.length) return entry;
const copy = [...value];
copy[index[0]] = withEntry(copy[index[0]], index.slice(1), entry);
return copy;
}
function lists({ s, d }) {
let rows = [...d].map((x) => Number(x.toPrecision(12)));
for (const size of s.slice(1).reverse()) rows = Array.from({ length: rows.length / size }, (_, k) => rows.slice(k * size, (k + 1) * size));
return rows;
}
const placeOf = (at, state, scene) =>
at.flatMap((part) => (typeof part === "number" ? part : typeof state[part] === "string" ? scene.words[part].indexOf(state[part]) : state[part]));
function numberBox(attributes, { step, fits = () => "", take, back }) {
const told = make("span", { class: "bp-refused", role: "alert", id: `bp-${copy}-${++made}` });
const box = make("input", {
type: "text", inputmode: "decimal", role: "spinbutton", autocomplete: "off", spellcheck: "false", class: "bp-typed", ...attributes,
onchange() {
const typed = box.value.trim(), x = typedNumber(typed), wrong = typeof x === "string" ? x : fits(x);
say(wrong, Boolean(wrong));
if (wrong) back();
else say(take(x) ?? "");
write(box, { value: shown });
},
onkeydown(event) {
const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
event.preventDefault();
const next = step(way);
if (fits(next)) return;
say("");
take(next);
},
});
let shown = "";
function say(words, wrong = false) {
if (told.textContent !== words) told.textContent = words;
if (words !== "" && !told.isConnected) box.parentElement.append(told);
if (words === "") told.remove();
for (const [name, value] of [["aria-invalid", wrong && "true"], ["aria-describedby", words && told.id]]) {
value ? set(box, name, value) : box.removeAttribute(name);
}
}
const show = (value, words, ends) => {
shown = words;
if (document.activeElement !== box || typedNumber(box.value.trim()) !== value) write(box, { value: words });
set(box, "aria-valuenow", decimal(value));
set(box, "aria-valuetext", words);
["aria-valuemin", "aria-valuemax"].forEach((name, k) => set(box, name, decimal(ends[k])));
};
return { box, show, forget: () => say("") };
}
const within = (name, low, high, whole) => (x) =>
x < low || x > high ? `${name}: from ${spoken(low)} to ${spoken(high)}.` : whole && x % 1 ? `${name}: a whole number.` : "";
function chooser(shape, name, changed) {
const axes = shape.length === 1 ? ["entry"] : shape.length === 2 ? ["row", "column"] : shape.map((_, k) => `axis ${k}`);
const index = shape.map(() => 0);
const boxes = shape.map((size, k) => numberBox({ class: "bp-typed bp-index", "aria-label": `${name} ${axes[k]}`.trim() }, {
step: (way) => index[k] + way,
fits: within(axes[k], 0, size - 1, true),
take(x) {
index[k] = x;
changed();
},
back: () => show(),
}));
const show = (now = index) => boxes.forEach(({ show: put }, k) => put((index[k] = now[k]), String(now[k]), [0, shape[k] - 1]));
show();
return { fields: boxes.map(({ box }) => box), index: () => [...index], show };
}
const KINDS = {
select({ name, label, options, values: words, also, many }, change) {
const bring = () => structuredClone(also?.[list.selectedIndex] ?? {});
const list = make("select", { onchange: () => change({ [name]: list.value, ...bring() }) });
words.forEach((word) => list.append(make("option", { value: word })));
const element = make("span", { class: "bp-control" }, labelled(label, list), list);
return {
element,
show(state, values) {
[...list.options].forEach((option, k) => {
write(option, { textContent: say(options[k], values) });
if (many !== undefined) write(option, { hidden: k >= state[many], disabled: k >= state[many] });
});
write(list, { value: state[name] });
},
};
},
buttons({ name, label, values }, change) {
const all = values.map((word) => make("button", { type: "button", class: "bp-button", onclick: () => change({ [name]: word }) }, word));
return {
element: make("span", { class: "bp-control", role: "group", "aria-label": label }, ...all),
show: (state) => all.forEach((button, k) => set(button, "aria-pressed", String(values[k] === state[name]))),
};
},
number({ name, label, shape = [], span: fixed, at, ends, mirror }, change, scene) {
let spans = {}, state;
const begin = scene.state?.[name];
const pick = at ? { fields: [], index: () => placeOf(at, state, scene), show() {} } : chooser(shape, label, () => show(state));
const range = make("input", { type: "range", oninput: () => put(Number(range.value)) });
let own;
const tidy = (x) => Number(x.toPrecision(12));
const typed = numberBox({}, {
step: (way) => tidy(entryOf(state[name], pick.index()) + way * own[2]),
take: put,
back: () => show(state),
});
const text = labelled(label, range);
const both = () => mirror && scene.words[mirror].indexOf(state[mirror]) === 1;
function put(value) {
const index = pick.index(), moved = withEntry(state[name], index, value);
change({ [name]: both() ? withEntry(moved, [...index].reverse(), value) : moved });
}
function show(now, values = scene.machine.values) {
state = now;
pick.show();
const index = pick.index(), value = entryOf(state[name], index);
const given = ends ? ends.map((register) => tidy(values[register])) : fixed;
const called = shape.length ? `${label}[${index.join(", ")}]` : label;
const key = `${index} ${given}`;
own = (spans[key] ??= given ?? span(entryOf(begin, index) ?? value));
if (value < own[0] || value > own[1] || Math.abs((value - own[0]) / own[2] - Math.round((value - own[0]) / own[2])) > 1e-6) own = spans[key] = widened(own, value);
const [min, max, step] = own;
write(range, { min, max, step, value });
set(range, "aria-valuetext", number(value, 6));
typed.show(value, general(value, 12), [min, max]);
write(text, { textContent: called });
set(typed.box, "aria-label", `${called}, typed`);
}
return {
element: make("span", { class: "bp-control" }, ...pick.fields, text, range, typed.box),
show,
reset() {
spans = {};
typed.forget();
},
};
},
steps({ name, label, steps, only, within: span, whole }, change) {
let now;
const near = (value) => steps.reduce((best, step) => (Math.abs(step - value) < Math.abs(best - value) ? step : best));
const range = make("input", {
type: "range", min: 0, max: steps.length - 1, step: 1, oninput: () => change({ [name]: steps[range.value] }),
});
const typed = numberBox({ "aria-label": `${label}, typed` }, {
step: (way) => steps[Math.min(Math.max(steps.indexOf(near(now)) + way, 0), steps.length - 1)],
fits: span ? within(label, ...span, whole) : (x) => (x === 0 ? `${label} is not 0: nothing would move.` : ""),
take(x) {
const taken = only ? near(x) : x;
change({ [name]: taken });
return taken === x ? "" : `${spoken(x)} is not among them: the nearest is ${spoken(taken)}.`;
},
back: () => show(now),
});
const ends = span ?? [Math.min(...steps), Math.max(...steps)];
function show(value) {
now = value;
write(range, { value: steps.indexOf(near(value)) });
set(range, "aria-valuetext", spoken(value));
typed.show(value, spoken(value), [Math.min(value, ends[0]), Math.max(value, ends[1])]);
}
return {
element: make("span", { class: "bp-control" }, labelled(label, range), range, typed.box),
reset: typed.forget,
show: (state) => show(state[name]),
};
},
entry({ name, of, label, shapes, words }, change) {
const element = make("span", { class: "bp-control" });
let shown = null, pick;
return {
element,
show(state) {
const shape = of ? shapes[words.indexOf(state[of])] : shapes[0];
if (shown !== (label ?? state[of])) {
shown = label ?? state[of];
pick = chooser(shape, `${shown}:`, () => change({ [name]: [...pick.index(), 0, 0].slice(0, state[name].length) }));
element.replaceChildren(...(shape.length ? [make("span", { class: "bp-label" }, "entry"), ...pick.fields] : []));
}
pick.show(state[name]);
},
};
},
toggle({ name, label, also = {} }, change) {
let state;
const element = make("button", { type: "button", class: "bp-button", onclick: () => change({ [name]: state[name] ? 0 : 1, ...also }) }, label);
return {
element,
show(now) {
state = now;
set(element, "aria-pressed", String(Boolean(state[name])));
},
};
},
checks({ name, label, options }, change) {
let state;
const boxes = options.map((_, k) => make("input", { type: "checkbox", onchange: () => change({ [name]: withEntry(state[name], [k], Number(boxes[k].checked)) }) }));
const texts = boxes.map((box) => labelled("", box));
const all = (text, on) => make("button", { type: "button", class: "bp-button", onclick: () => change({ [name]: options.map(() => on) }) }, text);
const rows = boxes.map((box, k) => make("span", {}, box, texts[k]));
return {
element: make("div", { class: "bp-control bp-checks", role: "group", "aria-label": label }, make("div", {}, all("All on", 1), " ", all("All off", 0)), ...rows),
show(now, values) {
state = now;
boxes.forEach((box, k) => {
write(box, { checked: Boolean(state[name][k]) });
write(texts[k], { textContent: say(options[k], values) });
});
},
};
},
play({ name, label, max, pace, stop }, change, scene) {
let state, playing = false, last;
const fast = make("select", { "aria-label": "speed" });
for (const [speed, text] of [[0.5, "slow"], [1, "usual speed"], [2, "fast"]]) fast.append(make("option", { value: speed }, text));
fast.value = "1";
const range = make("input", { type: "range", min: 0, max, step: 1, oninput: () => go(Number(range.value)) });
const told = make("output", { class: "bp-steps" });
const button = (text, press) => make("button", { type: "button", class: "bp-button", onclick: press }, text);
const play = button("Play", () => (playing ? go(Math.ceil(state[name])) : begin()));
function go(step) {
playing = false;
const place = Math.min(Math.max(step, 0), max);
place === state[name] ? show(state) : change({ [name]: place });
}
function begin() {
playing = true;
last = undefined;
if (state[name] >= max) change({ [name]: 0 });
show(state);
requestAnimationFrame(tick);
}
function tick(now) {
if (!playing || !play.isConnected) return;
last ??= now;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const wait = pace / Number(fast.value), at = state[name], next = Math.floor(at) + 1;
const place = at + (now - last) / wait;
if (place < next) {
if (!still) [last] = [now, change({ [name]: place }, true)];
return void requestAnimationFrame(tick);
}
last = now;
playing = next < max && next !== scene.machine.values[stop];
change({ [name]: next });
if (playing) requestAnimationFrame(tick);
}
function show(now) {
state = now;
const words = `${Math.ceil(state[name])} of ${max}`;
write(range, { value: Math.ceil(state[name]) });
set(range, "aria-valuetext", words);
write(told, { value: words });
write(play, { textContent: playing ? "Pause" : "Play" });
set(play, "aria-pressed", String(playing));
}
const buttons = [
button("To the start", () => go(0)),
button("Back", () => go(Math.ceil(state[name]) - 1)),
play,
button("Forward", () => go(Math.floor(state[name]) + 1)),
button("To the end", () => go(max)),
];
return { element: make("span", { class: "bp-control bp-play" }, ...buttons, labelled(label, range), range, told, fast), show };
},
button({ label, take, exact }, change, scene) {
const read = (name, x) => (typeof x === "number" ? (scene.words[name]?.[x] ?? (exact ? x : roundUp(x))) : lists(x));
const press = () => {
if (!take) return scene.reset();
const { values } = scene.machine;
change(Object.fromEntries(Object.entries(take).map(([name, register]) => [name, read(name, values[register])])));
};
return { element: make("button", { type: "button", class: "bp-button", onclick: press }, label), show() {} };
},
};
function roundUp(size) {
if (!(size > 0 && size < Infinity)) return 1;
const unit = 10 ** Math.floor(Math.log10(size));
return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15].map((m) => Number((m * unit).toPrecision(6))).find((end) => end >= size);
}
function controls(scene) {
const all = [];
const rows = scene.controls.map((row) => {
const line = make("div", { class: "bp-row" });
for (const spec of row) {
const control = KINDS[spec.kind](spec, scene.change, scene);
all.push([control, spec]);
line.append(control.element);
}
return line;
});
return {
element: make("div", { class: "bp-controls" }, ...rows),
show(state, values) {
for (const [control, { show }] of all) {
const hidden = show !== undefined && !values[show];
control.element.toggleAttribute("hidden", hidden);
if (!hidden) control.show(state, values);
}
},
reset: () => all.forEach(([control]) => control.reset?.()),
};
}
const ARROWS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
function touch(root, scene) {
for (const svg of root.querySelectorAll("svg[role=img]")) if (svg.querySelector("[data-choose],[data-drag],[data-handle],[data-put]")) svg.setAttribute("role", "group");
const shows = [...root.querySelectorAll(".bp-wide,.bp-narrow")].flatMap((picture) => [choices(picture, scene)]);
for (const element of root.querySelectorAll("[data-drag]")) shows.push(draggable(element, scene));
for (const element of root.querySelectorAll("[data-put]")) shows.push(hidden(element, scene));
for (const element of root.querySelectorAll("[data-aim]")) aimed(element, scene);
for (const element of root.querySelectorAll("[data-handle]")) shows.push(handle(element, scene));
return (state) => shows.forEach((show) => show(state));
}
function choices(picture, scene) {
const groups = new Map();
for (const element of picture.querySelectorAll("[data-choose]")) {
const group = element.closest("[data-group]");
groups.set(group, [...(groups.get(group) ?? []), element]);
}
const shows = [...groups].map(([group, all]) => choice(all, Number(group?.dataset.group ?? 1), scene));
return (state) => shows.forEach((show) => show(state));
}
function choice(all, columns, scene) {
all.forEach((element, place) => {
const [name, word] = element.dataset.choose.split("=");
const chosen = Array.isArray(scene.state[name]) ? word.split(",").map(Number) : word;
const choose = () => scene.change({ [name]: chosen });
keep(element);
element.setAttribute("role", "button");
element.addEventListener("click", choose);
element.addEventListener("keydown", (event) => {
const step = (ARROWS[event.key] ?? 0) * (["ArrowUp", "ArrowDown"].includes(event.key) ? columns : 1);
if (step) {
const next = all[(place + step + all.length) % all.length];
next.focus();
next.dispatchEvent(new Event("click"));
} else if (event.key === "Enter" || event.key === " ") choose();
else return;
event.preventDefault();
});
});
return (state) => all.forEach((element) => {
const [name, word] = element.dataset.choose.split("="), chosen = String(state[name]) === word;
element.setAttribute("aria-pressed", String(chosen));
element.setAttribute("tabindex", chosen ? "0" : "-1");
});
}
function hidden(element, scene) {
const [name, place] = element.dataset.put.split("."), { says } = element.dataset;
const put = () => element.hasAttribute("role") && scene.change({ [name]: withEntry(scene.state[name], [Number(place)], 1) });
keep(element);
element.addEventListener("click", put);
element.addEventListener("keydown", (event) => ["Enter", " "].includes(event.key) && (event.preventDefault(), put()));
return (state) => {
const offered = state[element.dataset.while] && !state[name][place];
for (const [key, value] of Object.entries({ role: "button", tabindex: "0", "aria-label": says })) {
offered ? element.setAttribute(key, value) : element.removeAttribute(key);
}
};
}
function follow(element, press, move) {
element.addEventListener("pointerdown", (event) => {
press(event);
element.setPointerCapture(event.pointerId);
const moved = (later) => move(later);
element.addEventListener("pointermove", moved);
element.addEventListener("pointerup", () => element.removeEventListener("pointermove", moved), { once: true });
event.preventDefault();
element.focus();
});
}
function draggable(element, scene) {
const name = element.dataset.drag;
let from = 0, x = 0, step = 0.1;
const put = (value) => scene.change({ [name]: Number(value.toPrecision(12)) });
keep(element);
Object.entries({ role: "spinbutton", tabindex: "0", "aria-label": name }).forEach(([key, value]) => element.setAttribute(key, value));
follow(element, (event) => {
[from, x, step] = [scene.state[name], event.clientX, span(scene.state[name])[2]];
}, (event) => put(from + Math.round((event.clientX - x) / 5) * step));
element.addEventListener("keydown", (event) => {
const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
if (!way) return;
put(scene.state[name] + way * span(scene.state[name])[2]);
event.preventDefault();
});
return (state) => {
element.setAttribute("aria-valuenow", decimal(state[name]));
element.setAttribute("aria-valuetext", number(state[name], 6));
};
}
function aimed(element, scene) {
const put = (event) => {
const { name, at, frame, across, up, steps, flat } = element.aim, { values } = scene.machine;
const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(element.getScreenCTM().inverse());
const index = placeOf(at, scene.state, scene), [left, top, width, height] = frame;
const shares = [(place.x - left) / width, 1 - (place.y - top) / height];
const pair = [across, up].map((ends, axis) => {
const [low, high, step] = [...ends, steps[axis]].map((register) => values[register]);
const x = low + Math.min(Math.max(shares[axis], 0), 1) * (high - low);
return Number((low + Math.round((x - low) / step) * step).toPrecision(12));
});
const before = entryOf(scene.state[name], index);
scene.change({ [name]: withEntry(scene.state[name], index, values[flat] ? [pair[0], before[1]] : pair) });
};
element.addEventListener("pointerdown", (event) => {
element.setPointerCapture(event.pointerId);
put(event);
});
element.addEventListener("pointermove", (event) => element.hasPointerCapture(event.pointerId) && put(event));
}
function handle(element, scene) {
const name = element.dataset.handle, area = element.closest("[data-plot]");
const put = (value) => scene.change({ [name]: Number(value.toPrecision(2)) || 0.01 });
keep(element);
Object.entries({ role: "slider", tabindex: "0", "aria-label": `${name}, on the curve` }).forEach(([key, value]) => element.setAttribute(key, value));
follow(element, () => {}, (event) => {
const { spec } = area.plot, middle = scene.machine.values[spec.from];
const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(area.getScreenCTM().inverse());
const reach = spec.at.at(-1);
put(Math.min(Math.max(area.plot.number(place.x) - middle, -reach), reach));
});
element.addEventListener("keydown", (event) => {
const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
if (!way) return;
const next = Number((scene.state[name] + way * 0.05).toPrecision(6));
put(Math.abs(next) < 1e-9 ? way * 0.05 : next);
event.preventDefault();
});
const reach = Number(element.dataset.reach);
return (state) => {
const told = { "aria-valuemin": decimal(-reach), "aria-valuemax": decimal(reach), "aria-valuenow": decimal(state[name]), "aria-valuetext": spoken(state[name]) };
Object.entries(told).forEach(([key, value]) => element.setAttribute(key, value));
};
}
const WAIT = 400;
const shared = (globalThis[Symbol.for("backpropkit")] ??= { stages: {}, ears: {} });
function input(scene, name, value) {
if (typeof value === "boolean") return Number(value);
if (typeof value === "string") return Math.max(scene.words[name].indexOf(value), 0);
if (!Array.isArray(value)) return value;
const shape = [];
for (let part = value; Array.isArray(part); part = part[0]) shape.push(part.length);
return { s: shape, d: Float64Array.from(value.flat(Infinity)) };
}
const lengths = (value) => (Array.isArray(value) ? [value.length, ...lengths(value[0])] : []);
function suited({ state: begin, words }, given, start = begin) {
const fits = ([name, value]) =>
name in begin && String(lengths(value)) === String(lengths(begin[name])) && (words[name]?.includes(value) ?? true);
return structuredClone({ ...start, ...Object.fromEntries(Object.entries(given ?? {}).filter(fits)) });
}
function placed({ controls }, state) {
const lost = {};
for (const { kind, name, of, words, shapes } of controls.flat()) {
const shape = kind === "entry" && of && shapes[words.indexOf(state[of])];
if (shape && shape.some((size, k) => state[name][k] >= size)) lost[name] = state[name].map(() => 0);
}
return lost;
}
function noNumber(value, name) {
const all = typeof value === "number" ? [value] : value.d;
if (all.some(Number.isNaN)) return `${name} is not defined there`;
return all.every(Number.isFinite) ? "" : `${name} goes beyond ±1.8e308, where the numbers of computers end`;
}
function trouble({ watched, guards }, values) {
for (const [register, name] of watched) {
const lost = noNumber(values[register], name);
if (lost) return lost;
}
const turned = guards.find(([register, held]) => Boolean(values[register]) !== held);
return turned && `${turned[2]} turned out the other way, and this picture was made for the branch it took before`;
}
function walks({ programs, kept, most, longest }) {
const machines = programs.map(() => null);
return function walk(state, place) {
const spec = programs[place.surface], machine = (machines[place.surface] ??= new Machine(spec));
const found = kept.map(() => ({ s: [most, longest + 1], d: new Float64Array(most * (longest + 1)) }));
const taken = { s: [most], d: new Float64Array(most).fill(1) };
for (let run = 0; run < state.count; run++) {
const at = state.starts[run], w = spec.flat ? at[0] : { s: [2], d: Float64Array.from(at) };
const last = spec.flat ? 0 : { s: [2], d: new Float64Array(2) };
let values = machine.run({ w, last, rate: state.rate, momentum: state.momentum, rule: place.rule });
for (let k = 0; k <= longest; k++) {
spec.keep.forEach((register, j) => (found[j].d[run * (longest + 1) + k] = values[register]));
if (k >= state.steps || values[spec.until]) continue;
taken.d[run] += 1;
values = machine.run({ w: values[spec.feed.w], last: values[spec.feed.last] });
}
}
return { ...Object.fromEntries(kept.map((name, j) => [name, found[j]])), taken };
};
}
function mount(root, scene, given, told = () => {}) {
const machine = new Machine(scene.program);
const stage = { ...scene, machine, state: structuredClone(scene.state), change, reset };
const words = root.querySelector(".bp-caption");
const live = make("div", { class: "bp-live", role: "status", "aria-live": "polite" });
const move = bind(root, scene.bindings, machine);
const panel = controls(stage), touched = touch(root, stage);
const walk = scene.walks && walks(scene.walks), WALKED = ["surface", "rule", "rate", "momentum", "steps", "starts", "count"];
let timer, stopped = false;
root.prepend(panel.element);
root.append(live);
root.classList.add("bp-alive");
Object.entries({ role: "group", "aria-label": scene.title }).forEach(([name, value]) => root.setAttribute(name, value));
function show(changed) {
const names = (stopped ? Object.keys(stage.state) : changed).filter((name) => name in machine.inputs);
try {
stopped = true;
const given = Object.fromEntries(names.map((name) => [name, input(scene, name, stage.state[name])]));
if (walk && names.some((name) => WALKED.includes(name))) {
const [surface, rule] = ["surface", "rule"].map((name) => input(scene, name, stage.state[name]));
Object.assign(given, walk(stage.state, { surface, rule }));
}
machine.run(given);
const wrong = trouble(scene, machine.values);
if (wrong) throw Error(wrong);
move(machine.values);
stopped = false;
} catch (error) {
words.textContent = `No picture here: ${error.message}. Move back.`;
}
root.classList.toggle("bp-stopped", stopped);
panel.show(stage.state, machine.values);
touched(stage.state);
clearTimeout(timer);
timer = setTimeout(() => (live.textContent = words.textContent), WAIT);
}
function change(given, quiet = false) {
const patch = { ...given, ...placed(scene, { ...stage.state, ...given }) };
const before = stage.state, moved = Object.keys(patch).filter((name) => JSON.stringify(patch[name]) !== JSON.stringify(before[name]));
if (moved.length) keepPast(moved, before);
Object.assign((stage.state = { ...stage.state }), patch);
if (moved.length) show([...moved, ...Object.keys(scene.past)]);
else panel.show(stage.state, machine.values);
if (moved.length && !quiet) told(structuredClone(stage.state));
}
function keepPast(moved, before) {
for (const [into, { on, values, rows }] of Object.entries(scene.past)) {
if (!moved.includes(on) || stopped) continue;
const index = input(scene, on, before[on]), old = before[into].filter(([k]) => k >= 0 && k !== index);
const kept = [[index, ...values.map((register) => machine.values[register])], ...old].slice(0, rows);
while (kept.length < rows) kept.push([-1, ...values.map(() => 0)]);
stage.state = { ...stage.state, [into]: kept };
}
}
function reset() {
panel.reset();
stage.state = structuredClone(scene.state);
show(Object.keys(stage.state));
told(structuredClone(stage.state));
}
function hear(state) {
if (!state || JSON.stringify(state) === JSON.stringify(stage.state)) return;
stage.state = { ...stage.state, ...suited(scene, state, {}) };
show(Object.keys(stage.state));
}
stage.state = suited(scene, given);
show(Object.keys(stage.state));
return { hear, tell: (listener) => (told = listener), state: () => stage.state, remove: () => clearTimeout(timer) };
}
function boot() {
for (const place of document.querySelectorAll(".bp-here:not([data-on])")) {
const carried = place.querySelector("script.bp-scene");
if (!carried) continue;
place.dataset.on = "1";
const id = place.dataset.stage;
const scene = JSON.parse(carried.textContent);
shared.stages[id] = mount(place.querySelector(".bp-explorer"), scene, scene.now);
if (shared.ears[id]) connect(id);
}
}
const teller = (model) => (state) => {
model.set("state", state);
model.save_changes();
};
function redraw(root, model, old) {
const able = () => [...root.querySelectorAll("input,select,button,[tabindex]")];
const place = able().indexOf(document.activeElement);
old?.remove();
root.innerHTML = model.get("scene").html;
const scene = model.get("scene"), state = { ...(old ? old.state() : model.get("state")) };
if (old) for (const into of Object.keys(scene.past)) delete state[into];
const stage = mount(root, scene, state, teller(model));
if (JSON.stringify(stage.state()) !== JSON.stringify(model.get("state"))) teller(model)(stage.state());
able()[place]?.focus();
return stage;
}
function connect(id) {
const stage = shared.stages[id], model = shared.ears[id];
stage.tell(teller(model));
model.on("change:state", () => shared.stages[id].hear(model.get("state")));
model.on("change:scene", () => {
shared.stages[id] = redraw(document.querySelector(`[data-stage="${id}"] .bp-explorer`), model, shared.stages[id]);
});
stage.hear(model.get("state"));
}
function render({ model, el }) {
const id = model.get("key");
if (model.get("beside")) {
shared.ears[id] = model;
if (shared.stages[id]) connect(id);
return undefined;
}
const root = make("div", { class: "bp-explorer" });
el.append(root);
let stage;
const draw = () => (stage = redraw(root, model, stage));
draw();
const heard = () => stage.hear(model.get("state"));
model.on("change:scene", draw);
model.on("change:state", heard);
return () => {
model.off("change:scene", draw);
model.off("change:state", heard);
stage.remove();
};
}
