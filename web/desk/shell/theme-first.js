// Runs before the first paint, so that a chosen theme never flashes into place. See theme.js.
(() => {
  try {
    const theme = JSON.parse(localStorage.getItem("steward.desk.theme") ?? "null");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    return;
  }
})();
