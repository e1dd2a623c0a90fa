// The stage: a scene's picture, its controls, its live sentence. Stands in any page, and in a notebook as a widget.
import { Machine } from "./engine.js";
import { bind } from "./bind.js";
import { controls, make, touch } from "./controls.js";

const WAIT = 400; // ms of quiet before the sentence is announced
// What stages on one page know of each other: mounted ones by id, and widgets that listen for one.
const shared = (globalThis[Symbol.for("backpropkit")] ??= { stages: {}, ears: {} });

/** What the program is given for one entry of the state. */
function input(scene, name, value) {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "string") return Math.max(scene.words[name].indexOf(value), 0);
  if (!Array.isArray(value)) return value;
  const shape = [];
  for (let part = value; Array.isArray(part); part = part[0]) shape.push(part.length);
  return { s: shape, d: Float64Array.from(value.flat(Infinity)) };
}

const lengths = (value) => (Array.isArray(value) ? [value.length, ...lengths(value[0])] : []);
/** A start, and what of a state suits it: as `suited` in backpropkit/scenes/scene.py. */
export function suited({ state: begin, words }, given, start = begin) {
  const fits = ([name, value]) =>
    name in begin && String(lengths(value)) === String(lengths(begin[name])) && (words[name]?.includes(value) ?? true);
  return structuredClone({ ...start, ...Object.fromEntries(Object.entries(given ?? {}).filter(fits)) });
}

/** The first entry, where another array was chosen that has no such entry: as `placed` in backpropkit/explore/stage.py. */
function placed({ controls }, state) {
  const lost = {};
  for (const { kind, name, of, words, shapes } of controls.flat()) {
    const shape = kind === "entry" && of && shapes[words.indexOf(state[of])];
    if (shape && shape.some((size, k) => state[name][k] >= size)) lost[name] = state[name].map(() => 0);
  }
  return lost;
}

/** What to say where a value is no finite number: as in backpropkit/scenes/scene.py. */
function noNumber(value, name) {
  const all = typeof value === "number" ? [value] : value.d;
  if (all.some(Number.isNaN)) return `${name} is not defined there`;
  return all.every(Number.isFinite) ? "" : `${name} goes beyond ±1.8e308, where the numbers of computers end`;
}

/** Why these numbers are not what the function says: one is none, or an `if` would take the other branch. */
export function trouble({ watched, guards }, values) {
  for (const [register, name] of watched) {
    const lost = noNumber(values[register], name);
    if (lost) return lost;
  }
  const turned = guards.find(([register, held]) => Boolean(values[register]) !== held);
  return turned && `${turned[2]} turned out the other way, and this picture was made for the branch it took before`;
}

/** Runs of a program of one step, whose results are fed back: arrays [run, step] of what is kept, and how many there are. */
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
        if (k >= state.steps || values[spec.until]) continue; // the last point again
        taken.d[run] += 1;
        values = machine.run({ w: values[spec.feed.w], last: values[spec.feed.last] });
      }
    }
    return { ...Object.fromEntries(kept.map((name, j) => [name, found[j]])), taken };
  };
}

/** Make a scene's still below `root` move; `told(state)` hears of every change that came from the page. */
export function mount(root, scene, given, told = () => {}) {
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
    // what a run that broke off was given was not kept
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

  /** `quiet`: on the way to somewhere else, which nobody is told. */
  function change(given, quiet = false) {
    const patch = { ...given, ...placed(scene, { ...stage.state, ...given }) };
    const before = stage.state, moved = Object.keys(patch).filter((name) => JSON.stringify(patch[name]) !== JSON.stringify(before[name]));
    if (moved.length) keepPast(moved, before);
    Object.assign((stage.state = { ...stage.state }), patch);
    if (moved.length) show([...moved, ...Object.keys(scene.past)]);
    else panel.show(stage.state, machine.values);
    if (moved.length && !quiet) told(structuredClone(stage.state));
  }

  /** What the registers said before another choice was made stays in the state, as rows, the last one first. */
  function keepPast(moved, before) {
    for (const [into, { on, values, rows }] of Object.entries(scene.past)) {
      if (!moved.includes(on) || stopped) continue; // of a picture that is none nothing is kept
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

/** Bring every still of this page to life that carries its scene and has not been. */
export function boot() {
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

/** Another scene below the same root, such as that of another branch; what had the focus has it again. */
function redraw(root, model, old) {
  const able = () => [...root.querySelectorAll("input,select,button,[tabindex]")];
  const place = able().indexOf(document.activeElement);
  old?.remove();
  root.innerHTML = model.get("scene").html;
  const scene = model.get("scene"), state = { ...(old ? old.state() : model.get("state")) };
  if (old) for (const into of Object.keys(scene.past)) delete state[into]; // of other nodes, perhaps
  const stage = mount(root, scene, state, teller(model));
  if (JSON.stringify(stage.state()) !== JSON.stringify(model.get("state"))) teller(model)(stage.state());
  able()[place]?.focus();
  return stage;
}

/** Let a mounted stage and the widget of the same explorer hear each other. */
function connect(id) {
  const stage = shared.stages[id], model = shared.ears[id];
  stage.tell(teller(model));
  model.on("change:state", () => shared.stages[id].hear(model.get("state")));
  model.on("change:scene", () => {
    shared.stages[id] = redraw(document.querySelector(`[data-stage="${id}"] .bp-explorer`), model, shared.stages[id]);
  });
  stage.hear(model.get("state"));
}

/** As a widget: the ear of the stage beside it in the page, or (inside other widgets) the stage itself. */
export function render({ model, el }) {
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
