// Draw the answer and the open inputs; after their paint draw the rest, and follow what the reader does.

// The figures as exported are computed here, from the exported values.
for (const side of SIDES) {
  recompute(side);
  side.plan.figures = side.figures;
}
readFragment();
drawHeader();
drawInputs();
showInputs();
showFirst();
requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawRest))); // of two frames the first is on the screen

function drawRest() {
  for (const draw of LATER.splice(0)) draw();
  drawCompare();
  drawFigures();
  showInputs();
  showRest();
  showCompare();
  addEventListener("hashchange", () => {
    readFragment();
    SIDES.forEach(redraw);
  });
  addEventListener("resize", () => showCompare(false));
  matchMedia("print").addEventListener("change", () => showCompare(false));
  // What scrolls sideways can be reached by a key; what doesn't is no stop on the way.
  for (const event of ["toggle", "resize"]) addEventListener(event, reachScrolling, true);
}
// The address after the # is the plan's, so these links only move on.
for (const link of document.querySelectorAll(".skip")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.querySelector(link.getAttribute("href")).focus();
  });
}
document.getElementById("to-inputs").addEventListener("click", () => {
  document.getElementById("inputs").scrollIntoView();
  document.querySelector("#inputs select, #inputs input").focus({ preventScroll: true });
});
// A click outside the explanation closes it, as Escape does; one that began in its text selects, and doesn't.
let beganOutside = false;
const explanation = document.getElementById("explanation");
explanation.addEventListener("mousedown", (event) => { beganOutside = event.target === explanation; });
explanation.addEventListener("click", (event) => {
  if (beganOutside && event.target === explanation) explanation.close();
});
