// One question and its answer on the page, from the first piece to the details.

import { duration, element, say } from "./wording.js";

const template = document.getElementById("turn-template");
const KNOWN_STATES = ["running", "ok", "no_data", "failed"];

export class Turn {
  constructor(root) {
    this.root = root ?? template.content.firstElementChild.cloneNode(true);
    this.text = this.root.querySelector(".text");
    this.tools = this.root.querySelector(".tools");
    this.trouble = this.root.querySelector(".trouble");
    this.about = this.root.querySelector(".about");
    this.calls = new Map();
    this.received = "";
    this.question = "";
  }

  get isRunning() {
    return this.root.dataset.status === "running";
  }

  begin(question) {
    this.question = question;
    const said = this.root.querySelector(".said");
    said.textContent = question;
    said.classList.add("plain");
    this.restart();
  }

  /** Back to where nothing has been told yet. */
  restart() {
    this.root.dataset.status = "running";
    this.received = "";
    this.text.textContent = "";
    this.text.classList.add("plain");
    this.trouble.hidden = true;
    this.about.hidden = true;
    this.calls.clear();
    this.tools.hidden = true;
    this.tools.querySelector("ol").replaceChildren();
  }

  piece(text) {
    this.received += text;
    this.text.textContent = this.received;
  }

  tool(call) {
    const item = this.calls.get(call.call_id) ?? element("li");
    this.calls.set(call.call_id, item);
    item.replaceChildren(...describe(call));
    this.tools.querySelector("ol").append(item);
    this.tools.hidden = false;
    const count = this.calls.size;
    const running = call.state === "running";
    this.tools.querySelector("summary").textContent = running
      ? say("working")
      : say(count === 1 ? "tool" : "tools", { count });
  }

  /** The final frame: the server's HTML is built from a short list of harmless tags. */
  end(frame) {
    this.text.classList.remove("plain");
    this.text.innerHTML = frame.html;
    this.details(frame);
  }

  details(turn) {
    this.root.dataset.status = turn.status;
    markAbend(this.text);
    this.explain(turn);
    this.about.replaceChildren(badge(turn.mode), ...grounding(turn.grounding), ...sources(turn.sources));
    this.about.hidden = false;
    this.about.querySelectorAll(":scope > :empty").forEach((empty) => empty.remove());
  }

  explain(turn) {
    const reason = turn.status === "ok" ? "" : say(`status.${turn.status}`);
    const parts = [reason, turn.status === "stopped" ? "" : turn.error].filter(Boolean);
    this.trouble.textContent = parts.join(" ");
    this.trouble.hidden = parts.length === 0;
  }

  fail(message) {
    this.trouble.textContent = message;
    this.trouble.hidden = false;
  }
}

/** The one word that must be seen at three in the morning. */
function markAbend(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) if (/\bABEND\b/.test(walker.currentNode.data)) found.push(walker.currentNode);
  for (const node of found) {
    const parts = node.data.split(/\b(ABEND)\b/).map((part) => (part === "ABEND" ? element("strong", "abend", part) : part));
    node.replaceWith(...parts);
  }
}

function describe(call) {
  const state = call.state ?? call.status;
  const line = element("span");
  const name = element("code", "", call.name);
  const args = element("code", "", shorten(JSON.stringify(call.arguments ?? {})));
  const known = KNOWN_STATES.includes(state) ? state : "failed";
  const ended = call.ms ? `${say(known)}, ${call.ms} ms` : say(known);
  line.append(name, " ", args, " ", element("span", `state ${known}`, ended));
  if (!call.output) return [line];
  const more = element("details");
  const summary = element("summary");
  summary.append(line);
  more.append(summary, element("pre", "", call.output));
  return [more];
}

function shorten(text) {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function badge(mode) {
  const known = mode === "llm" ? "llm" : "computed";
  const made = element("span", "badge", say(known));
  made.title = say(`${known}Title`);
  return made;
}

function grounding(checked) {
  const claims = checked?.claims ?? [];
  const supported = checked?.supported ?? 0;
  const bad = (checked?.unsupported ?? 0) + (checked?.contradicted ?? 0);
  const count = supported + bad;
  if (!count) return [];
  const one = count === 1 ? "One" : "";
  const more = element("details", bad ? "doubt" : "");
  more.append(element("summary", "", say((bad ? "doubted" : "checked") + one, { count, bad })));
  const list = element("ul", "claims");
  list.append(...claims.map(describeClaim));
  if (claims.length) more.append(list);
  return [more];
}

function describeClaim(claim) {
  const outcome = ["supported", "unsupported", "contradicted"].includes(claim.outcome)
    ? claim.outcome : "unsupported";
  const item = element("li", outcome);
  const subject = claim.subject ? [element("code", "", claim.subject), " "] : [];
  const verdict = element("span", "outcome", say(outcome, { found: claim.found || "–" }));
  item.append(...subject, element("code", "", claim.stated ?? claim.text ?? ""), " – ", verdict);
  return item;
}

function sources(recalled) {
  if (!recalled?.length) return [];
  const count = recalled.length;
  const more = element("details");
  more.append(element("summary", "", say(count === 1 ? "source" : "sources", { count })));
  const list = element("ul");
  for (const source of recalled) {
    const age = (Date.now() - Date.parse(source.created_at)) / 1000;
    const item = element("li", "", source.question);
    const trust = ["approved", "passed", "unjudged"].includes(source.trust) ? say(source.trust) : "";
    const told = Number.isFinite(age) ? say("age", { age: duration(age) }) : "";
    item.append(" ", element("span", "badge", [told, trust].filter(Boolean).join(", ")));
    list.append(item);
  }
  more.append(list);
  return [more];
}
