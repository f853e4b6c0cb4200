// The form that creates or changes a record, or gives what a step takes along. What was typed is never lost.
import { goAndSay, save } from "./acts.js";
import { Problem, call } from "./api.js";
import { element, link, notice } from "./elements.js";
import { merged, neededNow, problemOf, sent, shown, typed, wrongPairs } from "./fields.js";
import { clearError, fillReferences, input, setValue, showErrors, textOf } from "./inputs.js";
import { isAboutThePage } from "./loading.js";
import { content } from "./record.js";
import { referenceWord } from "./references.js";
import { writeRoute } from "./routes.js";
import { keepRecord, store, token } from "./state.js";
import { entityWord, fieldWord, say, stateWord, titleOf, verbWord } from "./words.js";

export function openForm({ route: { entity, mode, id } }) {
  const heading = element("h2", { id: "heading", tabindex: "-1", text: titleFor(entity, mode, id) });
  const place = element("div", { id: "results" });
  const node = element("section", { "aria-labelledby": "heading" }, element("div", { class: "bar" }, heading), place);
  let form = null;

  function update(state) {
    const { record } = state;
    if (form) return form.update(state);
    if (mode !== "create" && record.phase !== "ready") return place.replaceChildren(...content(entity, state).filter(Boolean));
    form = formOf(entity, mode, mode === "create" ? null : record.data, state);
    place.replaceChildren(form.node);
    form.update(state);
  }

  return { node, title: titleFor(entity, mode, id), update, isChanged: () => Boolean(form?.isChanged()) };
}

function titleFor(entity, mode, id) {
  if (mode === "create") return say("new", { entity: entityWord(entity) });
  return say("act.about", { act: verbWord(mode), record: `${entityWord(entity)} ${id}` });
}

function fieldsFor(entity, mode) {
  if (mode === "create") return entity.fields;
  if (mode === "update") return entity.fields.filter((field) => !field.fixed);
  return entity.fields.filter(({ name }) => entity.verbs[mode].takes.includes(name));
}

// What stands in the field, as it would be sent: so that equal times written differently are equal.
const plain = (field, value) => (field.type === "boolean" && !field.choices ? value ?? false : sent(field, typed(field, value)));
const plainOf = (inputs, record) => Object.fromEntries(inputs.map(({ field }) => [field.name, field.hidden ? null : plain(field, record[field.name])]));

function formOf(entity, mode, record, state) {
  const inputs = fieldsFor(entity, mode).map((field) => input(entity, field, record ? record[field.name] : field.default, state, !record));
  const trouble = element("div", { role: "alert", id: "form-trouble" });
  const submit = element("button", { type: "submit", class: "primary", id: "save", text: mode === "create" || mode === "update" ? say("save") : verbWord(mode) });
  const away = link(say("cancel"), writeRoute(entity, record ? { id: record.id } : {}), { class: "button", id: "cancel" });
  const node = element("form", { novalidate: true, id: "form" }, trouble, element("div", { class: "grid" }, ...inputs.map((made) => made.node)), element("div", { class: "acts" }, submit, away));
  const start = JSON.stringify(inputs.map(({ control }) => textOf(control)));
  const it = { entity, mode, inputs, trouble, submit, base: record, isBusy: false };
  node.addEventListener("submit", (event) => { event.preventDefault(); send(it); });
  for (const made of inputs) {
    const changed = () => { clearError(made); markNeeded(it); };
    made.control.addEventListener("input", changed);
    made.control.addEventListener("change", changed);
  }
  markNeeded(it);
  return {
    node,
    update: (now) => fillReferences(entity, inputs, now),
    isChanged: () => !it.isDone && start !== JSON.stringify(inputs.map(({ control }) => textOf(control))),
  };
}

const valuesOf = ({ inputs }) => Object.fromEntries(inputs.map(({ field, control }) => [field.name, sent(field, textOf(control))]));

// Other values can make a field necessary; its label says so at once, and why.
function markNeeded(it) {
  const needed = neededNow(it.entity, { ...it.base, state: stateAfter(it), ...valuesOf(it) });
  for (const { field, control, needed: mark } of it.inputs) {
    const always = field.required && control.type !== "checkbox" && !(it.base && field.hidden);
    const why = always || isAsked(it, field) ? say("needed") : needed[field.name] ? say("needed.because", { why: needed[field.name] }) : "";
    mark.textContent = why && `(${why})`;
    if (control.type !== "checkbox") control.toggleAttribute("required", Boolean(why));
  }
}

// What this step asks for whatever the other values are.
function isAsked({ entity, mode }, field) {
  return Boolean(entity.verbs[mode].asks?.includes(field.name));
}

function stateAfter({ entity, mode, base }) {
  return mode === "create" ? entity.states[0] : entity.verbs[mode].to ?? base.state;
}

