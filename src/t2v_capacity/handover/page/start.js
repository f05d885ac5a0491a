// Draw once, then follow what the reader does.

readFragment();
drawHeader();
drawCompare();
drawInputs();
drawFigures();
showInputs();
showResults();

addEventListener("hashchange", () => {
  readFragment();
  showInputs();
  showResults();
});
// The address behind the # is the plan's, so this link only moves on.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("results").focus();
});
document.getElementById("to-inputs").addEventListener("click", () => {
  document.getElementById("inputs").scrollIntoView();
  document.querySelector("#inputs select, #inputs input").focus({ preventScroll: true });
});
// A click beside the explanation closes it, as Escape does; one that began in its text selects, and doesn't.
let beganBeside = false;
const explanation = document.getElementById("explanation");
explanation.addEventListener("mousedown", (event) => { beganBeside = event.target === explanation; });
explanation.addEventListener("click", (event) => {
  if (beganBeside && event.target === explanation) explanation.close();
});
// What scrolls sideways can be reached by a key; what doesn't is no stop on the way.
addEventListener("resize", () => showCompare(false));
matchMedia("print").addEventListener("change", () => showCompare(false));
for (const event of ["toggle", "resize"]) addEventListener(event, reachScrolling, true);
reachScrolling();
