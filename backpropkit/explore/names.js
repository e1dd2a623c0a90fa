// Gives ipywidgets' controls what a screen reader misses: names, spoken values, a live region.
// Runs when the explorer's style element is loaded; `this` is that element.
const root = this.closest(".bp-explorer");
const set = (element, name, value) => {
  if (element && element.getAttribute(name) !== value) element.setAttribute(name, value);
};
const tell = () => {
  set(root, "role", "group");
  set(root, "aria-label", root.querySelector(".bp-title")?.textContent ?? "explorer");
  for (const handle of root.querySelectorAll(".noUi-handle")) {
    const control = handle.closest(".widget-inline-hbox");
    const name = control.querySelector(".widget-label").textContent;
    const readout = control.querySelector(".widget-readout");
    set(handle, "aria-label", name);
    set(handle, "data-lm-suppress-shortcuts", "true");  // Notebook 7 would keep the arrow keys
    set(handle, "aria-valuetext", readout.textContent);
    if (readout.isContentEditable) {
      set(readout, "role", "textbox");
      set(readout, "aria-label", `${name}, typed`);
    }
  }
  for (const button of root.querySelectorAll(".widget-toggle-button")) {
    set(button, "aria-pressed", String(button.classList.contains("mod-active")));
  }
  for (const icon of root.querySelectorAll("button i")) set(icon, "aria-hidden", "true");
  const live = root.querySelector(".bp-live .widget-html-content");
  set(live, "role", "status");
  set(live, "aria-live", "polite");
  set(root.querySelector(".bp-stage"), "tabindex", "0");
  follow();
};
let followed = "";
const follow = () => {  // a picture wider than the page: bring what happens now into view, once
  const now = [...root.querySelectorAll(".bp-follow")].find((part) => part.checkVisibility());
  const stage = now?.closest(".bp-stage");
  const step = now?.closest("svg").dataset.step;
  if (!stage || stage.scrollWidth <= stage.clientWidth || step === followed) return;
  followed = step;
  const part = now.getBoundingClientRect(), room = stage.getBoundingClientRect();
  if (part.left < room.left + 140) stage.scrollLeft += part.left - room.left - 140;
  if (part.right > room.right) stage.scrollLeft += part.right - room.right;
};
tell();
new MutationObserver(tell).observe(root, {
  subtree: true, childList: true, characterData: true,
  attributes: true, attributeFilter: ["aria-valuetext", "class"],
});