function errorsOf(it, values) {
  const errors = [];
  const needed = neededNow(it.entity, { ...it.base, state: stateAfter(it), ...values });
  for (const { field, control } of it.inputs) {
    const value = values[field.name];
    const isLeft = it.base && field.hidden && value === null;
    const message = isLeft ? "" : problemOf(field, value) || (value === null && (needed[field.name] || isAsked(it, field)) ? say("check.required") : "");
    if (message) errors.push({ field: field.name, message });
    else if (control.validity.badInput) errors.push({ field: field.name, message: say(`check.${field.type}`) });
  }
  return errors.length ? errors : wrongPairs(it.entity, { ...it.base, ...values });
}

// Created: everything that was given. Changed: only what differs from what is stored.
function bodyOf(it, values) {
  const { entity, inputs, base, mode } = it;
  const given = inputs.filter(({ field }) => {
    const value = values[field.name];
    if (!base) return value !== null;
    if (field.hidden) return value !== null;
    return mode !== "update" ? value !== null || base[field.name] : value !== plain(field, base[field.name]);
  });
  return Object.fromEntries(given.map(({ field }) => [field.name, values[field.name]]).filter(([name]) => entity.fields.some((field) => field.name === name)));
}

async function send(it) {
  if (it.isBusy) return;
  const values = valuesOf(it);
  it.trouble.replaceChildren();
  if (place(it, errorsOf(it, values))) return;
  const body = bodyOf(it, values);
  if (it.mode === "update" && !Object.keys(body).length) return leave(it, it.base, say("unchanged"));
  it.isBusy = true;
  it.submit.setAttribute("aria-disabled", "true");
  store.set({ said: say("saving") });
  try {
    const data = await save(it.entity, it.mode, { record: it.base, body });
    leave(it, data, it.mode === "create" || it.mode === "update" ? say("saved", { record: titleOf(it.entity, data) }) : say("moved", { record: titleOf(it.entity, data), state: stateWord(it.entity, data.state) }));
  } catch (problem) {
    store.set({ said: "" });
    if (!isAboutThePage(problem)) await explain(it, problem);
  } finally {
    it.isBusy = false;
    it.submit.removeAttribute("aria-disabled");
  }
}

function leave(it, data, said) {
  it.isDone = true;
  goAndSay(it.entity, { id: data.id }, said);
}

function place(it, errors) {
  const { placed, others } = showErrors(it.inputs, errors);
  if (others.length) it.trouble.replaceChildren(notice(say("refused"), others.map(({ message }) => message).join(" ")));
  placed[0]?.input.control.focus();
  return placed.length + others.length;
}

async function explain(it, problem) {
  if (problem.status === 412 && it.base) return compare(it, problem);
  if (place(it, problem.errors)) return;
  it.trouble.replaceChildren(notice(problem.title, problem.message || say("problem.text")));
}

// Somebody changed the record meanwhile: both values stand side by side, and the person says which one stays.
async function compare(it, problem) {
  let theirs;
  try {
    theirs = await call(it.entity, "get", token(), { id: it.base.id });
  } catch (other) {
    if (!(other instanceof Problem)) throw other;
    return it.trouble.replaceChildren(notice(problem.title, other.message));
  }
  const inputs = it.inputs.filter(({ field }) => !field.hidden);
  const mine = valuesOf(it);
  const stored = plainOf(inputs, theirs);
  const { both, taken } = merged(plainOf(inputs, it.base), mine, stored, inputs.map(({ field }) => field.name));
  const named = (name) => inputs.find(({ field }) => field.name === name);
  for (const name of taken) setValue(named(name).field, named(name).control, theirs[name]);
  it.base = theirs;
  keepRecord(theirs);
  const choices = both.map((name) => choice(it, named(name), mine[name], stored[name]));
  const others = taken.length ? element("p", { text: say("stale.taken", { fields: taken.map((name) => fieldWord(it.entity, name)).join(", ") }) }) : null;
  const state = theirs.state ? element("p", { text: say("stale.state", { state: stateWord(it.entity, theirs.state) }) }) : null;
  const panel = notice(say("stale.title"), say(both.length ? "stale.choose" : "stale.again"));
  panel.append(...[others, state, ...choices].filter(Boolean));
  it.trouble.replaceChildren(panel);
  (panel.querySelector("input") ?? it.submit).focus();
}

function choice(it, { field, control }, mine, theirs) {
  const word = (value) => (field.refersTo ? referenceWord(field, value, store.get()) : shown(it.entity, field, value));
  const radio = (which, value, isChosen) => {
    const id = `${which}-${field.name}`;
    const made = element("input", { type: "radio", id, name: `stale-${field.name}`, checked: isChosen });
    made.addEventListener("change", () => setValue(field, control, value));
    return element("div", { class: "radio" }, made, element("label", { for: id, text: say(`stale.${which}`, { value: word(value) }), dir: "auto" }));
  };
  return element("fieldset", {}, element("legend", { text: fieldWord(it.entity, field.name) }), radio("mine", mine, true), radio("theirs", theirs, false));
}
