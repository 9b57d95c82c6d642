// The plan at a glance: read every half minute, with the age of what is shown.

import { duration, say } from "./wording.js";

const EVERY = 30000;
const PATIENCE = 20000;

const cards = Object.fromEntries(
  ["abend", "succ", "workstations", "tws"].map((name) => [name, document.getElementById(`card-${name}`)]),
);
let readAt = null;

function show(name, state, figure, detail) {
  const card = cards[name];
  card.dataset.state = state;
  card.querySelector(".figure").textContent = figure;
  const line = card.querySelector(".detail");
  line.textContent = detail;
  line.title = detail;
}

function names(items, total, most = 3) {
  const shown = items.slice(0, most).map((item) => item.name).join(", ");
  const left = total - Math.min(most, items.length);
  return left > 0 ? `${shown} ${say("more", { count: left })}` : shown;
}

function showStatus(status) {
  const errors = status.errors ?? [];
  const inAbend = status.errors_total ?? errors.length;
  const counts = status.counts ?? {};
  show("abend", inAbend ? "bad" : "good", String(inAbend), inAbend ? names(errors, inAbend) : say("abendNone"));
  const values = {
    total: status.total ?? 0,
    running: counts.RUNNING ?? counts.EXEC ?? 0,
    waiting: (counts.WAITING ?? 0) + (counts.READY ?? 0) + (counts.HOLD ?? 0),
  };
  show("succ", "plain", String(counts.SUCCESSFUL ?? counts.SUCC ?? 0), say("succOf", values));
  showWorkstations(status.workstations ?? {});
  showConnection(status);
  readAt = Date.parse(status.read_at);
  showAges(status.stale);
}

function showWorkstations(workstations) {
  const down = workstations.down ?? 0;
  const bad = (workstations.list ?? []).filter((item) => item.trouble || item.ignored);
  const detail = down ? say("inTrouble", { names: names(bad, down) }) : say("allUp");
  show("workstations", down ? "warn" : "good", `${workstations.up ?? 0} / ${workstations.total ?? 0}`, detail);
}

function showConnection(status) {
  const engine = status.engine ?? {};
  const parts = [engine.version && say("twsDetail", { version: engine.version })];
  if (engine.batchman) parts.push(say("batchman", { state: engine.batchman }));
  const old = [say("staleDetail"), status.stale_reason].filter(Boolean).join(" ");
  if (status.stale) show("tws", "warn", say("twsStale"), old);
  else show("tws", "good", say("twsUp"), parts.filter(Boolean).join(", "));
}

function showTrouble(detail) {
  show("tws", "bad", say("twsDown"), detail || say("statusDown"));
  for (const name of ["abend", "succ", "workstations"]) {
    if (readAt === null) show(name, "unknown", "–", "");
  }
  showAges(true);
}

function showAges(stale) {
  if (stale !== undefined) for (const card of Object.values(cards)) card.dataset.stale = String(stale);
  if (readAt === null) return;
  const age = say("age", { age: duration(Math.max(0, (Date.now() - readAt) / 1000)) });
  for (const card of Object.values(cards)) card.querySelector(".age").textContent = age;
}

async function read() {
  try {
    const response = await fetch("/api/status", {
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE),
    });
    const status = await response.json();
    if (response.ok) showStatus(status);
    else showTrouble(status.detail);
  } catch {
    showTrouble("");
  }
}

export function keepCards() {
  read();
  setInterval(() => { if (!document.hidden) read(); }, EVERY);
  setInterval(() => showAges(), 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) read(); });
}
