// The verbs of the formulas on JavaScript's numbers: the float form of the decorated functions in engine/ and formulas/, whose constants come as CONSTANTS_OF_VERBS.

/** The least whole number that is not below x less the tolerance; + 0 turns -0 into 0, which is what Python gives. */
function ceil(x) {
  return Math.ceil(x - CONSTANTS_OF_VERBS.tolerance * Math.abs(x)) + 0;
}

/** The greatest whole number that is not above x plus the tolerance. */
function floor(x) {
  return Math.floor(x + CONSTANTS_OF_VERBS.tolerance * Math.abs(x)) + 0;
}

/** The square root. */
function sqrt(x) {
  return Math.sqrt(x);
}

/** e to the power of x. */
function exp(x) {
  return Math.exp(x);
}

/** The natural logarithm. */
function log(x) {
  return Math.log(x);
}

/** The sine of an angle in radians. */
function sin(x) {
  return Math.sin(x);
}

/** The angle in radians whose cosine is x. */
function acos(x) {
  return Math.acos(x);
}

/** The smaller of two numbers; what has no value (NaN) gives none. */
function minimum(x, y) {
  return x <= y || Number.isNaN(x) ? x : y;
}

/** The larger of two numbers; what has no value (NaN) gives none. */
function maximum(x, y) {
  return x >= y || Number.isNaN(x) ? x : y;
}

/** One of two numbers; both are computed, as in Python. */
function where(condition, yes, no) {
  return condition ? yes : no;
}

/** The chance that an arrival waits: Erlang's C by the series of 1/B, or by its integral where the load is large. */
function erlang_c(servers, load) {
  if (Number.isNaN(servers) || Number.isNaN(load)) return NaN;
  const count = wholeServers(servers);
  if (load >= servers || count < 1) return 1;
  const share = Math.max(0, servers - count);
  if (!share) return chanceToWait(count, load);
  const each = load / servers;
  const below = chanceToWait(count, each * count);
  return below + share * (chanceToWait(count + 1, each * (count + 1)) - below);
}

/** The chance to wait for one of so many whole servers. */
function chanceToWait(count, load) {
  const { term: least, huge, large_load: largeLoad } = CONSTANTS_OF_VERBS;
  if (load >= count) return 1;
  if (load <= 0) return 0;
  let inverse = 1;
  if (load > largeLoad) {
    inverse = inverseLoss(count, load);
  } else {
    let term = 1;
    for (let k = count; k > 0; k -= 1) {
      term *= k / load;
      inverse += term;
      if (term < least * inverse || inverse > huge) break;
    }
  }
  return 1 / (1 + (1 - load / count) * (Math.min(inverse, huge) - 1));
}

/** The whole servers; the tolerance may not add one to a fleet of more than half a billion. */
function wholeServers(servers) {
  return Math.floor(servers + Math.min(CONSTANTS_OF_VERBS.tolerance * Math.abs(servers), 0.5));
}

/** 1/B for a large load: the integral of a bell around the margin, in units of the load's square root. */
function inverseLoss(count, load) {
  const { huge, bell, panels, small, gauss } = CONSTANTS_OF_VERBS;
  const most = Math.log(huge);
  const root = Math.sqrt(load);
  const start = Math.max((count - load) / root - bell, 0);
  const near = (start + 2 * panels) / root < small;
  let total = 0;
  for (let panel = 0; panel < panels; panel += 1) {
    for (const [node, weight] of gauss) {
      for (const shift of [2 * panel + 1 - node, 2 * panel + 1 + node]) {
        const x = (start + shift) / root;
        const exponent = count * bend(x, near) + (count - load) * x;
        total += weight * Math.exp(Math.min(exponent, most));
      }
    }
  }
  return total * root;
}

/** log(1 + x) - x; for a small x by the series in r = x / (2 + x), in which nothing cancels. */
function bend(x, near) {
  if (!near) return Math.log1p(x) - x;
  const r = x / (2 + x);
  const q = r * r;
  return 2 * r * q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q / 13))))) - x * r;
}

/** The sum of (1 + rate)^k over the first whole numbers k from 0; a last part of a period counts by its share. */
function growth_sum(rate, periods) {
  const whole = floor(periods);
  const logGrowth = Math.log1p(rate);
  const full = logGrowth === 0 ? whole : Math.expm1(whole * logGrowth) / rate;
  return full + (periods - whole) * Math.exp(whole * logGrowth);
}

