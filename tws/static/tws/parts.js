// The parts of a page of the plan: which of them are no longer what the server has, how
// they are fetched, and how they are put in without disturbing whoever reads.

import { morph } from "./morph.js";

const PATIENCE = 20000;
const GLOW = { duration: 2500, easing: "ease-out" };
// A number or a word that is looked for is seen to have changed.
const GLOWING = ".figure, .toll b, .count, .status .word";

export class Refused extends Error {
  constructor(reason, link = "") {
    super(reason);
    this.reason = reason;
    this.link = link;
  }
}

export class Parts {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.isWhole = "whole" in root.dataset; // the page of an object, renewed as one
    this.seen = null; // the age that a page renewed as one was shown for
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  get isPending() {
    return document.getElementById("part-fresh")?.hasAttribute("data-pending") ?? false;
  }

  /** What to fetch, given what there is now: "" for nothing. */
  outdated(digests) {
    if (this.isWhole) {
      const before = this.seen;
      this.seen = digests.fresh;
      return before === null || before === digests.fresh ? "" : "1";
    }
    const names = [...this.root.querySelectorAll("[data-digest]")]
      .filter((part) => digests[nameOf(part)] && digests[nameOf(part)] !== part.dataset.digest)
      .map(nameOf);
    if (names.includes("fresh") && document.getElementById("part-found")) names.push("found");
    return names.length && this.isPending ? "1" : names.join(",");
  }

  async fetch(names) {
    const address = new URL(location.href);
    address.searchParams.set("parts", names);
    address.hash = "";
    const answer = await fetch(address, { credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.redirected) throw new Refused("signedOut", loginAddress(answer.url));
    if (answer.status === 403) throw new Refused("forbidden");
    if (!answer.ok) throw Object.assign(new Error("status"), { status: answer.status });
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  /**
   * Put in the parts that came; those that the server had no news of stay as they are.
   * Returns the causes that were not there before.
   */
  take(news) {
    const focused = document.activeElement;
    const isFirst = this.isPending; // then it is not news, but what was not there yet
    const before = isFirst ? null : this.causes();
    const noted = (element) => { if (!isFirst) this.glow(element.closest(GLOWING)); };
    const parts = [...news.querySelectorAll("[data-part]")];
    let last = null;
    for (const fresh of parts) {
      const old = document.getElementById(fresh.id);
      if (old) morph(old, fresh, noted);
      else this.insert(document.importNode(fresh, true), last);
      last = document.getElementById(fresh.id);
    }
    if (news.querySelector("[data-alone]")) this.keepOnly(parts);
    if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
    return this.added(before);
  }

  keepOnly(parts) {
    for (const old of this.root.querySelectorAll("[data-part]")) {
      if (!parts.some((fresh) => fresh.id === old.id)) old.remove();
    }
  }

  insert(part, before) {
    if (before && this.root.contains(before)) before.after(part);
    else this.root.prepend(part);
  }

  /** By their keys; null while they are not known. */
  causes() {
    const part = document.querySelector("#part-causes[data-known]");
    return part && new Map([...part.querySelectorAll(".incident")].map((cause) => [cause.dataset.key, cause]));
  }

  added(before) {
    const now = this.causes();
    if (!before || !now) return [];
    const added = [...now].filter(([key]) => !before.has(key)).map(([, cause]) => cause);
    for (const cause of added) this.glow(cause);
    return added;
  }

  /** By animation alone: nothing of the page itself changes for it. */
  glow(element) {
    if (!element || this.calm.matches) return;
    element.animate([{ backgroundColor: "var(--glow)" }, {}], GLOW);
  }
}

const nameOf = (part) => part.id.replace("part-", "");

/** Sign in, and come back to this page rather than to its parts. */
function loginAddress(url) {
  const address = new URL(url);
  address.searchParams.set("next", `${location.pathname}${location.search}`);
  return address.href;
}
