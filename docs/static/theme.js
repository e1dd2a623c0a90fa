// What the site's pages do by themselves: tell the pictures which theme the reader chose, let the
// keys reach what scrolls, and name what stands beside the text.

// the theme, by the name JupyterLab has for it
function tell() {
  const theme = document.body.dataset.theme;
  if (theme === "light" || theme === "dark") document.body.dataset.jpThemeLight = theme === "light";
  else delete document.body.dataset.jpThemeLight;
}

// code, formulas and tables that are wider than the page scroll by themselves, with the keys too
const WIDE = "pre, div.math, .table-wrapper, .cell_output .output";
function reach() {
  for (const one of document.querySelectorAll(WIDE)) {
    if (one.scrollWidth > one.clientWidth + 1) one.tabIndex = 0;
    else one.removeAttribute("tabindex");
  }
}

const BESIDE = { ".sidebar-drawer": "All pages", ".toc-drawer": "On this page" };

document.addEventListener("DOMContentLoaded", () => {
  tell();
  for (const [place, name] of Object.entries(BESIDE))
    document.querySelector(place)?.setAttribute("aria-label", name);
  addEventListener("load", reach);
  addEventListener("resize", reach);
  new MutationObserver(tell).observe(document.body, { attributeFilter: ["data-theme"] });
});
