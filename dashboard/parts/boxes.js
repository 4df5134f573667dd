// Draws a tree of nodes with textContent only, so a name is shown letter for letter.
const TAGS = new Set(
  ("a article b dd details div dl dt h1 h2 h3 li ol p section span strong summary table tbody td th " +
    "thead tr ul").split(" "),
);
const ATTRIBUTES = new Set(
  ["aria-label", "aria-hidden", "aria-describedby", "scope", "id", "title", "role", "tabindex"],
);
const OUTSIDE = /^https?:\/\//i;
const OURS = /^[a-z]*\?/; // a page of this app with its state, never another scheme

// A box may be older than the day in the address, and never knows how the page is embedded.
const KEPT = ["as_of", "embed", "embed_options"];

// Opens a page of ours as one step in the browser's history. Streamlit is told as the browser tells it
// of Back and Forward: it opens what the address names, adds no step of its own and lets the address
// win over the session. (Its st.switch_page adds a step for each part of the address.)
function step(address) {
  const here = new URLSearchParams(location.search);
  const there = new URL(address, document.baseURI);
  for (const name of KEPT) {
    there.searchParams.delete(name);
    for (const value of here.getAll(name)) there.searchParams.append(name, value);
  }
  history.pushState({}, "", there);
  dispatchEvent(new PopStateEvent("popstate"));
}

// A small fold opens under the pointer too, over what is around it, and Escape closes it. It lies at the
// window's own coordinates: the line of boxes that scrolls would cut it off.
function hovers(fold) {
  const [said, panel] = fold.children;
  let pinned = false;
  fold.addEventListener("toggle", () => {
    if (!fold.open) { pinned = false; return; }
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
  fold.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") fold.open = true; });
  fold.addEventListener("pointerleave", () => { if (!pinned) fold.open = false; });
  fold.addEventListener("focusout", (event) => { if (!fold.contains(event.relatedTarget)) fold.open = false; });
  fold.addEventListener("keydown", (event) => { if (event.key === "Escape") fold.open = false; });
}

export default function ({ data, parentElement }) {
  let root = parentElement.querySelector(".root");
  if (!root) {
    root = document.createElement("div");
    root.className = "root";
    parentElement.appendChild(root);
  }
  const shown = JSON.stringify(data);
  if (root.shown === shown) return; // redrawing the same would lose focus and selected text
  root.shown = shown;

  function make(node) {
    const element = document.createElement(TAGS.has(node.tag) ? node.tag : "span");
    if (node.text) element.textContent = node.text;
    if (node.cls) element.className = node.cls;
    for (const name of ["size", "count"]) {
      if (node[name] !== undefined) element.style.setProperty(`--${name}`, node[name]);
    }
    if (node.place) element.style.gridArea = node.place;
    for (const [name, value] of Object.entries(node.attributes)) {
      if (ATTRIBUTES.has(name)) element.setAttribute(name, value);
    }
    if (node.href && OUTSIDE.test(node.href)) {
      Object.assign(element, { href: node.href, target: "_blank", rel: "noopener noreferrer" });
    } else if (node.href && OURS.test(node.href)) {
      element.href = node.href;
      element.addEventListener("click", (event) => follow(event, node.href));
    }
    if (node.go && OURS.test(node.go)) {
      element.addEventListener("click", (event) => follow(event, node.go));
    }
    element.append(...node.inside.map(make));
    return element;
  }

  function follow(event, address) {
    const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    const link = event.composedPath()[0].closest("a");
    if (modified) return; // the browser's own: new tab, new window
    if (link && link.target) return;
    if (!link && String(getSelection())) return; // selecting text in a box is not a click on it
    event.preventDefault();
    event.stopPropagation();
    if (event.detail > 1) return; // the second half of a double click, on what the first has opened
    // A day typed into its field counts once the field is left, which may be by this very click. The
    // server is told of it first: told last, it would open this page again.
    setTimeout(() => step(address));
  }

  root.replaceChildren(...data.map(make));
  root.querySelectorAll("details.more").forEach(hovers);
}
