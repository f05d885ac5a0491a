// Draw once, then follow what the reader does.

readFragment();
drawHeader();
drawInputs();
drawFigures();
showInputs();
showResults();

addEventListener("hashchange", () => {
  readFragment();
  showInputs();
  showResults();
});
// A click beside the explanation closes it, as Escape does.
document.getElementById("explanation").addEventListener("click", (event) => {
  if (event.target === event.currentTarget) event.currentTarget.close();
});
// Paper can't be opened.
addEventListener("beforeprint", () => document.querySelectorAll("#figures details").forEach((one) => { one.open = true; }));
