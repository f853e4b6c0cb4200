// Builds elements. Text that came from people or from the service is only ever set as text.
import { CONFIG } from "./config.js";
import { KINDS, shown, typed, worded } from "./fields.js";

export function element(name, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(key, value);
  }
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

export function button(text, onClick, attributes = {}) {
  const made = element("button", { type: "button", text, ...attributes });
  made.addEventListener("click", onClick);
  return made;
}

export function options(select, values, chosen) {
  select.replaceChildren(...values.map(([value, text]) => element("option", { value, text, selected: value === chosen })));
}

export function table(entity, records, actionsOf) {
  const head = ["Id", ...entity.fields.map((field) => worded(field.name)), ...(entity.states.length ? ["State"] : []), "Actions"];
  const rows = records.map((record) => row(entity, record, actionsOf(record)));
  return element("table", {},
    element("caption", { text: `${entity.title}: ${records.length} shown` }),
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col", text })))),
    element("tbody", {}, ...rows));
}

function row(entity, record, actions) {
  const cells = entity.fields.map((field) => cell(worded(field.name), shown(field, record[field.name])));
  if (entity.states.length) cells.push(element("td", { "data-label": "State" }, element("span", { class: "state", text: record.state })));
  const last = element("td", {}, element("div", { class: "row-actions" }, ...actions));
  return element("tr", {}, element("th", { scope: "row", text: `#${record.id}` }), ...cells, last);
}

function cell(label, text) {
  return element("td", { "data-label": label }, element("span", { text, dir: "auto" }));
}

export function notice(title, text, action) {
  const parts = [element("h3", { text: title }), element("p", { text })];
  return element("div", { class: "notice" }, ...parts, ...(action ? [action] : []));
}

// One labelled input with its hint and a place for its error, tied together for assistive technology.
export function input(field, record, onlyRequired) {
  const id = `field-${field.name}`;
  const value = record ? typed(field, record[field.name]) : "";
  const control = controlOf(field, id, value, record);
  const label = element("label", { for: id, text: worded(field.name) });
  if (field.required && onlyRequired && field.type !== "boolean") label.append(element("span", { class: "needed", text: " (required)" }));
  const hint = hintOf(field);
  const parts = hint ? [element("span", { class: "hint", id: `${id}-hint`, text: hint })] : [];
  const error = element("span", { class: "error", id: `${id}-error`, hidden: true });
  control.setAttribute("aria-describedby", [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" "));
  return element("div", { class: "field" }, label, ...parts, control, error);
}

function controlOf(field, id, value, record) {
  if (field.choices.length) {
    const select = element("select", { id, required: field.required });
    const empty = field.required && record ? [] : [["", "Choose …"]];
    options(select, [...empty, ...field.choices.map((choice) => [choice, worded(choice)])], value);
    return select;
  }
  if (field.type === "text") {
    const area = element("textarea", { id, rows: 4, maxlength: field.maximum, required: field.required });
    area.value = value;
    return area;
  }
  if (field.type === "boolean") return element("input", { id, type: "checkbox", checked: value === "true" });
  const number = KINDS[field.type] === "number";
  const step = { integer: "1", money: "0.01", number: "any" }[field.type];
  const limit = number ? { min: field.type === "number" ? undefined : 0, max: field.maximum, step } : { maxlength: field.maximum };
  const made = element("input", { id, type: KINDS[field.type] ?? "text", required: field.required, ...limit });
  made.value = value;
  return made;
}

function hintOf(field) {
  if (field.type === "money") return "An amount, for example 12.50";
  if (field.type === "url") return "Begins with https://";
  if (field.maximum && KINDS[field.type] !== "number") return `At most ${field.maximum} characters`;
  return field.maximum ? `At most ${field.maximum}` : "";
}

export function showErrors(form, errors) {
  for (const place of form.querySelectorAll(".error")) place.hidden = true;
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  const placed = errors.filter(({ field, message }) => {
    const control = document.getElementById(`field-${field}`);
    const place = document.getElementById(`field-${field}-error`);
    if (!control || !place) return false;
    place.textContent = message;
    place.hidden = false;
    control.setAttribute("aria-invalid", "true");
    return true;
  });
  if (placed.length) document.getElementById(`field-${placed[0].field}`).focus();
  return placed.length;
}

export function clearError(control) {
  const place = document.getElementById(`${control.id}-error`);
  if (place) place.hidden = true;
  control.removeAttribute("aria-invalid");
}

export function roles() {
  return CONFIG.roles.map((role) => [role, worded(role)]);
}
