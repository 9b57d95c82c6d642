// Keeps a page of the plan up to date: asks the server for its parts now and then, puts
// in what has changed, and says when that could not be done.

import { morph } from "./morph.js";

const SOON = 1000; // when the server has said that more is coming
const PATIENCE = 20000;
const BEHIND = 60000;
const FIRST_PAUSE = 5;
const OLD_SECONDS = 150;

const root = document.getElementById("live-root");
const line = document.getElementById("live");
const words = document.getElementById("live-text");
const button = document.getElementById("refresh");
const texts = document.getElementById("live-texts").dataset;
const every = Number(root.dataset.every) * 1000;

let timer = 0;
let due = 0;
let failures = 0;
let updating = false;
let updatedAt = new Date();
let ahead = 0; // of the server's clock

class Refused extends Error {
  constructor(text, link) {
    super(text);
    this.link = link;
  }
}

async function update() {
  if (updating) return;
  updating = true;
  clearTimeout(timer);
  button.disabled = true;
  try {
    take(await fetchParts());
    failures = 0;
    updatedAt = new Date();
    say(texts.updated);
    plan(isPending() ? SOON : every);
  } catch (error) {
    failures += 1;
    if (error instanceof Refused) {
      say(error.message, true, error.link);
    } else {
      const seconds = Math.min(FIRST_PAUSE * 2 ** (failures - 1), every / 1000);
      const text = error.status ? texts.failed : texts.unreachable;
      say(fill(text, { seconds, status: error.status, clock: clock(updatedAt) }), true);
      plan(seconds * 1000);
    }
  } finally {
    updating = false;
    button.disabled = false;
  }
}

async function fetchParts() {
  const address = new URL(location.href);
  address.searchParams.set("parts", "1");
  address.hash = "";
  const answer = await fetch(address, { credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
  if (answer.redirected) throw new Refused(texts.signedOut, loginAddress(answer.url));
  if (answer.status === 403) throw new Refused(texts.forbidden);
  if (!answer.ok) throw Object.assign(new Error("status"), { status: answer.status });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Sign in, and come back to this page rather than to its parts. */
function loginAddress(url) {
  const address = new URL(url);
  address.searchParams.set("next", `${location.pathname}${location.search}`);
  return address.href;
}

/** Put in the parts that came; those that the server had no news of stay as they are. */
function take(news) {
  const focused = document.activeElement;
  const parts = [...news.querySelectorAll("[data-part]")];
  let before = null;
  for (const fresh of parts) {
    const old = document.getElementById(fresh.id);
    if (old) morph(old, fresh);
    else insert(document.importNode(fresh, true), before);
    before = document.getElementById(fresh.id);
  }
  if (news.querySelector("[data-alone]")) {
    for (const old of root.querySelectorAll("[data-part]")) {
      if (!parts.some((fresh) => fresh.id === old.id)) old.remove();
    }
  }
  if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
  settle(news);
}

/** What follows from what is on the page now. */
function settle(news) {
  const title = document.querySelector("[data-title]")?.dataset.title;
  if (title) document.title = title;
  for (const drawing of root.querySelectorAll(".drawing:not([data-seen])")) centre(drawing);
  readClock(news);
  tick();
}

/** A picture wider than its place begins with the object that the page is about. */
function centre(drawing) {
  drawing.dataset.seen = "";
  const box = drawing.querySelector(".target");
  if (box) drawing.scrollLeft = box.x.baseVal.value + box.width.baseVal.value / 2 - drawing.clientWidth / 2;
}

function insert(part, before) {
  if (before && root.contains(before)) before.after(part);
  else root.prepend(part);
}

const isPending = () => document.getElementById("part-fresh")?.hasAttribute("data-pending");

/** In a tab behind others the title still counts, but once a minute will do. */
function plan(milliseconds) {
  clearTimeout(timer);
  due = Date.now() + milliseconds;
  timer = setTimeout(update, document.hidden ? Math.max(milliseconds, BEHIND) : milliseconds);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && due && Date.now() >= due) update();
});
button.addEventListener("click", update);

// --- What it says ---------------------------------------------------------------------

function say(text, bad = false, link = "") {
  line.classList.toggle("bad", bad);
  if (words.textContent !== text) words.textContent = text;
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.textContent = texts.signIn;
    words.append(" ", anchor);
  }
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

function clock(date) {
  return `${date.toISOString().slice(11, 16)} UTC`;
}

function span(seconds) {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return hours % 24 ? `${Math.floor(hours / 24)} d ${hours % 24} h` : `${Math.floor(hours / 24)} d`;
}

function readClock(news) {
  const time = news.querySelector("time.ago");
  if (time) ahead = Date.parse(time.dateTime) + Number(time.dataset.age) * 1000 - Date.now();
}

/** Ages grow also while nothing comes. */
function tick() {
  for (const time of root.querySelectorAll("time.ago")) {
    const seconds = Math.max(0, (Date.now() + ahead - Date.parse(time.dateTime)) / 1000);
    const text = fill(texts.ago, { span: span(seconds) });
    if (time.textContent !== text) time.textContent = text;
    time.closest(".fresh")?.classList.toggle("old", seconds > OLD_SECONDS);
  }
}

settle(document);
setInterval(tick, 1000);
say(texts.updated);
button.hidden = false;
plan(isPending() ? 0 : every);
