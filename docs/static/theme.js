// Tells the explorers' pictures which theme the reader chose, by the name JupyterLab has for it.
function tell() {
  const theme = document.body.dataset.theme;
  if (theme === "light" || theme === "dark") document.body.dataset.jpThemeLight = theme === "light";
  else delete document.body.dataset.jpThemeLight;
}
document.addEventListener("DOMContentLoaded", () => {
  tell();
  new MutationObserver(tell).observe(document.body, { attributeFilter: ["data-theme"] });
});
