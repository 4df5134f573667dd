// Draws a tree of nodes with textContent only, so a name is shown letter for letter.
const STYLE = new CSSStyleSheet();
const style = await fetch(new URL("boxes.css" + new URL(import.meta.url).search, import.meta.url));
STYLE.replaceSync(await style.text());

const TAGS = new Set(
  ("a article b dd details div dl dt h1 h2 h3 input label li nav ol option p section select span " +
    "strong summary table tbody td th thead tr ul").split(" "),
);
const ATTRIBUTES = new Set(
  ("aria-current aria-describedby aria-hidden aria-label id max maxlength min name role scope " +
    "tabindex title type").split(" "),
);
const OUTSIDE = /^https?:\/\//i;
const OURS = /^(\.\/)?[a-z]*\?/; // a page of this app with its state, never another scheme

// A box may be older than the day in the address, and never knows how the page is embedded.
const KEPT = ["as_of", "seen", "embed", "embed_options"];
const PAUSE = 500; // milliseconds in which a person goes on to the next option, or part of a date

// While a button is held down nothing is drawn anew, for a second at most: the press that leaves a field
// is also a press on something else, which must still be there when it is let go.
const HELD = 1000;
let held = false;
let told = true;
addEventListener("pointerdown", () => (held = true), true);
for (const end of ["pointerup", "pointercancel"]) {
  addEventListener(end, () => ((held = false), told || setTimeout(tell)), true);
}

// Streamlit is told as the browser tells it of Back and Forward: it opens what the address names, adds
// no step of its own and lets the address win over the session.
function tell(even) {
  if (told || (held && !even)) return;
  told = true;
  dispatchEvent(new PopStateEvent("popstate"));
}

// The server draws a chart's words in the ink of the ground that it knows of: it is told of another.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  told = false;
  setTimeout(tell, PAUSE);
});

// What the page was drawn of; where something newer has been published since, it is drawn anew.
const ASKED_EVERY = 30_000; // milliseconds
let newest = null;
let asking = null;
async function ask() {
  clearTimeout(asking);
  asking = setTimeout(ask, ASKED_EVERY);
  if (newest === null || document.hidden) return;
  const asked = fetch(new URL("newest", document.baseURI)).then((answer) => answer.ok && answer.text());
  const named = await asked.catch(() => false);
  if (named === false || named === newest) return; // without an answer the page stays as it is
  told = false;
  tell();
}
ask();
document.addEventListener("visibilitychange", ask);

// What a person chose is one step in the browser's history. Nothing else writes the address.
function step(there) {
  if (there.href === location.href) return;
  history.pushState({}, "", there);
  told = false;
  setTimeout(tell); // after all that this very press does
  setTimeout(tell, HELD, true);
}

function follow(event, address) {
  const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  const link = event.composedPath()[0].closest("a");
  if (modified) return; // the browser's own: new tab, new window
  if (link && link.target) return;
  if (!link && String(getSelection())) return; // selecting text in a box is not a click on it
  event.preventDefault();
  if (event.detail > 1) return; // the second half of a double click, on what the first has opened
  step(there(address));
}

// An address of ours with what the page's own address keeps.
function there(address) {
  const there = new URL(address, document.baseURI);
  const here = new URLSearchParams(location.search);
  for (const name of KEPT) {
    const ends = there.searchParams.get(name) === ""; // a link that says so leads back to today
    there.searchParams.delete(name);
    if (ends) continue;
    for (const value of here.getAll(name)) there.searchParams.append(name, value);
  }
  return there;
}

// This page with the field's value in its address; without it, where that is what it opens with.
function choose(field) {
  clearTimeout(field.pause);
  const there = new URL(location.href);
  const now = there.searchParams.get(field.name) ?? field.opens;
  if (field.validity.badInput || field.value === now) return; // half a date is none
  field.typed = field.edited = false;
  for (const name of [field.name, ...field.drops]) there.searchParams.delete(name);
  if (field.value !== field.opens) there.searchParams.set(field.name, field.value);
  step(there);
}

// What is typed is chosen with Enter, or with Tab, or by leaving the field: on its way to a date it is
// many others. An option that is reached with arrow keys is, when they rest. All else at once.
function listen(root) {
  root.addEventListener("click", (event) => {
    const on = event.composedPath().find((element) => element.go);
    if (on) follow(event, on.go);
  });
  root.addEventListener("pointerdown", ({ target }) => (target.typed = false));
  root.addEventListener("keydown", ({ target, key, altKey, ctrlKey, metaKey }) => {
    if (!target.name || altKey || ctrlKey || metaKey || key === "Shift") return;
    clearTimeout(target.pause);
    if (key === "Enter") choose(target);
    else if (key !== "Tab") target.typed = true;
    else if (target.edited) target.pause = setTimeout(choose, PAUSE, target);
  });
  root.addEventListener("input", ({ target }) => (target.edited = true));
  root.addEventListener("change", ({ target }) => {
    held = false; // a list or a calendar that has opened keeps the release to itself
    if (!target.typed) return choose(target);
    clearTimeout(target.pause);
    if (target.localName === "select") target.pause = setTimeout(choose, PAUSE, target);
  });
  root.addEventListener("focusout", ({ target }) => {
    if (!target.name || location.pathname !== target.page) return; // it goes with its page
    if (target.validity.badInput) target.value = target.shown;
    else if (target.edited) choose(target);
    target.typed = target.edited = false;
  });
}

