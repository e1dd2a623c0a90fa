// Moves what a scene has bound: texts, attributes, classes, cells of matrices, plots. Python drew all of it.
import { format, number } from "./format.js";

const WIDE = 7.2; // of a character, px: as in backpropkit/picture/marks.py
const CELLS = 7; // ticks an axis has room for
const BESIDE = 4; // between numbers upwards and the edge, px

/** Words with numbers in them, as a scene writes them: see backpropkit/scenes/words.py. */
export function say(parts, values) {
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

/** Browsers do not look whether what is written is what stands there already. */
export function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

let ink; // what measures texts without the page being laid out anew
/** How wide a text is by the fonts it is shown in, px; its parts may have fonts of their own. Not known outside of a page. */
function width(text) {
  ink ??= document.createElement("canvas").getContext("2d");
  let sum = text.isConnected ? 0 : Infinity;
  for (const part of text.childNodes) {
    const { fontStyle, fontWeight, fontSize, fontFamily } = getComputedStyle(part.nodeType === 3 ? text : part);
    ink.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`; // font is empty where digits are tabular
    sum += ink.measureText(part.textContent).width;
  }
  return sum;
}

/** Squeeze a text of a picture that has grown longer than its room; one that might have is measured. */
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
  /** Digits on a heat; `scale`: what is strongest, if not the largest of them. */
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
    for (const cell of element.children) squeeze(cell.children[1]); // once all have the look that they are measured by
  },
  /** A way through the points of one row of two arrays, up to a number of them; or a mark at each, at every so many. */
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
  /** A place that a pointer can aim at; controls.js listens there. */
  aim(element, values, [spec]) {
    element.aim = spec;
  },
  /** Travels backward along the wire of the step that is being taken. */
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

/**
 * Finds what is bound below `root` and returns what moves all of it: move(values). Of a picture that stands there twice,
 * for wide pages and for narrow ones, the one that is not shown follows once the other has been painted.
 */
export function bind(root, bindings, machine) {
  for (const text of root.querySelectorAll("text[textLength]")) {
    text.dataset.room ??= text.getAttribute("textLength"); // Python could but guess
    squeeze(text);
  }
  const twins = [null, ...root.querySelectorAll(".bp-wide,.bp-narrow")], bound = new Map(twins.map((twin) => [twin, []]));
  for (const element of root.querySelectorAll("[data-bp]")) {
    const own = element.dataset.bp.split(" ").map((k) => bindings[k]), [, shown] = own.find(([kind]) => kind === "show") ?? [];
    const moves = own.filter(([kind]) => kind !== "show").map(([kind, ...rest]) => [BINDINGS[kind], rest]);
    bound.get(element.closest(".bp-wide,.bp-narrow")).push({ element, shown, moves });
  }
  /** What is hidden waits, with everything inside of it, until it is shown. */
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

// --- plots: a frame that stands still, curves sampled over one input, marks at the present numbers ----------------

export function ticks(low, high, wanted) {
  const rough = high / Math.max(wanted, 1) - low / Math.max(wanted, 1); // their difference may be no number
  if (!(rough > 1e-300) || !Number.isFinite(rough)) return [];
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * unit).find((s) => s >= 0.8 * rough);
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** The span of some numbers with a little air; what was shown stays while they fill it well. */
export function around(numbers, before = null) {
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

  /** Where a pair of numbers lies, px; no further out than pictures can be drawn; NaN where a span is none. */
  point(x, y) {
    const [left, top, width, height] = this.spec.frame;
    // halves, since the difference of two numbers may be none
    const share = (v, [low, high]) => (high > low ? Math.min(Math.max((v / 2 - low / 2) / (high / 2 - low / 2), -100), 100) : NaN);
    return [left + share(x, this.across) * width, top + height - share(y, this.up) * height];
  }

  inside(px, py) {
    const [left, top, width, height] = this.spec.frame;
    return px >= left - 1 && px <= left + width + 1 && py >= top - 1 && py <= top + height + 1;
  }

  /** What lies at a place of the page, across. */
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
