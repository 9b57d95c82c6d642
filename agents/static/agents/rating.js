// What the reader says of an answer: it helped, or it was wrong, and in what.

import { say } from "./wording.js";

const LEAST_CONTENT = 3; // of 5: below it the answer was wrong
const LOOK_AGAIN = [300, 1500, 5000]; // an answer is remembered just after it was told
const PATIENCE = 15000;
const PROBLEMS = { 401: "signedOut", 403: "rateReload", 404: "rateNothing", 409: "rateNothing", 429: "rateTooMany" };

/** The buttons under one answer. */
class Rating {
  constructor(root, id, changed) {
    this.root = root;
    this.id = id;
    this.changed = changed;
    this.rating = null; // as the buttons show it
    this.saved = { rating: null, comment: "", rated_at: null };
    this.asked = 0; // how often something was sent
    this.busy = false; // what was sent last is not answered yet
    this.work = Promise.resolve();
    this.thumbs = [...root.querySelectorAll(".thumb")];
    this.form = root.querySelector("form");
    this.input = root.querySelector("input");
    this.words = root.querySelector(".words");
    this.told = root.querySelector(".told");
    for (const thumb of this.thumbs) thumb.addEventListener("click", () => this.press(Number(thumb.dataset.rating)));
    this.words.addEventListener("click", () => this.open());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.thumbs.at(-1).focus();
      this.send(this.rating, this.input.value);
    });
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation(); // a running answer goes on
      this.close();
    });
  }

  press(rating) {
    const wanted = isWrong(this.rating) === isWrong(rating) ? null : rating;
    this.changed(() => {
      this.mark(wanted);
      this.form.hidden = !isWrong(wanted);
      this.words.hidden = true;
      this.input.value = "";
    });
    this.send(wanted, "");
  }

  open() {
    this.changed(() => {
      this.form.hidden = false;
      this.words.hidden = true;
    });
    this.input.value = this.saved.comment;
    this.input.focus();
  }

  close() {
    this.form.hidden = true;
    this.paint();
    this.words.focus();
  }

  /** One after the other, so that the last press is the last word. */
  send(rating, comment) {
    const mine = ++this.asked;
    this.busy = true;
    this.work = this.work.then(async () => {
      const [told, problem] = await put(this.id, rating, comment);
      if (told) {
        this.keep(told);
        channel.postMessage(told);
      }
      if (mine !== this.asked) return;
      this.busy = false;
      // What was written is not lost when it could not be sent.
      if (problem ? !comment : comment) this.form.hidden = true;
      this.paint(problem ?? thanks(this.saved));
    });
  }

  /** What another tab said, or the server tells when it is asked again. */
  hear(told) {
    const isNew = this.keep(told) || this.root.hidden;
    if (isNew && !this.busy) this.paint();
  }

  /** An older word does not undo a newer one; true when this one is newer. */
  keep(told) {
    const isNew = time(told) > time(this.saved);
    if (isNew) this.saved = told;
    return isNew;
  }

  paint(message = "") {
    const { rating, comment } = this.saved;
    const wrong = isWrong(rating);
    this.mark(rating);
    this.changed(() => {
      if (!wrong) this.form.hidden = true;
      this.words.textContent = say(comment ? "rateChange" : "rateAdd");
      this.words.hidden = !wrong || !this.form.hidden;
      this.told.textContent = [message, comment && say("rateSaid", { comment })].filter(Boolean).join(" ");
      this.root.hidden = false;
    });
  }

  mark(rating) {
    this.rating = rating;
    for (const thumb of this.thumbs) {
      thumb.setAttribute("aria-pressed", String(isWrong(rating) === isWrong(Number(thumb.dataset.rating))));
    }
  }
}

/** True, false, or null where nothing is said. */
function isWrong(rating) {
  return rating === null ? null : rating < LEAST_CONTENT;
}

function time(told) {
  return told.rated_at ? Date.parse(told.rated_at) : 0;
}

function thanks(told) {
  if (told.rating === null) return say("rateBack");
  return say(isWrong(told.rating) ? "rateWrong" : "rateHelped");
}

async function put(id, rating, comment) {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  const request = { headers: { "X-CSRFToken": token, Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) };
  if (rating === null) request.method = "DELETE";
  else {
    request.method = "PUT";
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify({ rating, comment });
  }
  try {
    const response = await fetch(`/api/turns/${id}/rating`, request);
    if (response.ok) return [await response.json(), null];
    return [null, say(PROBLEMS[response.status] ?? "rateFailed")];
  } catch {
    return [null, say("rateFailed")];
  }
}

// Other tabs of this browser hear it at once, others when they are looked at again.
const channel = new BroadcastChannel("resync-ratings");

export class Ratings {
  /** @param {{turns: Map, conversation: Function, changed: Function}} chat */
  constructor({ turns, conversation, changed }) {
    this.turns = turns;
    this.conversation = conversation;
    this.changed = changed;
    this.shown = new Map();
    channel.addEventListener("message", (event) => this.show(event.data));
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.read(); });
  }

  /** A turn has ended well: its answer can be rated as soon as it is remembered. */
  async expect(id) {
    for (const pause of LOOK_AGAIN) {
      await new Promise((done) => { setTimeout(done, pause); });
      await this.read();
      if (this.shown.has(id)) return;
    }
  }

  async read() {
    if (!this.turns.size) return;
    try {
      const response = await fetch(`/api/conversations/${this.conversation()}/ratings`, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (response.ok) for (const told of (await response.json()).ratings) this.show(told);
    } catch {
      // What is shown stays; the next look may do better.
    }
  }

  show(told) {
    const turn = this.turns.get(told.turn);
    if (!turn) return;
    if (!this.shown.has(told.turn)) {
      this.shown.set(told.turn, new Rating(turn.root.querySelector(".rating"), told.turn, this.changed));
    }
    this.shown.get(told.turn).hear(told);
  }
}
