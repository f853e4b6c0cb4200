// The page: one state, one function that draws it, and the acts of a person.
import { CONFIG } from "./config.js";
import { Problem, call, mayCall, newKey } from "./api.js";
import { missing, sent, worded } from "./fields.js";
import { track } from "./analytics.js";
import { button, clearError, element, input, notice, options, roles, showErrors, table } from "./views.js";

const $ = (id) => document.getElementById(id);
const state = {
  entity: CONFIG.entities[0], role: CONFIG.roles[0], filter: "", records: [], next: null,
  phase: "loading", problem: null, isExposed: false,
};
let editing = { record: null, key: "" };
let loading = 0;

async function load({ more = false } = {}) {
  const turn = ++loading;
  if (!more) Object.assign(state, { records: [], next: null });
  Object.assign(state, { phase: "loading", problem: null });
  draw();
  try {
    const query = { limit: 20, after: more ? state.next : undefined, state: state.filter };
    const page = await call(state.entity.name, "list", state.role, { query });
    if (turn !== loading) return; // a newer question was asked meanwhile
    Object.assign(state, { records: [...state.records, ...page.items], next: page.next, phase: "ready" });
    expose(CONFIG.variant);
  } catch (problem) {
    if (turn !== loading) return;
    state.problem = problem;
    state.phase = phaseOf(problem);
    if (state.phase === "off" && CONFIG.control) expose(CONFIG.control);
  }
  draw();
}

// The list answers 404 while the feature flag is off for this person.
function phaseOf(problem) {
  if (!(problem instanceof Problem)) throw problem;
  if (problem.status === 404) return "off";
  return problem.status === 401 || problem.status === 403 ? "denied" : "error";
}

// Once per load, when it is clear what the person sees.
function expose(variant) {
  if (state.isExposed) return;
  state.isExposed = true;
  track(CONFIG.exposure, { role: state.role, variant });
}

function draw() {
  const { entity, phase, records } = state;
  $("heading").textContent = entity.title;
  $("create").textContent = `New ${entity.label}`;
  $("create").hidden = phase === "off" || phase === "denied" || !mayCall(entity.name, "create", state.role);
  $("filter-label").hidden = !entity.states.length || phase === "off";
  $("list").setAttribute("aria-busy", String(phase === "loading"));
  $("more").hidden = phase !== "ready" || state.next === null;
  $("status").textContent = statusText();
  $("problem").hidden = true;
  $("list").replaceChildren(...content(phase, records));
}

function statusText() {
  const { phase, records } = state;
  if (phase === "loading") return `Loading ${state.entity.title.toLowerCase()} …`;
  return phase === "ready" && records.length ? "Loaded." : "";
}

function content(phase, records) {
  if (phase === "off") return [notice("Not available yet", "This feature has not been switched on for you. Everything else works as before.")];
  if (phase === "denied") return [notice("Not allowed", `The role "${state.role}" may not see this. Ask the person who manages roles.`)];
  if (phase === "error") return [notice(state.problem.title, state.problem.message, button("Try again", () => load()))];
  if (phase === "loading" && !records.length) return [element("div", { class: "skeleton", "aria-hidden": "true" })];
  if (!records.length) return [notice("Nothing here yet", emptyText())];
  return [table(state.entity, records, actionsOf)];
}

function emptyText() {
  if (state.filter) return "No record has this state. Choose another one.";
  return mayCall(state.entity.name, "create", state.role) ? `Begin with "New ${state.entity.label}".` : "Records appear here as soon as somebody creates one.";
}

function actionsOf(record) {
  const { entity, role } = state;
  const made = [];
  const isEditable = !entity.states.length || record.state === entity.states[0];
  if (isEditable && mayCall(entity.name, "update", role)) made.push(button("Edit", () => openForm(record), named("Edit", record)));
  for (const [verb, source] of entity.transitions) {
    if (record.state === source && mayCall(entity.name, verb, role)) made.push(button(worded(verb), () => act(verb, record), named(verb, record)));
  }
  if (mayCall(entity.name, "delete", role)) made.push(button("Delete", () => remove(record), { ...named("Delete", record), class: "danger" }));
  return made;
}

