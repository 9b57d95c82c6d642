// The page's words in the reader's language, and numbers put into them.

export const page = JSON.parse(document.getElementById("page").textContent);

export function say(name, values = {}) {
  const text = page.texts[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
}

export function duration(seconds) {
  if (seconds < 90) return say("seconds", { count: Math.round(seconds) });
  if (seconds < 5400) return say("minutes", { count: Math.round(seconds / 60) });
  if (seconds < 172800) return say("hours", { count: Math.round(seconds / 3600) });
  return say("days", { count: Math.round(seconds / 86400) });
}

/** An element with a class and text; text from outside never becomes HTML here. */
export function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
