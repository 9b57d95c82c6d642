// Keeps a page of the plan up to date. A socket tells what has changed and just that is
// fetched; while there is no socket the page asks now and then. What it does, it says.

import { Line } from "./line.js";
import { Parts, Refused } from "./parts.js";

const SOON = 1000; // when the server has said that more is coming
const FIRST_PAUSE = 5;
const OLD_SECONDS = 150;
const SPREAD = 400; // not all pages at once
// So long nothing may be told on a socket before the page asks by itself.
const SILENCES = 3;
const MOST_NEWS = 3;

const root = document.getElementById("live-root");
const line = document.getElementById("live");
const words = document.getElementById("live-text");
const newsLine = document.getElementById("live-news");
const button = document.getElementById("refresh");
const texts = document.getElementById("live-texts").dataset;
const every = Number(root.dataset.every) * 1000;

let timer = 0;
let catching = 0;
let failures = 0;
let updating = false;
let digests = null; // what the socket told while an update was under way
let updatedAt = new Date();
let ahead = 0; // of the server's clock

const parts = new Parts(root);
const socket = new Line(root.dataset.socket, { told, changed, lost });

async function update(names = "1") {
  if (updating || document.hidden) return;
  updating = true;
  clearTimeout(timer);
  button.disabled = true;
  try {
    const news = await parts.fetch(names);
    tell(parts.take(news));
    settle(news);
    failures = 0;
    updatedAt = new Date();
    sayHow();
    plan(pause());
  } catch (error) {
    failed(error);
  } finally {
    updating = false;
    button.disabled = false;
  }
  if (digests) told(digests);
}

function pause() {
  if (parts.isPending) return SOON;
  return socket.isLive ? SILENCES * every : every;
}

function failed(error) {
  failures += 1;
  if (error instanceof Refused) {
    socket.close();
    say(texts[error.reason], "bad", error.link);
    return;
  }
  const seconds = Math.min(FIRST_PAUSE * 2 ** (failures - 1), every / 1000);
  const text = error.status ? texts.failed : texts.unreachable;
  say(fill(text, { seconds, status: error.status, clock: clock(updatedAt) }), "bad");
  plan(seconds * 1000);
}

function plan(milliseconds) {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(update, milliseconds);
}

/** The socket says what there is; what the page has not is fetched in a moment. */
function told(there) {
  digests = updating ? there : null;
  clearTimeout(catching);
  if (updating) return;
  catching = setTimeout(() => {
    if (updating) {
      digests = there;
      return;
    }
    const names = parts.outdated(there);
    if (names) update(names);
  }, Math.random() * SPREAD);
}

/** The socket came or went. */
function changed() {
  if (!updating && !failures && timer) plan(pause());
  sayHow();
}

function lost({ refused }) {
  if (refused) update(); // whose answer tells why
  sayHow();
}

document.addEventListener("visibilitychange", () => (document.hidden ? rest() : wake()));
addEventListener("pagehide", rest);
addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
button.addEventListener("click", () => {
  socket.hurry();
  update();
});

/** Behind other tabs nothing is asked, and the server looks for nobody. */
function rest() {
  clearTimeout(timer);
  timer = 0;
  clearTimeout(catching);
  socket.close();
}

function wake() {
  socket.open();
  update();
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

// --- What it says ---------------------------------------------------------------------

function sayHow() {
  if (failures) return;
  if (socket.isLive) say(texts.live, "on");
  else if (socket.hasFailed) say(fill(texts.reconnecting, { seconds: every / 1000 }), "lost");
  else say(texts.updated);
}

function say(text, look = "", link = "") {
  if (line.dataset.look !== look) line.dataset.look = look;
  if (words.textContent !== text) words.textContent = text;
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.textContent = texts.signIn;
    words.append(" ", anchor);
  }
}

/** To those who hear the page: not every number, but each cause that is new. */
function tell(causes) {
  if (!causes.length) return;
  const told = causes.slice(0, MOST_NEWS).map((cause) => {
    const what = [".kind", "h3", ".toll .some"].map((selector) => textOf(cause, selector));
    return fill(texts.news, { what: what.filter(Boolean).join(", ") });
  });
  if (causes.length > MOST_NEWS) told.push(fill(texts.moreNews, { more: causes.length - MOST_NEWS }));
  newsLine.textContent = told.join(" ");
}

const textOf = (element, selector) =>
  (element.querySelector(selector)?.textContent ?? "").trim().replace(/\s+/g, " ");

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
button.hidden = false;
sayHow();
if (!document.hidden) {
  socket.open();
  plan(parts.isPending ? 0 : every);
}