/** The fewest servers with which 95 % of requests are served within `allowance`, in multiples of their work's time; 0 if none can. */
function servers_for(
  load, allowance, arrivalVariability, workVariability, serviceVariability, slowest, urgent, allOfIt, peak, bend, failed, interrupted, lost, streamed = 0, sessions = 1,
) {
  const { waiting, halvings, tolerance } = CONSTANTS_OF_VERBS;
  const given = [load, allowance, arrivalVariability, workVariability, serviceVariability, slowest, urgent, allOfIt, peak, bend, failed, interrupted, lost, streamed, sessions];
  if (given.some(Number.isNaN)) return NaN;
  const keeps = (replicas) => {
    const v = {
      replicas, busy_replicas: load, regions: 1, generation_latency: 1, slowest_seconds: slowest,
      zoned_peak: peak, peak_bend: bend, failed_share: failed, interrupted_share: interrupted, lost_p95: lost, delivery_seconds: slowest,
      arrival_variability: arrivalVariability, work_variability: workVariability, service_variability: serviceVariability,
      urgent_share: urgent, peak_over_level: allOfIt, streamed, sessions_per_replica: sessions, longest_queue: Infinity,
    };
    for (const name of waiting) v[name] = FORMULAS[name](v);
    return v.latency_p95 <= allowance * (1 + tolerance);
  };
  const clips = Math.max(1, arrivalVariability);
  let low = floor(load);
  let high = floor(load * allOfIt) + ceil(8 * Math.sqrt(clips * load * allOfIt) + 16 * clips + 4);
  if (!(allowance >= slowest) || !keeps(high)) return 0;
  for (let k = 0; k < halvings && high - low > 1; k += 1) {
    const middle = Math.floor((low + high) / 2);
    if (keeps(middle)) high = middle; else low = middle;
  }
  return high;
}

/** The longest wait, in days, of the share of a day's work that can wait, where the rest is always served first. */
function longest_deferral(peak, deferred, capacity) {
  const { arrival_halvings: arrivalHalvings, exit_halvings: exitHalvings } = CONSTANTS_OF_VERBS;
  if (!(deferred > 0 && capacity > 1 && capacity < peak)) return 0;
  const middle = Math.max(1, peak / 2);
  const swing = peak - middle;
  const filled = Math.min(1, 2 / peak);
  const turn = (2 * Math.PI) / filled;
  const rest = 1 - deferred;
  const within = (x) => [x, x - 1].map((at) => Math.max(-filled / 2, Math.min(filled / 2, at)));
  const load = (x) => {
    const [today, tomorrow] = within(x);
    return middle + swing * (1 + Math.cos(turn * today) + Math.cos(turn * tomorrow));
  };
  const arrived = (x) => {
    const [today, tomorrow] = within(x);
    return middle * (today + tomorrow) + (swing / turn) * (Math.sin(turn * today) + Math.sin(turn * tomorrow));
  };
  const start = -Math.acos(Math.min(1, (capacity - middle) / swing)) / turn;
  const before = arrived(start);
  const behind = (t) => Math.max(0, arrived(t) - before - capacity * (t - start));
  const wait = (t, work) => {
    const asked = capacity * t - rest * arrived(t) + work;
    let x = t + 1 / 2;
    for (let k = 2; k < exitHalvings + 2; k += 1) x += (capacity * x - rest * arrived(x) < asked ? 1 : -1) / 2 ** k;
    return x - t;
  };
  let t = 0;
  const span = -2 * start;
  for (let k = 2; k < arrivalHalvings + 2; k += 1) {
    t += (deferred * load(t) + rest * load(t + wait(t, behind(t))) > capacity ? span : -span) / 2 ** k;
  }
  return wait(t, behind(t));
}

/** The GPU-hours paid for above a held share of the fleet, over those of the whole fleet. */
function paid_burst(held, peak, fleet, start, server) {
  const middle = 1 / minimum(2, peak);
  const { smallest_spread: least } = CONSTANTS_OF_VERBS;
  const following = maximum(least, 1 - server);
  const above = maximum(0, held - server) / following;
  const depth = maximum(-1, minimum(1, (above * fleet - middle) / maximum(least, 1 - middle)));
  const wave = (minimum(1, 2 / peak) * (1 - middle) * (Math.sqrt(1 - depth ** 2) - depth * Math.acos(depth))) / Math.PI;
  const area = maximum(0, 2 * middle - 1 - above * fleet) + wave;
  const worked = minimum(fleet < 1 ? (1 - above) * minimum(1, 1 / peak / fleet) : 1, area / fleet);
  const started = maximum(0, 1 - maximum(above, (2 * middle - 1) / fleet)) * start;
  return minimum(1 - held, maximum(0, server - held) + following * (worked + started));
}

/** The share of the fleet that is reserved at the lowest bill: the cheapest of those tried. */
function cheapest_reserve(price, least, ...day) {
  const { reserves, smallest_spread: spread } = CONSTANTS_OF_VERBS;
  const [peak, fleet, , server] = day;
  const quietest = server + (1 - server) * minimum(1, maximum(0, 2 / peak - 1) / fleet);
  let found = least;
  let lowest = least * price + paid_burst(least, ...day);
  for (let k = 0; k <= reserves; k += 1) {
    const share = maximum(least, quietest + ((1 - quietest) * (1 + Math.sin(Math.PI * (k / reserves - 1 / 2)))) / 2);
    const bill = share * price + paid_burst(share, ...day);
    if (bill < lowest - spread) [found, lowest] = [share, bill];
  }
  return found + 0 * price;
}
