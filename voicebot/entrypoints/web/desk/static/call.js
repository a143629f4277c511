// A call: hear it, walk through it by keyboard, search in it.
const $ = (selector, root = document) => root.querySelector(selector);
const turns = [...document.querySelectorAll(".turn")];
const audio = $("audio");
const wave = $("[data-wave]");
const drawing = wave?.querySelector("svg");
const WIDTH = 1200;
const MIDDLE = 60;
let seconds = 0;
let current = -1;

const clock = (value) => `${Math.floor(value / 60)}:${String(Math.floor(value % 60)).padStart(2, "0")}`;

// The turn under the keys; the page follows it.
function choose(index, { follow = true } = {}) {
  if (index < 0 || index >= turns.length) return;
  turns[current]?.removeAttribute("aria-current");
  current = index;
  turns[current].setAttribute("aria-current", "true");
  if (follow) {
    turns[current].focus({ preventScroll: true });
    turns[current].scrollIntoView({ block: "nearest" });
  }
}

function hear(from) {
  if (!audio) return;
  const go = () => {
    audio.currentTime = from;
    audio.play();
  };
  if (audio.readyState >= HTMLMediaElement.HAVE_METADATA) go();
  else {
    audio.addEventListener("loadedmetadata", go, { once: true });
    audio.load();
  }
}

function playOrPause() {
  if (!audio) return;
  if (audio.paused) audio.play();
  else audio.pause();
}

function step(by) {
  choose(Math.min(Math.max(current + by, 0), turns.length - 1));
  if (audio && !audio.paused) hear(Number(turns[current].dataset.from));
}

