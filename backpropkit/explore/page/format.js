// Numbers as Python writes them; the same names and the same words as backpropkit/picture/numbers.py.

// Python rounds a tie to the even digit, JavaScript away from zero. A tie at d digits after the point is a number that
// is exactly half a unit there: an odd multiple of 2^-(d+1), when d is not negative.
const isTie = (x, d) => {
  const halves = d >= 0 ? x * 2 ** (d + 1) : (2 * x) / 10 ** -d;
  return Number.isInteger(halves) && halves % 2 !== 0;
};
const odd = (digits) => "13579".includes(digits.at(-1));
const tens = (e) => `e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;

/** f"{x:.{d}f}" */
export function fixed(x, d) {
  const size = Math.abs(x);
  let digits = size.toFixed(d);
  if (isTie(size, d) && odd(digits)) digits = (size - 0.5 / 10 ** d).toFixed(d);
  return (x < 0 || Object.is(x, -0) ? "-" : "") + digits;
}

/** f"{x:.{p}g}" */
export function general(x, p = 6) {
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

/** repr(x) of a Python float */
export function repr(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  const [mantissa, exponent] = Math.abs(x).toExponential().split("e");
  const e = Number(exponent), digits = mantissa.replace(".", "");
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  if (x !== 0 && (e < -4 || e >= 16)) return sign + mantissa + tens(e);
  if (e < 0) return `${sign}0.${"0".repeat(-e - 1)}${digits}`;
  return `${sign}${digits.slice(0, e + 1).padEnd(e + 1, "0")}.${digits.slice(e + 1) || "0"}`;
}

const signed = (text) => text.replaceAll("-", "−");

/** A number in few characters; whole numbers below a million are written out, and what is rounded to a hundred or so. */
export function number(x, digits = 4) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "∞" : "−∞";
  if (Number.isInteger(x) && Math.abs(x) < 1e6) return signed(String(x + 0));
  const [mantissa, exponent] = general(x, digits).split("e");
  if (exponent === "+01" || exponent === "+02") return signed(String(Number(`${mantissa}e${exponent}`)));
  return signed(exponent ? `${mantissa}e${Number(exponent)}` : mantissa);
}

/** What is added, with its sign: "+ 0.6". */
export const change = (x, digits = 3) => `${x < 0 ? "−" : "+"} ${number(Math.abs(x), digits)}`;

/** The Euclidean length, also of numbers whose squares are none. */
function norm({ d }) {
  const most = d.reduce((large, v) => Math.max(large, Math.abs(v)), 0);
  return most > 0 && most < Infinity ? most * Math.sqrt(d.reduce((total, v) => total + (v / most) ** 2, 0)) : most;
}

/** A number, a short vector, or the length of an array. */
export function whole(x, digits = 4) {
  if (typeof x === "number") return number(x, digits);
  const short = `[${[...x.d.slice(0, 3)].map((v) => number(v, 2)).join(" ")}]`;
  return x.s.length === 1 && x.d.length <= 3 && short.length <= 16 ? short : `‖·‖ ${number(norm(x), 3)}`;
}

export const PLAIN = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/**
 * The number that someone typed, with a point or a comma before the decimals; or a sentence that says why it is none.
 * Nothing becomes another number in silence: “1,500” may be either, and 1e400 is none a computer can hold.
 */
export function typedNumber(text) {
  const plain = text.replaceAll("−", "-"), said = `“${text.length > 20 ? `${text.slice(0, 20)}…` : text}”`;
  if (/^[-+]?[1-9]\d{0,2}(,\d{3})+$/.test(plain)) return `${said} can be read in two ways: type a point before decimals, and nothing between thousands.`;
  const point = plain.replace(/^([^,.]*),([^,.]*)$/, "$1.$2"), x = Number(point);
  if (!PLAIN.test(point)) return `${text ? `${said} is not a number` : "Nothing typed"}: type one such as 1.5, −2 or 1e-3.`;
  if (!Number.isFinite(x)) return `${said} is beyond ±1.8e308, where the numbers of computers end.`;
  if (x === 0 && /[1-9]/.test(point.split(/e/i)[0])) return `${said} is closer to 0 than the numbers of computers come: type 0, or a larger one.`;
  return x;
}

/** A step size as it is said: 0.1, 0.0002, 1e-8. */
export const spoken = (x) => general(x).replace("e-0", "e-");

/** An array as nested JSON. */
export function nested(x) {
  if (typeof x === "number") return repr(x);
  let rows = [...x.d].map(repr);
  for (const size of [...x.s].reverse()) {
    rows = Array.from({ length: rows.length / size }, (_, k) => `[${rows.slice(k * size, (k + 1) * size).join(", ")}]`);
  }
  return rows[0];
}

// By the letter that a scene writes before the digits: "n4", "c3", "f1".
const FORMATS = { n: number, c: change, f: fixed, w: whole, r: repr, j: nested, s: spoken };
export const format = (x, how) => FORMATS[how[0]](x, how.length > 1 ? Number(how.slice(1)) : undefined);