function named(verb, record) {
  return { "aria-label": `${worded(verb)} ${state.entity.label} ${record.id}` };
}

async function act(verb, record) {
  await changing(async () => {
    const changed = await call(state.entity.name, verb, state.role, { id: record.id });
    replace(changed);
    return `${worded(state.entity.label)} ${changed.id} is ${changed.state}.`;
  });
}

async function remove(record) {
  if (!window.confirm(`Delete ${state.entity.label} ${record.id}? This cannot be undone.`)) return;
  await changing(async () => {
    await call(state.entity.name, "delete", state.role, { id: record.id });
    state.records = state.records.filter((found) => found.id !== record.id);
    return "Deleted.";
  });
}

// Does the work and announces what it says.
async function changing(work) {
  $("problem").hidden = true;
  try {
    const said = await work();
    draw();
    $("status").textContent = said;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    $("problem").replaceChildren(notice(problem.title, problem.message, button("Load again", () => load())));
    $("problem").hidden = false;
  }
}

function replace(record) {
  const isKnown = state.records.some((found) => found.id === record.id);
  state.records = isKnown ? state.records.map((found) => (found.id === record.id ? record : found)) : [...state.records, record];
}

function openForm(record) {
  editing = { record, key: newKey() };
  $("dialog-title").textContent = record ? `Edit ${state.entity.label} ${record.id}` : `New ${state.entity.label}`;
  $("form-problem").hidden = true;
  $("inputs").replaceChildren(...state.entity.fields.map((field) => input(field, record, !record)));
  $("dialog").showModal();
}

async function save(event) {
  event.preventDefault();
  const { entity, role } = state;
  const { record, key } = editing;
  const body = {};
  const errors = [];
  for (const field of entity.fields) {
    const control = $(`field-${field.name}`);
    const value = sent(field, control);
    if (!record && missing(field, value)) errors.push({ field: field.name, message: "Fill this in." });
    else if (!control.validity.valid) errors.push({ field: field.name, message: control.validationMessage });
    else if (value !== undefined) body[field.name] = value;
  }
  if (showErrors($("form"), errors)) return;
  $("save").disabled = true;
  try {
    const asked = record ? { id: record.id, body, version: record.version } : { body, key };
    replace(await call(entity.name, record ? "update" : "create", role, asked));
    $("dialog").close();
    state.phase = "ready";
    draw();
    $("status").textContent = "Saved.";
  } catch (problem) {
    showFormProblem(problem);
  } finally {
    $("save").disabled = false;
  }
}

function showFormProblem(problem) {
  if (!(problem instanceof Problem)) throw problem;
  if (showErrors($("form"), problem.fields)) return;
  const text = problem.status === 412 ? "Somebody changed this meanwhile. Close this window and load it again; your text is still here." : problem.message;
  $("form-problem").replaceChildren(element("p", { text }));
  $("form-problem").hidden = false;
}

function choose(entity) {
  Object.assign(state, { entity, filter: "" });
  options($("filter"), [["", "All"], ...entity.states.map((name) => [name, worded(name)])], "");
  for (const tab of $("resources").children) tab.setAttribute("aria-current", String(tab.textContent === entity.title));
  load();
}

options($("role"), roles(), state.role);
$("role").addEventListener("change", () => { state.role = $("role").value; load(); });
$("filter").addEventListener("change", () => { state.filter = $("filter").value; load(); });
$("create").addEventListener("click", () => openForm(null));
$("more").addEventListener("click", () => load({ more: true }));
$("cancel").addEventListener("click", () => $("dialog").close());
$("form").addEventListener("submit", save);
$("form").addEventListener("input", (event) => clearError(event.target));
$("resources").hidden = CONFIG.entities.length < 2;
$("resources").append(...CONFIG.entities.map((entity) => button(entity.title, () => choose(entity))));
choose(state.entity);
