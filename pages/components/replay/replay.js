// Play, pause, speed, scrub: one player for each place where a replay stands.

const FRAME = 33; // milliseconds between two pictures: twice as many show nothing more
const SPEAK = 5000; // milliseconds between two sentences to a screen reader
const LABEL = 1000; // the same for the pictures' labels
const LIVE = 1000; // milliseconds between two looks at a race that goes on: it must not take its processor
const BESIDE = 1000; // pixels from which on the curves stand beside the track
const LEAST = 250; // pixels that two curves above each other need
const LOWEST = 180; // pixels that two curves beside each other need on a projector
const FOOT = 64; // pixels of a projector's screen that are left to the way out of it
const GAP = 16; // pixels between the two
const STEP = 0.02; // of the race, for one press of an arrow

function find(root) {
  const part = (name) => root.querySelector(`.replay-${name}`);
  const names = [
    "track",
    "curves",
    "controls",
    "play",
    "scrub",
    "clock",
    "speed",
    "note",
    "podium",
    "spoken",
    "turn",
  ];
  return Object.fromEntries(names.map((name) => [name, part(name)]));
}

function newPlayer(root) {
  const player = { root, parts: find(root), clock: 0, playing: false, spokenAt: 0, labelledAt: 0 };
  const { play, scrub, speed, turn } = player.parts;
  turn.addEventListener("click", () => turnOver(player));
  play.addEventListener("click", () => toggle(player));
  scrub.addEventListener("input", () => {
    pause(player);
    seek(player, Number(scrub.value));
  });
  speed.addEventListener("change", () => (player.speed = speed.value));
  root.addEventListener("keydown", (event) => press(player, event));
  return player;
}

// ── what is told ──────────────────────────────────────────────────────────────────

function standing(lane, clock) {
  return isDone(lane, clock) ? 2 - lane.seconds / 1e6 : valueAt(lane.at, lane.place, clock);
}

function leaders(data, clock) {
  const runners = data.lanes.filter((lane) => !lane.waits);
  const ahead = runners.toSorted((one, other) => standing(other, clock) - standing(one, clock));
  const [first, second] = ahead;
  if (!first || standing(first, clock) === 0) return "All are at the gate.";
  if (second && standing(first, clock) < 1 && standing(first, clock) - standing(second, clock) < 0.01)
    return `${first.title} and ${second.title} are neck and neck.`;
  return isDone(first, clock) ? `${first.title} has finished.` : `${first.title} leads.`;
}

function situation(data, clock) {
  const told = data.lanes.map((lane) => {
    if (lane.waits) return `${lane.title} waits`;
    const done = isDone(lane, clock);
    const reached = percent(valueAt(lane.at, lane.reached, clock));
    return done ? `${lane.title} finished after ${lane.time} at ${reached}` : `${lane.title} ${reached}`;
  });
  return `${time(data, clock)}: ${told.join(", ")}.`;
}

function time(data, clock) {
  return data.live ? `After ${seconds(clock)} s` : `${seconds(clock)} of ${seconds(data.seconds)} s`;
}

function tell(player, now = performance.now()) {
  const { data, parts, clock } = player;
  const ended = clock >= data.seconds;
  if (!player.playing || now - player.labelledAt > LABEL) {
    player.labelledAt = now;
    parts.track.setAttribute("aria-label", situation(data, clock));
    parts.scrub.setAttribute("aria-valuetext", `${time(data, clock)}. ${leaders(data, clock)}`);
  }
  if (player.playing && (ended || now - player.spokenAt > SPEAK)) {
    player.spokenAt = now;
    parts.spoken.textContent = ended ? data.finish : leaders(data, clock);
  }
}

// ── the clock ─────────────────────────────────────────────────────────────────────

function show(player) {
  const { data, parts, clock } = player;
  for (const draw of player.draws) draw(clock);
  parts.podium.hidden = data.live || clock < data.seconds;
  parts.scrub.value = clock;
  parts.scrub.style.setProperty("--done", `${(100 * clock) / data.seconds}%`);
  parts.clock.textContent = time(data, clock);
  const word = player.playing ? "Pause" : clock >= data.seconds ? "Play again" : "Play";
  if (parts.play.ariaLabel !== word) {
    parts.play.ariaLabel = word;
    parts.play.dataset.shows = player.playing ? "pause" : "play";
  }
  tell(player);
}

function seek(player, clock) {
  const end = player.data.seconds;
  player.clock = clock > end - 0.01 ? end : Math.max(0, clock); // a slider's value is rounded
  show(player);
}

function rate(player) {
  const { data, speed } = player;
  return speed === "fit" ? Math.max(1, data.seconds / data.fit) : Number(speed);
}

function tick(player, now) {
  if (!player.playing) return;
  if (now - player.last >= FRAME) {
    const passed = Math.min(200, now - player.last) / 1000; // a hidden page goes on where it was
    player.last = now;
    player.clock = Math.min(player.data.seconds, player.clock + passed * rate(player));
    if (player.clock >= player.data.seconds) {
      tell(player, Infinity);
      player.playing = false;
    }
    show(player);
  }
  player.frame = requestAnimationFrame((then) => tick(player, then));
}

function start(player) {
  if (player.clock >= player.data.seconds) player.clock = 0;
  player.playing = true;
  player.last = performance.now();
  player.frame = requestAnimationFrame((then) => tick(player, then));
  show(player);
}

function pause(player) {
  player.playing = false;
  cancelAnimationFrame(player.frame);
}

function toggle(player) {
  if (!player.playing) {
    start(player);
    return;
  }
  pause(player);
  show(player);
}

