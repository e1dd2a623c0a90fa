// The bar at the foot of /lab/: what is loaded, how far that is, and when Python answers; from then on
// the notebook has the keys, and the address says which it is.
const ROOT = new URL(".", import.meta.url);
const FILES = new URL("static/pyodide/", ROOT);
// what every first cell needs; the cells of the notebook are counted without it
const FIRST = [
  "import backpropkit.explore as _bp; del _bp; get_ipython().execution_count -= 1",
  // a new page has no font cache, and matplotlib would say so in the lesson, in red
  '__import__("logging").getLogger("matplotlib.font_manager").setLevel("ERROR")',
].join("\n");
const LOOK_MS = 300;

const bar = document.createElement("div");
bar.id = "bp-loading";
bar.innerHTML = `<style>
  #bp-loading { position: fixed; right: 1rem; bottom: 2.2rem; z-index: 9999; width: min(22rem, calc(100vw - 2rem));
    box-sizing: border-box; padding: .6rem .8rem; border-radius: 4px; font: 14px/1.4 system-ui, sans-serif;
    color: var(--jp-ui-font-color1, #1f1f1f); background: var(--jp-layout-color0, #fff);
    border: 1px solid var(--jp-border-color0, #737373); }
  #bp-loading[hidden] { display: none; }
  #bp-loading progress { width: 100%; margin-top: .3rem; accent-color: #0072b2; }
</style><span role="status"></span><progress aria-label="Loading" max="1"></progress>`;
document.body.append(bar);
const words = bar.querySelector("span");
const meter = bar.querySelector("progress");

// `done` from 0 to 1; without it, it is not known how long it takes
function say(text, done) {
  bar.hidden = false;
  if (words.textContent !== text) words.textContent = text;
  if (done === undefined) meter.removeAttribute("value");
  else meter.value = done;
}

// --- the files: fetched here to be counted; Python finds them in the browser's cache ---

async function load(file, count) {
  const answer = await fetch(new URL(file.file, FILES));
  if (!answer.ok) throw new Error(`${answer.status}`);
  file.size = Number(answer.headers.get("content-length")) || file.size;
  const reader = answer.body.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    file.got += piece.value.length;
    count();
  }
  file.size = file.got;
  file.done = true;
  count();
}

async function loadAll() {
  const files = await (await fetch(new URL("loading.json", ROOT))).json();
  for (const file of files) Object.assign(file, { got: 0, size: 100_000, done: false });
  const sum = (key) => files.reduce((total, file) => total + file[key], 0);
  let shown = 0; // sizes come in one by one: what was said is not taken back
  const count = () => {
    shown = Math.max(shown, Math.min(1, sum("got") / sum("size")));
    const left = files.filter((file) => !file.done);
    const names = left.sort((a, b) => b.size - a.size).slice(0, 2).map((file) => file.name);
    const mb = (bytes) => Math.round(bytes / 1e6);
    const text = `Loading Python for this page: ${names.join(", ")}${left.length > 2 ? " …" : ""} `;
    say(`${text}(${mb(sum("got"))} of ${mb(Math.max(sum("size"), sum("got")))} MB)`, shown);
  };
  count();
  const ends = await Promise.allSettled(files.map((file) => load(file, count)));
  const missing = files.filter((_, k) => ends[k].status === "rejected");
  if (missing.length === 0) return;
  const [first] = missing;
  const from = new URL(first.file, FILES).host;
  const others = missing.length > 1 ? ` and ${missing.length - 1} more` : "";
  const why = ends[files.indexOf(first)].reason.message;
  throw new Error(`${first.name}${others} could not be loaded from ${from} (${why}). Is there a connection, and does it reach that server? Then load this page again.`);
}

// --- Python: a new kernel is asked for what a first cell needs, before anybody waits for it ---

const asked = new Map(); // kernel connection -> the promise of its first answer

function ask(kernel) {
  say("Starting Python …");
  const request = { code: FIRST, silent: true, store_history: false, allow_stdin: false };
  const answer = kernel.requestExecute(request).done;
  asked.set(kernel, answer);
  answer.then(
    ({ content }) => {
      if (content.status !== "ok") return say(`Python did not start: ${content.evalue}`, 1);
      say("Python is ready: press Shift-Enter, or ▶ above.", 1);
      if (!touched) window.jupyterapp.shell.currentWidget?.content.activate?.();
      setTimeout(() => { bar.hidden = true; }, 4000);
    },
    () => { if (asked.get(kernel) === answer) bar.hidden = true; }, // closed before it answered
  );
}

// JupyterLab begins in its list of files, where Shift-Enter does nothing: who has not gone elsewhere is taken to the notebook
let touched = false;
for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, () => { touched = true; }, { capture: true });

// JupyterLite takes the path out of the address: loaded again, the page would be an empty one
function remember(path) {
  const here = new URL(location.href);
  if (!path || here.searchParams.get("path") === path) return;
  here.searchParams.set("path", path);
  history.replaceState(history.state, "", here);
}

// the list of files would leave a phone a strip of the lesson; its tab brings it back
const PHONE = 700; // px

function look() {
  const shown = window.jupyterapp?.shell?.currentWidget;
  remember(shown?.context?.path);
  const kernel = shown?.sessionContext?.session?.kernel;
  if (!kernel || asked.has(kernel)) return;
  if (!asked.size && innerWidth < PHONE) window.jupyterapp.shell.collapseLeft();
  ask(kernel);
  kernel.statusChanged.connect((_, status) => {
    if (status === "restarting" || status === "autorestarting") {
      asked.set(kernel, null);
      say("Starting Python …");
    } else if (asked.get(kernel) === null && status === "idle") ask(kernel);
  });
}

try {
  await loadAll();
  bar.hidden = true;
  setInterval(look, LOOK_MS);
} catch (error) {
  say(error.message, 1);
}