// A key follows the link that names it, but for who is in a field or in what scrolls by itself. What
// turns a page goes on doing so where there is more of it to be seen.
const USES_KEYS = "input, select, textarea, [contenteditable], [role=region], [role=menu], [role=listbox]";
const roots = new Set();
addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  const [on] = event.composedPath();
  if (on.closest && on.closest(USES_KEYS)) return;
  const main = document.querySelector("[data-testid=stMain]");
  if (/^(Page|Home|End)/.test(event.key) && main && main.scrollHeight > main.clientHeight + 1) return;
  for (const root of roots) {
    const links = root.isConnected ? [...root.querySelectorAll("a")] : [];
    const link = links.find(({ keys }) => keys && keys.includes(event.key));
    if (!link) continue;
    event.preventDefault();
    return event.repeat || step(there(link.go));
  }
});

// The element of a node; the one that is there already if it is of that kind, so that focus, selected
// text and what is being typed stay.
function make(node, old) {
  const tag = TAGS.has(node.tag) ? node.tag : "span";
  const element = old && old.localName === tag ? old : document.createElement(tag);
  const wanted = Object.fromEntries(
    Object.entries(node.attributes).filter(([name]) => ATTRIBUTES.has(name)),
  );
  if (node.cls) wanted.class = node.cls;
  if (node.keys) wanted["aria-keyshortcuts"] = node.keys;
  if (node.href && OUTSIDE.test(node.href)) {
    Object.assign(wanted, { href: node.href, target: "_blank", rel: "noopener noreferrer" });
  } else if (node.href && OURS.test(node.href)) {
    wanted.href = node.href;
  }
  for (const name of element.ours ?? []) if (!(name in wanted)) element.removeAttribute(name);
  for (const [name, value] of Object.entries(wanted)) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
  element.ours = Object.keys(wanted);
  for (const name of ["size", "count"]) element.style.setProperty(`--${name}`, node[name] ?? "");
  element.style.gridArea = node.place ?? "";
  newest = node.newest ?? newest;
  element.keys = node.keys ? node.keys.split(" ") : null;
  element.go = [node.go, node.href].find((address) => address && OURS.test(address));

  const inside = node.inside.map((child, n) => make(child, element.children[n]));
  if (node.text) {
    const first = element.firstChild;
    const text = first && first.nodeType === Node.TEXT_NODE ? first : new Text();
    if (text.data !== node.text) text.data = node.text;
    inside.unshift(text);
  }
  const same = inside.every((child, n) => child === element.childNodes[n]);
  if (!same || inside.length !== element.childNodes.length) element.replaceChildren(...inside);
  if ("value" in node.attributes) fill(element, node.attributes);
  if (node.tag === "details" && node.cls === "more" && !element.hovers) hovers(element);
  return element;
}

// `opens`: what the page shows without it in the address. `drops`: what does not outlast a choice here.
function fill(field, { value, opens, drops }) {
  if (!field.typed && !field.edited && field.value !== value) field.value = value;
  if (field.localName === "option") return;
  const page = location.pathname;
  Object.assign(field, { shown: value, opens, drops: drops ? drops.split(" ") : [], page });
}

// A small fold opens under the pointer too, over what is around it, and Escape closes it. It lies at the
// window's own coordinates: the line of boxes that scrolls would cut it off.
function hovers(fold) {
  const [said, panel] = fold.children;
  let pinned = false;
  fold.hovers = true;
  fold.addEventListener("toggle", () => {
    if (!fold.open) return (pinned = false);
    const box = fold.parentElement.getBoundingClientRect(), line = said.getBoundingClientRect();
    const wide = Math.min(Math.max(box.width, 340), innerWidth - 16);
    const left = Math.max(8, Math.min(box.left, innerWidth - wide - 8));
    Object.assign(panel.style, { width: `${wide}px`, left: `${left}px`, top: `${line.bottom + 2}px` });
    const over = panel.getBoundingClientRect().bottom - innerHeight + 8;
    if (over > 0) panel.style.top = `${Math.max(8, line.bottom + 2 - over)}px`;
  });
  said.addEventListener("click", (event) => {
    event.stopPropagation(); // the box around it opens its page
    if (fold.open && !pinned && event.detail) event.preventDefault(); // the pointer had opened it
    pinned = true;
  });
  panel.addEventListener("click", (event) => event.stopPropagation());
  fold.addEventListener("pointerenter", (event) => (fold.open ||= event.pointerType === "mouse"));
  fold.addEventListener("pointerleave", () => (fold.open &&= pinned));
  fold.addEventListener("focusout", ({ relatedTarget }) => (fold.open &&= fold.contains(relatedTarget)));
  fold.addEventListener("keydown", ({ key }) => (fold.open &&= key !== "Escape"));
}

export default function ({ data, parentElement }) {
  let root = parentElement.querySelector(".root");
  if (!root) {
    root = document.createElement("div");
    root.className = "root";
    roots.add(root);
    listen(root);
    parentElement.getRootNode().adoptedStyleSheets.push(STYLE);
    parentElement.appendChild(root);
  }
  make({ tag: "div", attributes: {}, cls: "root", inside: data }, root);
}