function press(player, event) {
  const { data, clock } = player;
  const way = {
    ArrowRight: STEP,
    ArrowUp: STEP,
    PageDown: STEP,
    ArrowLeft: -STEP,
    ArrowDown: -STEP,
    PageUp: -STEP,
  };
  const own = event.target.closest("select, input, button");
  if (data.live || own?.matches("select") || event.defaultPrevented) return;
  if (event.key === " " && !own?.matches("button")) toggle(player);
  else if (data.present && ["PageDown", "PageUp"].includes(event.key)) turnOver(player);
  else if (event.key in way && !own?.matches("input")) {
    pause(player);
    seek(player, clock + way[event.key] * data.seconds);
  } else return;
  event.preventDefault();
}

// On a projector the track and the curves have the screen for themselves, one after the other.
function turnOver(player) {
  player.turned = !player.turned;
  build(player);
}

// A race that goes on: between two messages of the server the clock goes on by itself.
function follow(player) {
  clearInterval(player.timer);
  player.clock = player.data.clock;
  show(player);
  if (!player.data.runs) return;
  const since = performance.now();
  player.timer = setInterval(() => {
    player.clock = player.data.clock + (performance.now() - since) / 1000;
    show(player);
  }, LIVE);
}

// ── the picture ───────────────────────────────────────────────────────────────────

// The height for curves that stand beside the track, or below it on a projector; 0 for as much as they like.
function room({ data, parts, root, width }, track) {
  const height = Number.parseFloat(parts.track.style.height);
  if (!data.present) return width >= BESIDE ? Math.max(LEAST, height) : 0;
  parts.podium.hidden = false; // its room is kept from the start
  const below = track ? height : parts.controls.offsetHeight + parts.podium.offsetHeight + GAP;
  return Math.max(LOWEST, innerHeight - root.getBoundingClientRect().top - below - GAP - FOOT);
}

function build(player) {
  const { data, parts, root } = player;
  const width = root.clientWidth;
  player.width = width;
  if (!width) return;
  const curves = data.curves && (!data.present || data.live || player.turned);
  const track = !data.present || data.live || !curves;
  const beside = curves && track && width >= BESIDE && !data.present;
  const left = beside ? Math.round(width * 0.64) : width;
  player.draws = track ? [drawTrack(parts.track, data, left)] : [];
  if (curves)
    player.draws.push(
      drawCurves(parts.curves, data, beside ? width - left - GAP : width, room(player, track)),
    );
  parts.track.style.display = track ? "" : "none";
  parts.curves.style.display = curves ? "" : "none";
  parts.curves.setAttribute("aria-label", data.curves_label);
  parts.turn.hidden = !data.present || !data.curves || data.live;
  parts.turn.textContent = track ? "Curves" : "Track";
  show(player);
}

function furnish(player) {
  const { data, parts, root } = player;
  root.setAttribute("aria-label", data.label);
  root.toggleAttribute("data-present", data.present);
  parts.controls.hidden = data.live;
  parts.scrub.max = data.seconds;
  parts.note.textContent = data.note;
  const options = data.speeds.map(([value, text]) => new Option(text, value, false, value === player.speed));
  parts.speed.replaceChildren(...options);
  drawPodium(parts.podium, data.podium);
}

function drawPodium(section, podium) {
  section.replaceChildren();
  if (!podium) return;
  tag(section, "h2", "replay-headline", podium.headline);
  tag(section, "p", "replay-reason", podium.reason);
  const list = tag(section, "ol", "replay-steps");
  for (const step of podium.steps) {
    const item = tag(list, "li", "replay-step");
    item.style.setProperty("--height", step.height);
    item.style.setProperty("--runners", step.runners.length);
    const together = tag(item, "div", "replay-together");
    for (const runner of step.runners) {
      const line = tag(together, "span", "replay-on-step");
      const disc = tag(line, "span", "replay-disc", runner.number);
      disc.style.setProperty("--paint", runner.paint);
      disc.ariaHidden = "true";
      tag(line, "b", "", runner.title);
      tag(line, "span", "replay-time", runner.time);
    }
    tag(item, "strong", "replay-block", step.word);
  }
  for (const line of podium.unranked) tag(section, "p", "replay-unranked", line);
}

function wakeUp(player) {
  player.sizes ??= new ResizeObserver(() => player.root.clientWidth !== player.width && build(player));
  player.sizes.observe(player.root);
  if (player.data.present && !player.keys) {
    player.keys = (event) => !player.root.contains(event.target) && press(player, event);
    document.addEventListener("keydown", player.keys);
  }
}

// Plays once it is seen, by itself, unless somebody wants no movement: then the finish is shown.
function begin(player) {
  player.clock = player.data.seconds;
  if (!player.data.autoplay || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  player.clock = 0;
  player.seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    player.seen.disconnect();
    if (!player.playing && player.clock === 0) start(player);
  });
  player.seen.observe(player.parts.track);
}

function sleep(player) {
  pause(player);
  clearInterval(player.timer);
  player.sizes?.disconnect();
  player.seen?.disconnect();
  if (player.keys) document.removeEventListener("keydown", player.keys);
  player.keys = undefined;
}

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".replay");
  const player = (root.player ??= newPlayer(root));
  const told = JSON.stringify(data);
  if (player.told !== told) {
    const another = player.data?.id !== data.id;
    player.told = told;
    player.data = data;
    player.speed ??= data.speeds[0]?.[0];
    furnish(player);
    if (another && !data.live) {
      pause(player);
      begin(player);
    }
    build(player);
    if (data.live) follow(player);
  }
  wakeUp(player);
  return () => sleep(player);
}