function shape(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// One channel above the middle, the other below it.
function outline(values, up) {
  const width = WIDTH / values.length;
  const points = values.map((value, at) => {
    const height = Math.max(0.6, (Math.sqrt(value / 100) * (MIDDLE - 4)));
    return `M${(at * width).toFixed(1)} ${MIDDLE}V${(up ? MIDDLE - height : MIDDLE + height).toFixed(1)}`;
  });
  return points.join("");
}

function draw({ seconds: length, channels }) {
  seconds = length;
  wave.setAttribute("aria-valuemax", Math.round(length));
  $("[data-end]").textContent = clock(length);
  turns.forEach((turn, index) => {
    const from = (Number(turn.dataset.from) / length) * WIDTH;
    const to = (Number(turn.dataset.to) / length) * WIDTH;
    const bot = turn.classList.contains("bot");
    const said = shape("rect", { x: from, y: bot ? 0 : MIDDLE, width: Math.max(1, to - from), height: MIDDLE, class: `span ${bot ? "bot" : "customer"}`, "data-turn": index });
    drawing.append(said);
  });
  const names = ["bot", "customer"];
  channels.forEach((values, at) => drawing.append(shape("path", { d: outline(values, at === 0), class: `peaks ${names[at] ?? "customer"}`, "vector-effect": "non-scaling-stroke" })));
  drawing.append(shape("line", { x1: 0, x2: WIDTH, y1: MIDDLE, y2: MIDDLE, class: "axis", "vector-effect": "non-scaling-stroke" }));
  drawing.append(shape("line", { x1: 0, x2: 0, y1: 0, y2: 2 * MIDDLE, class: "now", "vector-effect": "non-scaling-stroke" }));
}

function showTime() {
  const at = audio.currentTime;
  const total = seconds || audio.duration || 1;
  const line = $(".now", drawing);
  const x = (at / total) * WIDTH;
  line?.setAttribute("x1", x);
  line?.setAttribute("x2", x);
  $("[data-now]").textContent = clock(at);
  wave.setAttribute("aria-valuenow", Math.round(at));
  wave.setAttribute("aria-valuetext", clock(at));
  if (audio.paused) return;
  const index = turns.findLastIndex((turn) => Number(turn.dataset.from) <= at + 0.05);
  if (index >= 0 && index !== current) choose(index, { follow: document.activeElement === document.body || turns.includes(document.activeElement) });
}

if (audio) {
  fetch(wave.dataset.wave).then((answer) => (answer.ok ? answer.json() : null)).then((peaks) => peaks && draw(peaks));
  audio.addEventListener("timeupdate", showTime);
  audio.addEventListener("seeked", showTime);
  for (const change of ["play", "pause", "ended"]) audio.addEventListener(change, () => document.body.classList.toggle("playing", !audio.paused));
  $("[data-play]").addEventListener("click", playOrPause);
  $("[data-speed]").addEventListener("change", (event) => { audio.playbackRate = Number(event.target.value); });
  wave.addEventListener("click", (event) => {
    const box = wave.getBoundingClientRect();
    if (seconds) hear(((event.clientX - box.left) / box.width) * seconds);
  });
  wave.addEventListener("keydown", (event) => {
    const jump = { ArrowRight: 5, ArrowUp: 5, ArrowLeft: -5, ArrowDown: -5, PageUp: 15, PageDown: -15 }[event.key];
    if (jump) hear(Math.max(0, audio.currentTime + jump));
    else if (event.key === "Home") hear(0);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

turns.forEach((turn, index) => {
  turn.addEventListener("click", (event) => {
    if (event.target.closest("details, input, select, a, mark") || String(getSelection())) return;
    choose(index, { follow: false });
    hear(Number(turn.dataset.from));
  });
  // A form that opens is ready to be written in.
  turn.querySelector("details")?.addEventListener("toggle", ({ target }) => {
    const within = target.contains(document.activeElement) && document.activeElement.tagName !== "SUMMARY";
    if (target.open && !within) $("input[name=words]", target).focus();
  });
});

// Search in the transcript: marks are made of text nodes, never of markup.
const find = $("[data-find]");
function seek() {
  const wanted = find.value.trim().toLowerCase();
  let first = null;
  for (const turn of turns) {
    const box = $("[data-words]", turn);
    const words = box.textContent;
    box.replaceChildren();
    let from = 0;
    for (let at = wanted ? words.toLowerCase().indexOf(wanted) : -1; at >= 0; at = words.toLowerCase().indexOf(wanted, from)) {
      const mark = document.createElement("mark");
      mark.textContent = words.slice(at, at + wanted.length);
      box.append(words.slice(from, at), mark);
      from = at + wanted.length;
      first ??= turn;
    }
    box.append(words.slice(from));
  }
  if (first) {
    choose(turns.indexOf(first), { follow: false });
    first.scrollIntoView({ block: "center" });
  }
}
find?.addEventListener("input", seek);

const keys = $("[data-keys]");
$("[data-keys-open]").addEventListener("click", () => keys.showModal());

const BY_KEY = {
  j: () => step(1),
  ArrowRight: () => step(1),
  k: () => step(-1),
  ArrowLeft: () => step(-1),
  e: () => {
    const form = turns[current]?.querySelector("details");
    if (!form) return;
    form.open = true;
    $("input[name=words]", form).focus(); // at once: "toggle" comes later, and what is typed meanwhile would be lost
  },
  "/": () => find?.focus(),
  "?": () => keys.showModal(),
  "[": () => $("a[rel=prev]")?.click(),
  "]": () => $("a[rel=next]")?.click(),
};
// Keys of another layout stand on the same places.
const BY_PLACE = { KeyJ: "j", KeyK: "k", KeyE: "e", BracketLeft: "[", BracketRight: "]" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
  const target = event.target;
  if (target.closest("input, select, textarea")) {
    if (event.key === "Escape") {
      const form = target.closest("details");
      if (form) form.open = false;
      turns[current]?.focus();
      if (!form) target.blur();
    }
    return;
  }
  const operated = target.closest("button, a, summary");
  if (event.key === " " && !operated) playOrPause();
  else if (event.key === "Enter" && !operated && turns[current]) hear(Number(turns[current].dataset.from));
  else {
    const act = BY_KEY[event.key] ?? (event.shiftKey ? null : BY_KEY[BY_PLACE[event.code]]);
    if (!act) return;
    act();
  }
  event.preventDefault();
});

const asked = location.hash.startsWith("#turn-") ? turns.findIndex((turn) => `#${turn.id}` === location.hash) : -1;
if (asked >= 0) choose(asked);
