// Why so many GPUs: from a clip's seconds to the GPUs that are rented, one factor after the other; gpu_waterfall.py for a browser.

const LINKS = {
  peak: "peak_busy_gpus", headroom: "replicas_by_utilization", queue: "replicas_by_waiting", "latency target": "replicas_by_latency", "one per region": "replicas_needed",
  "lost region": "replicas_needed", "whole replicas": "replicas_needed", "gpu_limit": "replicas", "pinned replicas": "replicas", "pinned servers": "servers", "whole servers": "servers_per_region", spare: "servers",
};

/** Each step with the GPUs after it; a pinned figure comes before its inputs. */
function stepsOf({ figures: v, plan: { pins } }) {
  const pinned = (name) => Object.hasOwn(pins, name);
  const rent = pinned("servers") || pinned("gpus");
  const working = v.replicas * v.gpus_per_replica;
  const needed = v.replicas_needed * v.gpus_per_replica;
  const [byUtilization, byWaiting] = [v.replicas_by_utilization, v.replicas_by_latency === 0 ? v.replicas_by_waiting : v.replicas_by_latency];
  const least = v.regions * Math.max(1, byUtilization, byWaiting) * v.gpus_per_replica;
  const rounded = needed > least * DATA.rounding ? least : needed;
  const name = byWaiting > byUtilization ? (v.replicas_by_latency ? "latency target" : "queue") : "headroom";
  const sized = [
    [Math.max(byUtilization, byWaiting) < 1 ? "one per region" : name, (rounded * Math.max(1, v.regions - v.regions_lost)) / v.regions],
    ["lost region", rounded], ["whole replicas", needed], ...(rent ? [] : [["gpu_limit", Math.min(needed, working)]]),
  ];
  const servers = [["whole servers", Math.min(v.gpus, v.regions * v.servers_per_region * v.gpus_had_per_server)], ["spare", v.gpus]];
  return [["peak", v.peak_busy_gpus], ...(pinned("replicas") ? [["pinned replicas", working]] : sized), ...(rent ? [["pinned servers", v.gpus]] : servers)];
}

/** The factors from the GPUs at work to those that are rented; none where one of them has no value. */
function waterfall(side) {
  let before = side.figures.busy_gpus;
  if (!(before > 0) || !(side.figures.gpus > 0)) return [];
  return stepsOf(side).map(([name, gpus]) => {
    const factor = gpus / before;
    before = gpus;
    return { name, gpus, factor };
  });
}

/** The same as bars, each with a way to the formula that makes it; a step that changes nothing is left out. */
function whyTable(side) {
  const links = waterfall(side);
  if (!links.length) return null;
  const v = side.figures;
  const most = Math.max(v.busy_gpus, ...links.map(({ gpus }) => gpus));
  const row = (label, of, text, value, data) => element("tr", data, element("th", { scope: "row" }, element("button", { type: "button", class: "label", "data-explain": of, "aria-haspopup": "dialog", onclick: () => explain(of, side.index) }, label)),
    element("td", { class: "drawn" }, value !== null && element("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, element("rect", { width: (100 * value) / most, height: 10, class: "bar" }))), element("td", { class: "number" }, text));
  const gpus = (value) => showQuantity(value, "gpu");
  const shown = links.filter(({ factor }) => !(1 / DATA.shown_link < factor && factor < DATA.shown_link));
  return scrolling("Why so many GPUs", element("table", { class: "bars why" }, element("caption", {}, letter(side), `Why ${grouped(v.gpus, "gpu")}: each step leads to its formula`), element("tbody", {},
    row(...(v.streamed > 0 ? ["A stream", "held_seconds"] : ["A clip", "gpu_seconds_per_video"]), showValue("held_seconds", v.held_seconds, { brief: true }), null),
    row(v.streamed > 0 ? "Streams to play" : "Clips to make", "generation_rate", showValue("generation_rate", v.generation_rate), null),
    row("At work on average", "busy_gpus", gpus(v.busy_gpus), v.busy_gpus),
    ...shown.map(({ name, gpus: there, factor }) => row(`× ${digits(factor)} ${words(name)}`, LINKS[name], gpus(there), there, { "data-link": name, "data-gpus": there, "data-factor": factor })))));
}
