// The page /nudge/: a formula is typed, its graph drawn and nudged; all that is chosen stands in the address.
import { change, number, repr } from "./format.js";
import { controls, make } from "./controls.js";
import { SIGNS, Sweep, Unread, apart, believable, graph, madeOf, parse, parting, solved } from "./formula.js";

const LONG = 4000; // characters of an address that are read
const START = [2, -3, 4, 0.5, -1, 1.5]; // values of leaves nobody gave one
const STEPS = [1e-8, 1e-6, 1e-4, 1e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2].flatMap((h) => [-h, h]).sort((a, b) => a - b);
const RESERVED = ["nudge", "h", "idea"]; // of the address, and so no names of leaves
const BOX = { width: 132, height: 62, gap: 26, between: 46 };
const TALL = { ...BOX, height: 79 }; // with a wrong idea's number below the right one
const PACE = 900; // ms a step of the sweep

/** What an address asks for; throws a sentence for what cannot be. */
export function fromAddress(hash) {
  if (hash.length > LONG) throw new Unread(`this link is ${hash.length} characters long, and ${LONG} are read`, 0);
  let text;
  try {
    text = decodeURIComponent(hash.replace(/^#/, ""));
  } catch {
    throw new Unread("this link is broken: a % in it stands for nothing", 0);
  }
  const [formula, ...rest] = text.split(";"), wanted = { formula: formula.trim(), values: new Map() }, met = new Set();
  for (const part of rest.filter((one) => one.trim())) {
    const [name, given, ...more] = part.split("=").map((one) => one.trim()), said = part.trim().slice(0, 40);
    if (met.has(name)) throw new Unread(`this link says twice what ${name.slice(0, 40)} is`, 0);
    met.add(name);
    if (name === "nudge" || name === "idea") {
      wanted[name === "nudge" ? "node" : "idea"] = given;
      continue;
    }
    const value = Number(given);
    if (!given || more.length || !Number.isFinite(value) || !/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(given)) {
      throw new Unread(`this link says ${said}, and that is no number that can be computed with`, 0);
    }
    if (name !== "h") wanted.values.set(name.normalize("NFKC"), value);
    else if (value) wanted.h = value;
    else throw new Unread("this link nudges by 0, and that is no nudge", 0);
  }
  return wanted;
}

/** What of an address is about nothing: a name the formula has not, a node or an idea there is none of. */
export function checked(wanted, made, nodes, ideas) {
  const strange = [...wanted.values.keys()].find((name) => !made.leaves.includes(name));
  const some = (names) => names.slice(0, 12).join(", ");
  if (strange !== undefined) throw new Unread(`this link gives “${strange.slice(0, 40)}” a value, and the formula has ${some(made.leaves)}`, 0);
  if (wanted.node !== undefined && !nodes.includes(wanted.node)) throw new Unread(`this link nudges “${wanted.node.slice(0, 40)}”, and there are ${some(nodes)}`, 0);
  if (wanted.idea && !ideas.some(({ id }) => id === wanted.idea)) throw new Unread(`this link asks for the idea ${wanted.idea.slice(0, 40)}, which nobody can have here`, 0);
}

export function toAddress({ formula, values, node, h, idea }) {
  const leaves = [...values].map(([name, value]) => `;${name}=${value}`);
  const text = `${formula.replaceAll(" ", "")}${leaves.join("")};nudge=${node};h=${h}${idea ? `;idea=${idea}` : ""}`;
  return `#${encodeURI(text).replaceAll("#", "%23")}`;
}

// --- the picture ----------------------------------------------------------------------------------------------------

const draw = (tag, attributes, ...inside) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
};
/**
 * Places of the nodes: in layers by the longest way from a leaf, a leaf just before it is used, each layer in the order
 * that crosses little. Down the page where that is narrow; a layer that is too wide for it goes on in another.
 */
function layout({ nodes }, room, box) {
  const layer = nodes.map(() => 0), { width, height, gap, between } = box;
  nodes.forEach((node, k) => node.args.length && (layer[k] = 1 + Math.max(...node.args.map((arg) => layer[arg]))));
  nodes.forEach((node, k) => {
    if (node.args.length) return;
    const users = nodes.flatMap((user, j) => (user.args.includes(k) ? [layer[j]] : []));
    layer[k] = users.length ? Math.min(...users) - 1 : 0;
  });
  const deep = Math.max(...layer) + 1, down = deep * (width + between) > room;
  const most = down ? Math.max(1, Math.floor((room + gap) / (width + gap))) : Infinity;
  const rank = new Map(), rows = [];
  for (let l = 0; l < deep; l++) {
    const row = nodes.flatMap((_, k) => (layer[k] === l ? [k] : []));
    const wish = (k) => {
      const known = nodes[k].args.filter((arg) => rank.has(arg));
      return known.length ? known.reduce((total, arg) => total + rank.get(arg), 0) / known.length : k;
    };
    row.sort((a, b) => wish(a) - wish(b)).forEach((k, at) => rank.set(k, at));
    while (row.length) rows.push(row.splice(0, most));
  }
  const along = down ? height + between : width + between, across = down ? width + gap : height + gap;
  const widest = Math.max(...rows.map((row) => row.length)), places = [];
  rows.forEach((row, r) => row.forEach((k, at) => {
    const side = (at + (widest - row.length) / 2) * across;
    places[k] = down ? [side, r * along] : [r * along, side];
  }));
  const [long, wide] = [rows.length * along - between, widest * across - gap];
  return { places, down, size: down ? [wide, long] : [long, wide] };
}

function wire([x0, y0], [x1, y1], down, { width, height }) {
  if (down) {
    const [x, y, u, v] = [x0 + width / 2, y0 + height, x1 + width / 2, y1];
    return [`M${x} ${y}C${x} ${y + 24} ${u} ${v - 30} ${u} ${v - 8}`, `M${u} ${v}l-5 -9h10z`, [(x + u) / 2, (y + v) / 2 + 4]];
  }
  const [x, y, u, v] = [x0 + width, y0 + height / 2, x1, y1 + height / 2];
  const over = Math.abs(v - y) < 12 ? 10 : 4; // a straight one is not to be crossed out by its own label
  return [`M${x} ${y}C${x + 24} ${y} ${u - 30} ${v} ${u - 8} ${v}`, `M${u} ${v}l-9 -5v10z`, [(x + u) / 2, (y + v) / 2 - over]];
}

function text(x, y, words, css, room = BOX.width - 14) {
  const fit = words.length * 7.2 > room ? { textLength: room, lengthAdjust: "spacingAndGlyphs" } : {};
  return draw("text", { x, y, class: css, ...fit }, words);
}

/** The graph as SVG; `shown`: how many nodes, from L on, have their gradient. */
function picture(now, room, choose) {
  const { made, values, grads, others, locals, after, chosen, shown } = now, box = others ? TALL : BOX;
  const { places, down, size } = layout(made, room, box);
  const quiet = [], moving = [], labels = [], boxes = [], reached = new Set([...made.nodes.keys()].reverse().slice(0, shown));
  made.nodes.forEach((node, k) => node.args.forEach((arg, j) => {
    const [way, head, [x, y]] = wire(places[arg], places[k], down, box), moved = after[arg] !== values[arg] && after[k] !== values[k];
    const on = moved ? " bp-on" : "";
    (moved ? moving : quiet).push(draw("path", { class: `bp-wire${on}`, d: way }), draw("path", { class: `bp-head${on}`, d: head }));
    if (made.nodes[arg].op !== "const" && reached.has(k)) labels.push(text(x, y, `×${number(locals[k][j], 3)}`, "bp-local bp-halo", 60));
  }));
  made.nodes.forEach((node, k) => {
    const constant = node.op === "const", delta = after[k] - values[k];
    const group = draw("g", { transform: `translate(${places[k].join(" ")})`, class: `${constant ? "bp-constant" : ""}${delta ? " bp-moved" : ""}${k === chosen ? " bp-chosen" : ""}` });
    group.append(draw("rect", { class: "bp-box", width: box.width, height: box.height, rx: node.args.length ? 13 : 3 }));
    group.append(text(8, 18, node.name, "bp-name", 62));
    if (node.args.length) group.append(text(BOX.width - 8, 18, SIGNS[node.op] ?? node.op, "bp-small bp-end", 50));
    group.append(text(8, 37, number(values[k]) + (delta ? ` ${change(delta)}` : ""), delta ? "bp-delta" : "bp-value"));
    if (!constant && reached.has(k)) group.append(text(8, 54, `∂L/∂${node.name} = ${number(grads[k])}`, "bp-grad"));
    if (!constant && others && reached.has(k)) group.append(text(8, 71, `idea: ${number(others[k])}`, apart(grads[k], others[k]) ? "bp-wrong" : "bp-grad"));
    if (!constant) {
      group.dataset.choose = node.name;
      group.addEventListener("click", () => choose(node.name));
    }
    boxes.push(group);
  });
  const [w, h] = size;
  return draw("svg", { class: "bp bp-picture bp-drawn", role: "img", "aria-label": described(now), viewBox: `-4 -4 ${w + 8} ${h + 8}`, width: w + 8, height: h + 8 }, ...quiet, ...moving, ...labels, ...boxes);
}

const described = ({ made, values, grads, others }) =>
  `Computation graph of L. ${made.nodes.flatMap((node, k) => (node.op === "const" ? [] : [`${node.name}${node.args.length ? ` = ${madeOf(made, k)}` : ", leaf"}: ${number(values[k])}, ∂L/∂${node.name} = ${number(grads[k])}${others ? `, with the idea ${number(others[k])}` : ""}.`])).join(" ")}`;

/** What a wrong idea makes of it: where it parts from the chain rule, what it would have predicted, what to ask. */
export function doubt({ made, grads, others, idea, chosen, h, actual }) {
  if (!idea) return "";
  const first = parting(made, grads, others), { name, message } = idea;
  if (first < 0) return `“${name}”: at these values it makes no difference. Move a leaf.`;
  const node = made.nodes[first].name;
  const told = `“${name}” parts from the chain rule at ${node}: ${number(others[first])}, where ${number(grads[first])} is right.`;
  return `${told} It would predict ${number(others[chosen])} × ${number(h, 3)} = ${number(others[chosen] * h)}, and L changes by ${number(actual)}. ${message}`;
}

/** What the nudge did, as the explorers say it. */
export function sentence({ made, values, after, grads, chosen, h, actual, predicted }) {
  const name = made.nodes[chosen].name, held = made.nodes[chosen].args.length ? `, held: the arrows into ${name} are cut` : "";
  const error = actual - predicted, rounding = 9e-16 * Math.max(Math.abs(values[made.last]), Math.abs(predicted));
  const some = Math.abs(actual) > 2 ** -52 * Math.abs(predicted), times = Math.abs(error) / Math.abs(actual);
  const share = times < 10 ? `${number(100 * times, 2)} % of` : `${number(times, 2)} times`, seen = Math.max(Math.abs(actual), Math.abs(predicted));
  let gap = "No error beyond rounding.";
  if (after[chosen] === values[chosen]) gap = `${name} + h is ${name} again to all digits: nothing was compared.`;
  else if (Math.abs(error) > rounding) gap = `Error ${number(Math.abs(error), 3)}${some ? `, ${share} the change` : ": all of the prediction"}.`;
  else if (seen > 0 && seen <= rounding) gap = "L has too few digits to tell: nothing was compared.";
  return `${name} ${change(h)}${held}. L changes by ${number(actual)}; the gradient predicts ${number(grads[chosen])} × ${number(h, 3)} = ${number(predicted)}. ${gap}`;
}

function table(now) {
  const { made, values, grads, others, after } = now, row = (cells, tag) => make("tr", {}, ...cells.map((cell) => make(tag, {}, cell)));
  const rows = made.nodes.flatMap((node, k) => (node.op === "const" ? [] : [row([node.name, madeOf(made, k) || "leaf", number(values[k], 6), change(after[k] - values[k]), number(grads[k], 6), ...(others ? [number(others[k], 6)] : [])], "td")]));
  return make("table", { class: "bp bp-table" }, make("caption", {}, sentence(now)), make("thead", {}, row(["node", "made by", "value", "change", "∂L/∂node", ...(others ? ["with the idea"] : [])], "th")), make("tbody", {}, ...rows));
}

export const asPython = ({ formula, values, node, h }) =>
  `import backpropkit as bp\n\nexplorer = bp.explore.nudge(${JSON.stringify(formula)}, ${[...values].map(([name, value]) => `${name}=${repr(value)}`).join(", ")})\nexplorer.node.value, explorer.h.value = ${JSON.stringify(node)}, ${repr(h)}\nexplorer`;

// --- the page -------------------------------------------------------------------------------------------------------

export function openDoor(given) {
  const at = (id) => document.getElementById(id), typed = at("formula"), sweep = new Sweep(given.rules);
  let made = null, state = null, now = null, panel = null, timer = 0, playing = 0, offered = [];

  /** Say what cannot be read, with a caret below it; the last picture stays. */
  function wrong(error, text = null) {
    if (!(error instanceof Unread)) throw error;
    if (error.at === null) text = null; // of no place in the formula
    const from = Math.max(0, Math.min(error.at, text?.length ?? 0) - 30), caret = Math.min(error.at, text?.length ?? 0) - from;
    const line = text ? [make("pre", { "aria-hidden": "true" }, `${text.slice(from, from + 60)}\n${" ".repeat(caret)}^`)] : [];
    at("wrongly").replaceChildren(...line, error.message[0].toUpperCase() + error.message.slice(1) + ".");
    typed.setAttribute("aria-invalid", "true");
    at("picture").classList.add("bp-old");
  }

  /** Take a formula, with what is known of its values; true if it could be read and computed. `strict`: from a link. */
  function take(text, wanted = {}, strict = false) {
    let next, nodes, ideas;
    try {
      next = graph(parse(text, given.functions, [...RESERVED, ...given.words]));
      nodes = next.nodes.filter((node) => node.op !== "const").map((node) => node.name);
      ideas = believable(next, given.ideas);
      if (strict) checked(wanted, next, nodes, ideas);
    } catch (error) {
      wrong(error, text);
      return false;
    }
    const at = (start) => new Map(next.leaves.map((name, k) => [name, wanted.values?.get(name) ?? start(START[k % START.length])]));
    const node = nodes.includes(wanted.node) ? wanted.node : nodes[0], idea = ideas.some(({ id }) => id === wanted.idea) ? wanted.idea : "";
    const tries = [(x) => x, Math.abs].map((start) => ({ formula: text, values: at(start), node, h: wanted.h || 0.1, idea }));
    offered = ideas;
    try {
      try {
        compute(next, tries[0]);
      } catch {
        compute(next, tries[1]); // such as sqrt(b), whose b would begin at −3
      }
    } catch (error) {
      wrong(error);
      [made, state] = [next, tries[0]]; // its leaves can be moved to where it has a value
      rows();
      return false;
    }
    rows();
    return true;
  }

  /** Compute everything at a state, and keep both; throws where there is no number. */
  function compute(next, wanted) {
    const chosen = next.nodes.findIndex((node) => node.name === wanted.node), idea = offered.find(({ id }) => id === wanted.idea);
    const found = solved(sweep, next, Object.fromEntries(wanted.values), chosen, wanted.h);
    const others = idea ? sweep.run(next, found.values, idea.change).grads : null;
    [made, state] = [next, wanted];
    now = { made, ...found, others, idea, chosen, h: wanted.h, shown: next.nodes.length };
    at("wrongly").replaceChildren();
    typed.removeAttribute("aria-invalid");
    at("picture").classList.remove("bp-old");
    show();
  }

  function change_(patch) {
    const values = new Map(state.values), next = { ...state, values };
    for (const [name, value] of Object.entries(patch)) {
      if (name.startsWith("leaf.")) values.set(name.slice(5), value);
      else next[name] = value;
    }
    stop();
    try {
      compute(made, next);
    } catch (error) {
      wrong(error);
      state = next; // the slider stands where it was put, and can go on
    }
    panel.show(flat(), []);
  }

  const flat = () => ({ node: state.node, h: state.h, idea: state.idea, ...Object.fromEntries([...state.values].map(([name, value]) => [`leaf.${name}`, value])) });

  /** The controls of this formula. */
  function rows() {
    const names = made.nodes.filter((node) => node.op !== "const").map((node) => node.name);
    const doubts = { kind: "select", name: "idea", label: "wrong idea", values: ["", ...offered.map(({ id }) => id)], options: [["none: the chain rule"], ...offered.map(({ name }) => [name])] };
    panel = controls({
      controls: [
        [{ kind: "select", name: "node", label: "nudge", values: names, options: names.map((name) => [name]) }, { kind: "steps", name: "h", label: "step h", steps: STEPS }, doubts],
        made.leaves.map((name) => ({ kind: "number", name: `leaf.${name}`, label: name })),
      ],
      change: change_,
      machine: { values: [] },
    });
    const play = make("button", { type: "button", class: "bp-button", onclick: () => (playing ? stop(true) : begin()) }, "Play backward");
    play.id = "play";
    panel.element.lastChild.append(play);
    at("controls").replaceChildren(panel.element);
    panel.show(flat(), []);
  }

  /** Gradients come one node after the other, from L on. */
  function begin() {
    const first = now.others ? now.made.nodes.length - parting(now.made, now.grads, now.others) : 0;
    if (now.shown >= now.made.nodes.length) now = { ...now, shown: 0 };
    const step = () => {
      now.shown += 1;
      redraw();
      if (now.shown >= now.made.nodes.length) return stop(true);
      if (now.shown === first) return stop(); // where an idea parts from the rule, there is something to look at
      playing = setTimeout(step, matchMedia("(prefers-reduced-motion: reduce)").matches ? 2 * PACE : PACE);
    };
    at("play").textContent = "Pause";
    step();
  }
  function stop(all = false) {
    clearTimeout(playing);
    playing = 0;
    if (at("play")) at("play").textContent = now && now.shown < now.made.nodes.length && !all ? "Play on" : "Play backward";
    if (all && now) {
      now.shown = now.made.nodes.length;
      redraw();
    }
  }

  const redraw = () => at("picture").replaceChildren(picture(now, at("picture").clientWidth - 10, (name) => now.made === made && change_({ node: name })));
  function show() {
    redraw();
    at("told").textContent = sentence(now);
    at("doubt").textContent = doubt(now);
    at("table").replaceChildren(table(now));
    const forked = made.nodes.some((_, k) => made.nodes.flatMap((node) => node.args).filter((arg) => arg === k).length > 1 && made.nodes[k].op !== "const");
    const [href, words] = given.lessons[forked ? "fork" : made.nodes[now.chosen].args.length ? "gate" : "leaf"];
    at("lesson").href = href;
    at("lesson").textContent = words;
    history.replaceState(null, "", toAddress(state));
    clearTimeout(timer);
    timer = setTimeout(() => (at("live").textContent = `${at("told").textContent} ${at("doubt").textContent}`.trim()), 500);
  }

  async function copy(words, told) {
    try {
      await navigator.clipboard.writeText(words);
      at("copied").textContent = told;
    } catch {
      at("copied").textContent = words; // where copying is forbidden, it can be taken from here
    }
  }

  function follow() {
    stop();
    try {
      const wanted = fromAddress(location.hash);
      typed.value = wanted.formula || "(a*b + c)**2";
      if (!take(typed.value.slice(0, LONG), wanted, true) && !now) begin_();
    } catch (error) {
      if (!now) begin_();
      wrong(error);
    }
  }
  /** Something to look at where an address could not be read. */
  function begin_() {
    const said = [...at("wrongly").childNodes], kept = [made, state, offered], asked = location.hash;
    take("(a*b + c)**2");
    if (kept[0]) [made, state, offered] = kept;
    if (kept[0]) rows();
    history.replaceState(null, "", asked.slice(0, LONG) || "#"); // the link as it came, to be mended
    at("wrongly").replaceChildren(...said);
    typed.setAttribute("aria-invalid", "true");
    at("picture").classList.add("bp-old");
  }

  typed.addEventListener("input", () => {
    stop();
    take(typed.value, state ?? {});
  });
  addEventListener("hashchange", follow);
  let wide = innerWidth; // a phone's keyboard changes the height only
  addEventListener("resize", () => now && wide !== (wide = innerWidth) && redraw());
  at("link").addEventListener("click", () => copy(location.href, "The link is copied."));
  at("python").addEventListener("click", () => copy(asPython(state), "Copied: paste it into a notebook."));
  follow();
}

if (globalThis.document?.getElementById("formula")) openDoor(JSON.parse(document.getElementById("given").textContent));
