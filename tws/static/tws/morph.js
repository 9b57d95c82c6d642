// Makes one piece of a page equal to another by changing only what differs: whoever
// reads, has opened or has focused something in it is not disturbed.

/** What is the reader's own: it is not taken from the server. */
const KEPT = { DETAILS: ["open"], DIV: ["data-seen"] };

/** Calls `noted` with each element in which a text has changed. */
export function morph(old, fresh, noted = () => {}) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
    old.replaceWith(document.importNode(fresh, true));
  } else if (old.nodeType !== Node.ELEMENT_NODE) {
    old.data = fresh.data;
    if (fresh.data.trim()) noted(old.parentElement);
  } else if (old.nodeName !== "FORM") {
    morphAttributes(old, fresh);
    morphChildren(old, fresh, noted);
  }
}

function morphAttributes(old, fresh) {
  const kept = KEPT[old.nodeName] ?? [];
  for (const { name, value } of fresh.attributes) {
    if (!kept.includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!kept.includes(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
}

function morphChildren(old, fresh, noted) {
  const keyed = new Map();
  for (const child of old.children) if (keyOf(child)) keyed.set(keyOf(child), child);
  let at = old.firstChild;
  for (const wanted of fresh.childNodes) {
    const match = partner(wanted, at, keyed);
    if (!match) {
      old.insertBefore(document.importNode(wanted, true), at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    morph(match, wanted, noted);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** The old node that is to become this one: that of the same key, or the next in line. */
function partner(wanted, at, keyed) {
  const key = keyOf(wanted);
  if (!key) return at && !keyOf(at) && at.nodeName === wanted.nodeName ? at : null;
  const match = keyed.get(key);
  keyed.delete(key);
  return match?.nodeName === wanted.nodeName ? match : null;
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.key || "" : "";
}
