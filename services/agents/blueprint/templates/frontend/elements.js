// Builds elements. Text that came from people or from the service is only ever set as text.

export function element(name, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(key, value);
  }
  if (text !== undefined) made.textContent = text;
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export function button(text, onClick, attributes = {}) {
  const made = element("button", { type: "button", text, ...attributes });
  made.addEventListener("click", onClick);
  return made;
}

export function link(text, address, attributes = {}) {
  return element("a", { href: address, text, ...attributes });
}

export function options(select, pairs, chosen) {
  select.replaceChildren(...pairs.map(([value, text]) => element("option", { value, text, selected: String(value) === String(chosen) })));
}

export function notice(title, text, ...acts) {
  return element("div", { class: "notice" }, element("h3", { text: title }), element("p", { text }), acts.length ? element("div", { class: "acts" }, ...acts) : null);
}

export function labelled(text, control, attributes = {}) {
  return element("div", { class: "field", ...attributes }, element("label", { for: control.id, text }), control);
}

// New content in an old place: what had the focus has it again, or its neighbour.
export function redraw(place, ...children) {
  const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  place.replaceChildren(...children.flat().filter(Boolean));
  if (!key) return;
  const [record] = key.split(" ");
  const same = place.querySelector(`[data-key="${CSS.escape(key)}"]:not([disabled])`) ?? place.querySelector(`[data-key^="${CSS.escape(record)} "]:not([disabled])`);
  same?.focus();
}

// Asks before something that cannot be undone. Resolves to true or false.
export function confirmed(title, text, yes, no) {
  return new Promise((resolve) => {
    const dialog = element("dialog", { "aria-labelledby": "confirm-title", class: "confirm" });
    const answer = (value) => { dialog.close(); dialog.remove(); resolve(value); };
    const acts = [button(yes, () => answer(true), { class: "danger" }), button(no, () => answer(false), { autofocus: true })];
    dialog.append(element("h2", { id: "confirm-title", text: title }), element("p", { text }), element("div", { class: "acts" }, ...acts));
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); answer(false); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
