// The chat page: what the person types goes to the socket, what it tells is shown.

import { keepCards } from "./cards.js";
import { Connection } from "./connection.js";
import { Ratings } from "./rating.js";
import { Turn } from "./turn.js";
import { element, page, say } from "./wording.js";

const transcript = document.getElementById("transcript");
const composer = document.getElementById("composer");
const question = document.getElementById("question");
const sendButton = document.getElementById("send");
const stopButton = document.getElementById("stop");
const problem = document.getElementById("problem");
const announcer = document.getElementById("announcer");
const connectionLine = document.getElementById("connection");
const connectionText = document.getElementById("connection-text");

const turns = new Map(); // by the server's id
const sent = new Map(); // questions without an echo yet, by client_id
let conversation = page.conversation;
let after = page.after;
let model = ""; // where answers come from: llm, computed, or down when it fails
let mine = null; // this socket's name: private frames to others are not for this page
let running = null;
let atEnd = true; // of the transcript
const ratings = new Ratings({ turns, conversation: () => conversation, changed: keepAtEnd });

// --- What is on the page already ---------------------------------------------

for (const details of page.turns) {
  const root = transcript.querySelector(`[data-turn="${details.turn}"]`);
  const turn = new Turn(root);
  turns.set(details.turn, turn);
  if (details.status === "running") {
    turn.restart();
    running = turn;
  } else {
    for (const call of details.tools) turn.tool(call);
    turn.details(details);
  }
}
for (const time of document.querySelectorAll("time")) {
  // The server does not know the reader's time zone.
  time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
}

// --- What the socket tells ------------------------------------------------------

const handlers = { info, message, stream, tool, error, config_update: configUpdate };

function heard(frame) {
  const first = frame.type === "info" && mine === null;
  if (first) mine = frame.socket;
  if (frame.conversation === conversation) after = Math.max(after, frame.seq);
  if (frame.socket !== undefined && frame.socket !== mine) return;
  handlers[frame.type]?.(frame);
}

function info(frame) {
  showModel(frame.mode);
  if (page.conversation) {
    connection.send({ type: "resume", conversation, after });
  } else {
    // Nothing has been asked yet: the new socket's conversation is as good.
    conversation = frame.conversation;
    after = frame.seq;
  }
  for (const [id, turn] of sent) connection.send(questionFrame(turn.question, id));
  ratings.read();
}

function message(frame) {
  if (sent.has(frame.client_id)) {
    // Also when it was sent again on another socket: the server knows it by its id.
    conversation = frame.conversation;
    after = frame.seq;
  }
  if (frame.conversation !== conversation) return;
  if (frame.sender === "user") echo(frame);
  else if (frame.is_final) end(frame);
}

function echo(frame) {
  rememberAddress(frame.message);
  const turn = sent.get(frame.client_id) ?? turns.get(frame.turn) ?? add(new Turn());
  sent.delete(frame.client_id);
  turn.begin(frame.message);
  turn.root.dataset.turn = frame.turn;
  turns.set(frame.turn, turn);
  run(turn);
}

function end(frame) {
  const turn = turns.get(frame.turn) ?? sent.get(frame.client_id) ?? add(new Turn());
  sent.delete(frame.client_id);
  turns.set(frame.turn, turn);
  keepAtEnd(() => turn.end(frame));
  if (frame.status === "ok") ratings.expect(frame.turn);
  run(stillRunning());
  if (model !== "computed") showModel(frame.mode === "computed" ? "down" : "llm");
  announcer.textContent = say("answered");
}

function stream(frame) {
  const turn = turns.get(frame.turn);
  if (turn?.isRunning) keepAtEnd(() => turn.piece(frame.message));
}

function tool(frame) {
  const turn = turns.get(frame.turn);
  if (turn) keepAtEnd(() => turn.tool(frame));
}

function error(frame) {
  const turn = frame.turn && turns.get(frame.turn);
  if (turn) {
    keepAtEnd(() => turn.fail(frame.message));
    return;
  }
  showProblem(frame.message);
  for (const turn of sent.values()) {
    turn.root.remove();
    if (!question.value) setQuestion(turn.question);
  }
  sent.clear();
  run(stillRunning());
}

function configUpdate(frame) {
  const select = document.getElementById("agent");
  const chosen = select.value;
  select.replaceChildren(...frame.agents.map((agent) => new Option(agent.name, agent.id)));
  select.value = chosen;
  announcer.textContent = say("agentsChanged");
}

