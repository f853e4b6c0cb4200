// One labelled input with its hint and a place for its error, tied together for assistive technology.
import { element, options } from "./elements.js";
import { isNumber, shown, typed } from "./fields.js";
import { referencePairs } from "./references.js";
import { choiceWord, fieldWord, say } from "./words.js";

const TYPES = { date: "date", datetime: "datetime-local", email: "email", url: "url" };
const MODES = { money: "decimal", number: "decimal", integer: "numeric", reference: "numeric" };
const FILLED = { name: "name", email: "email", phone: "tel", city: "address-level2", country: "country", postcode: "postal-code" };

// `known`: what is stored in the field, or its default. A hidden value is not known and is only ever replaced.
export function input(entity, field, known, state, isNew) {
  const id = `field-${field.name}`;
  const control = controlOf(entity, field, id, state);
  const needed = element("span", { class: "quiet", id: `${id}-needed` });
  const hint = hintOf(field, isNew);
  const parts = hint ? [element("span", { class: "quiet", id: `${id}-hint`, text: hint })] : [];
  const error = element("span", { class: "error", id: `${id}-error`, hidden: true });
  control.setAttribute("aria-describedby", [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" "));
  setValue(field, control, field.hidden ? "" : known);
  const label = element("label", { for: id }, fieldWord(entity, field.name), " ", needed);
  const isCheck = control.type === "checkbox";
  return { field, control, needed, node: element("div", { class: isCheck ? "field check" : field.type === "text" ? "field wide" : "field" }, label, control, ...parts, error) };
}

function controlOf(entity, field, id, state) {
  const pairs = pairsOf(entity, field, state);
  if (pairs) {
    const select = element("select", { id });
    options(select, [["", say("choose")], ...pairs], "");
    return select;
  }
  if (field.type === "text") return element("textarea", { id, rows: 4 });
  if (field.type === "boolean") return element("input", { id, type: "checkbox" });
  return element("input", { id, type: TYPES[field.type] ?? "text", inputmode: MODES[field.type], autocomplete: FILLED[field.name] ?? "off" });
}

function pairsOf(entity, field, state) {
  if (field.choices) return field.choices.map((choice) => [choice, choiceWord(entity, field.name, choice)]);
  return field.refersTo ? referencePairs(field, state) : null;
}

// References arrive later than the form; what was chosen stays chosen.
export function fillReferences(entity, inputs, state) {
  for (const { field, control } of inputs) {
    if (!field.refersTo || control.tagName !== "SELECT") continue;
    const pairs = referencePairs(field, state) ?? [];
    const chosen = control.value || control.dataset.wanted || "";
    const known = pairs.some(([id]) => id === chosen) || !chosen ? pairs : [[chosen, `#${chosen}`], ...pairs];
    if (control.options.length !== known.length + 1) options(control, [["", say("choose")], ...known], chosen);
  }
}

export function setValue(field, control, value) {
  if (control.type === "checkbox") control.checked = value === true || value === "true";
  else control.value = typed(field, value);
  if (field.refersTo) control.dataset.wanted = typed(field, value);
}

export function textOf(control) {
  return control.type === "checkbox" ? control.checked : control.value;
}

function hintOf(field, isNew) {
  if (field.hidden) return say(`hint.${field.hidden === "masked" ? "masked" : "hidden"}${isNew ? ".new" : ""}`);
  if (field.choices) return "";
  const isLimited = field.maximum !== undefined && field.maximum < 1e12;
  const limit = (value) => shown(null, field, value);
  if (isNumber(field) && isLimited) return say("hint.between", { minimum: limit(field.minimum), maximum: limit(field.maximum) });
  if (field.type === "money") return say("hint.money");
  if (field.type === "url") return say("hint.url");
  if (field.type === "datetime") return say("hint.datetime");
  return (field.type === "string" || field.type === "text") && isLimited && field.maximum < 200 ? say("hint.long", { maximum: field.maximum }) : "";
}

// Each message at its field, tied to it; says which messages have no field here.
export function showErrors(inputs, errors) {
  inputs.forEach(clearError);
  const found = errors.map((error) => ({ ...error, input: inputs.find(({ field }) => field.name === error.field) }));
  for (const { input: made, message } of found) {
    if (!made) continue;
    const place = document.getElementById(`${made.control.id}-error`);
    place.textContent = place.hidden ? message : `${place.textContent} ${message}`;
    place.hidden = false;
    made.control.setAttribute("aria-invalid", "true");
  }
  return { placed: found.filter((one) => one.input), others: found.filter((one) => !one.input) };
}

export function clearError({ control }) {
  const place = document.getElementById(`${control.id}-error`);
  if (place) place.hidden = true;
  control.removeAttribute("aria-invalid");
}
