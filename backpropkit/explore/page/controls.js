// The controls above a picture, made from what a scene lists; and the picture itself as a control.
import { general, number, spoken, typedNumber } from "./format.js";
import { say, set } from "./bind.js";

// Every output of a notebook brings its own copy of this script: ids must differ between copies, too.
const copy = Math.random().toString(36).slice(2, 8);
let made = 0;

export function make(tag, attributes = {}, ...inside) {
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
/** JupyterLab and Notebook take arrow keys away unless the focused element itself says no. */
const keep = (element) => element.setAttribute("data-lm-suppress-shortcuts", "true");

/** Properties of a control, as text or true and false; only those that are others now are written. */
function write(element, told) {
  for (const [name, value] of Object.entries(told)) if (String(element[name]) !== String(value)) element[name] = value;
}

/** A number without a power of ten, as assistive technology takes it. */
const decimal = (x) => x.toLocaleString("en", { useGrouping: false, maximumSignificantDigits: 17 });

const labelled = (text, control) => {
  control.id = `bp-${copy}-${++made}`;
  return make("label", { class: "bp-label", for: control.id }, text);
};

/** (low, high, step) around a value: steps of its second digit, at least 50 to each side. */
export function span(value) {
  const step = value === 0 ? 0.1 : 10 ** (Math.floor(Math.log10(Math.abs(value)) + 1e-9) - 1);
  const reach = Math.max(50, Math.ceil((2 * Math.abs(value)) / step - 1e-9)) * step;
  const tidy = (x) => Number(Math.min(Math.max(x, -1.7e308), 1.7e308).toPrecision(12));
  return [tidy(value - reach), tidy(value + reach), tidy(step)];
}

/** A span that holds the value on its grid; one of its own, where the grid would have too many places. */
export function widened([low, high, step], value) {
  if (!(Math.abs(value - low) < 1e7 * step && Math.abs(value - high) < 1e7 * step)) return span(value);
  const below = Math.max(Math.ceil((value - low) / step), value < low ? 20 : 0);
  const above = Math.max(Math.ceil((high - value) / step), value > high ? 20 : 0);
  const tidy = (x) => Number(x.toPrecision(12));
  return [tidy(value - below * step), tidy(value + above * step), step];
}

// Reading and writing one entry of a state: numbers, or nested lists of them.
export const entryOf = (value, index) => index.reduce((part, k) => part[k], value);
export function withEntry(value, index, entry) {
  if (!index.length) return entry;
  const copy = [...value];
  copy[index[0]] = withEntry(copy[index[0]], index.slice(1), entry);
  return copy;
}

/** An array as nested lists, as a state has it. */
export function lists({ s, d }) {
  let rows = [...d].map((x) => Number(x.toPrecision(12)));
  for (const size of s.slice(1).reverse()) rows = Array.from({ length: rows.length / size }, (_, k) => rows.slice(k * size, (k + 1) * size));
  return rows;
}

/** An index of numbers and of what states say: the place of a word, a list of numbers. */
const placeOf = (at, state, scene) =>
  at.flatMap((part) => (typeof part === "number" ? part : typeof state[part] === "string" ? scene.words[part].indexOf(state[part]) : state[part]));

/**
 * A box for a number. It is text: a browser's own number field makes 15 of “1,5”, and what it cannot read it hands on as
 * nothing. Its arrow keys step as those of a number field do. `fits(x)` says why a number is refused, `take(x)` takes one
 * and may say what it made of it; what is said stands beside the box until the next number.
 */
function numberBox(attributes, { step, fits = () => "", take, back }) {
  const told = make("span", { class: "bp-refused", role: "alert", id: `bp-${copy}-${++made}` });
  const box = make("input", {
    type: "text", inputmode: "decimal", role: "spinbutton", autocomplete: "off", spellcheck: "false", class: "bp-typed", ...attributes,
    onchange() {
      const typed = box.value.trim(), x = typedNumber(typed), wrong = typeof x === "string" ? x : fits(x);
      say(wrong, Boolean(wrong));
      if (wrong) back();
      else say(take(x) ?? "");
      write(box, { value: shown }); // how it was read
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
  /** What the box says: the number, as people and as screen readers are told; and from where to where it goes. */
  const show = (value, words, ends) => {
    shown = words;
    if (document.activeElement !== box || typedNumber(box.value.trim()) !== value) write(box, { value: words });
    set(box, "aria-valuenow", decimal(value));
    set(box, "aria-valuetext", words);
    ["aria-valuemin", "aria-valuemax"].forEach((name, k) => set(box, name, decimal(ends[k])));
  };
  return { box, show, forget: () => say("") };
}

/** Why a number is refused that is none of those from low to high. */
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

// Each kind: (spec, change(patch), scene) → {element, show(state, values)}.
const KINDS = {
  /** One of several words; the state is the word. `many`: the entry of the state that says how many of them there are. */
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

  /** The same as buttons in a row. */
  buttons({ name, label, values }, change) {
    const all = values.map((word) => make("button", { type: "button", class: "bp-button", onclick: () => change({ [name]: word }) }, word));
    return {
      element: make("span", { class: "bp-control", role: "group", "aria-label": label }, ...all),
      show: (state) => all.forEach((button, k) => set(button, "aria-pressed", String(values[k] === state[name]))),
    };
  },

  /**
   * A number; an array has a chooser of the entry before it, or shows the one that other states say (`at`: their names,
   * or numbers), and while `mirror` is on puts it across the diagonal, too. `ends`: registers of its span. Any number can
   * be typed.
   */
  number({ name, label, shape = [], span: fixed, at, ends, mirror }, change, scene) {
    let spans = {}, state;
    const begin = scene.state?.[name]; // a span is that of the start, also when another branch was recorded
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

  /** One of listed numbers; any other can be typed, but 0, or what lies `within`, unless there are `only` these. */
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

  /** Which entry of an array: of the only one, or of that which another control has chosen. */
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

  /** On or off; a press may set other entries `also`. */
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

  /** A list of switches, one a row; all of them at once by two buttons. */
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

  /** Steps from 0 to `max`: taken one by one, or played, until the end or where `stop` says. Nothing plays by itself. */
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
      last ??= now; // the first frame's own time: on a busy machine a frame can be older than the press
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches; // then it steps, and nothing travels
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

  /** `take`: states become what registers say, made a round number unless `exact`; none: all is as at the start. */
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

/** The next round number: the end of a scale. */
export function roundUp(size) {
  if (!(size > 0 && size < Infinity)) return 1;
  const unit = 10 ** Math.floor(Math.log10(size));
  return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15].map((m) => Number((m * unit).toPrecision(6))).find((end) => end >= size);
}

/** All controls of a scene in rows, and what brings them up to date. */
export function controls(scene) {
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

// --- the picture as a control ---------------------------------------------------------------------------------------

const ARROWS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Parts of the picture that can be chosen (data-choose="node=e"), dragged (data-drag="a"), or moved along a plot. */
export function touch(root, scene) {
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

/** Parts of which one is chosen; arrow keys go on and back, up and down by a row of so many columns. */
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

/** A hidden number: data-put="seen.3" puts a 1 there when it is pressed, while data-while is on. */
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

/** What a pointer does from press to release: move(event) is called in between. */
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

/** A number in the picture, dragged sideways or moved by arrow keys. */
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

/** A plane where a pointer puts a pair of numbers; sliders beside it serve who has none. */
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

/** A point of a plot, dragged along it: data-handle="h" moves that input, counted from where 0 stands. */
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