// --- What the person does --------------------------------------------------------

function ask(text) {
  const client_id = uuid();
  const frame = questionFrame(text, client_id);
  if (new TextEncoder().encode(JSON.stringify(frame)).length > page.longestFrame) {
    showProblem(say("tooLong"));
    return false;
  }
  hideProblem();
  const turn = add(new Turn());
  turn.begin(text);
  sent.set(client_id, turn);
  run(turn);
  connection.send(frame); // if it cannot, the next socket will
  atEnd = true;
  keepAtEnd(() => {});
  return true;
}

function questionFrame(text, client_id) {
  return { type: "message", message: text, client_id, conversation };
}

/** crypto.randomUUID() exists only on pages that come over TLS or from this machine. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

function setQuestion(text) {
  question.value = text;
  grow();
}

function grow() {
  question.style.height = "auto";
  question.style.height = `${question.scrollHeight + 2}px`;
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = question.value.trim();
  if (!text || running) return;
  if (ask(text)) setQuestion("");
  question.focus();
});

let height = transcript.clientHeight;
transcript.addEventListener("scroll", () => {
  if (transcript.clientHeight !== height) return; // the window moved, not the reader
  atEnd = transcript.scrollHeight - transcript.scrollTop - transcript.clientHeight < 60;
});
new ResizeObserver(() => {
  height = transcript.clientHeight;
  keepAtEnd(() => {});
}).observe(transcript);

question.addEventListener("input", grow);
question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    composer.requestSubmit();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && running) {
    event.preventDefault();
    stop();
  }
});
stopButton.addEventListener("click", stop);

function stop() {
  connection.send({ type: "stop" });
  question.focus();
}

for (const example of document.querySelectorAll(".example")) {
  example.addEventListener("click", () => { if (!running) ask(example.textContent); });
}

document.getElementById("agent").addEventListener("change", (event) => event.target.form.submit());

const wide = matchMedia("(min-width: 761px)");
const conversations = document.getElementById("conversations");
conversations.open = wide.matches;
wide.addEventListener("change", () => { conversations.open = wide.matches; });

// --- Helpers -----------------------------------------------------------------------

function add(turn) {
  document.getElementById("empty").hidden = true;
  keepAtEnd(() => transcript.append(turn.root));
  return turn;
}

/** Whoever reads the end stays there; whoever scrolled back is not torn away. */
function keepAtEnd(change) {
  change();
  if (atEnd) transcript.scrollTop = transcript.scrollHeight;
}

function run(turn) {
  const began = turn && turn !== running;
  running = turn;
  stopButton.hidden = !turn;
  sendButton.hidden = Boolean(turn);
  if (began) announcer.textContent = say("answering");
}

function stillRunning() {
  return [...turns.values(), ...sent.values()].find((turn) => turn.isRunning) ?? null;
}

/** From its first question on the conversation has an address, and a place in the list. */
function rememberAddress(title) {
  if (page.conversation) return;
  page.conversation = conversation;
  history.replaceState(null, "", `?c=${conversation}`);
  const link = element("a", "", title.slice(0, 120));
  link.href = `?c=${conversation}`;
  link.setAttribute("aria-current", "true");
  const item = element("li");
  item.append(link);
  conversations.querySelector("ul").prepend(item);
}

function showProblem(text) {
  problem.textContent = text;
  problem.hidden = false;
}

function hideProblem() {
  problem.hidden = true;
}

function state(name, { seconds, text } = {}) {
  connectionLine.dataset.state = name;
  connectionLine.dataset.model = model;
  if (name !== "open") mine = null;
  connectionText.textContent = {
    connecting: () => say("connecting"),
    open: () => [say("connected"), model && say(`model.${model}`)].filter(Boolean).join(" · "),
    lost: () => say("lost", { seconds }),
    closed: () => say(text),
  }[name]();
  if (name === "closed") {
    showProblem(say(text));
    sendButton.disabled = true;
  }
}

function showModel(name) {
  model = name;
  state("open");
}

// --- Begin ---------------------------------------------------------------------------

run(running);
grow();
keepAtEnd(() => {});
keepCards();
const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const address = `${scheme}//${location.host}/ws/${encodeURIComponent(page.agent)}/`;
const connection = new Connection(address, { frame: heard, state, problem: (name) => showProblem(say(name)) });
if (page.agent && !question.disabled) connection.open(); // which reads the ratings, too
else ratings.read();
