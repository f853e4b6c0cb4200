// One record: all of its fields, what may be done to it, what leads to it, and what happened to it.
import { CONFIG } from "./config.js";
import { mayCall } from "./allowed.js";
import { button, element, link, notice, redraw } from "./elements.js";
import { fieldNamed, shown, shownMoment } from "./fields.js";
import { actsOf, chip } from "./list.js";
import { loadChanges, loadRecord } from "./loading.js";
import { referenceWord } from "./references.js";
import { writeRoute } from "./routes.js";
import { entityNamed } from "./state.js";
import { capital, didWord, entitiesWord, entityWord, fieldWord, roleWord, say, stateWord, titleOf } from "./words.js";

export function openRecord({ route: { entity, id } }) {
  const heading = element("h2", { id: "heading", tabindex: "-1", dir: "auto", text: say("record", { entity: capital(entityWord(entity)), id }) });
  const body = element("div", { id: "results" });
  const back = link(say("back", { entities: entitiesWord(entity).toLowerCase() }), writeRoute(entity), { class: "back" });
  const node = element("section", { "aria-labelledby": "heading" }, back, element("div", { class: "bar" }, heading), body);

  function update(state) {
    const { record } = state;
    if (record.data) heading.textContent = titleOf(entity, record.data);
    body.setAttribute("aria-busy", String(record.phase === "loading"));
    redraw(body, ...content(entity, state));
  }

  return { node, title: capital(entityWord(entity)), update };
}

export function content(entity, state) {
  const { record: { phase, data, problem, changes }, session } = state;
  if (phase === "loading") return [element("div", { class: "skeleton", "aria-hidden": "true" })];
  if (phase === "denied") return [notice(say("denied.title"), problem.message || say("denied.text", { role: roleWord(session?.role ?? "") }))];
  if (phase === "gone") return [notice(say("gone.title"), say("gone.text"))];
  if (phase === "error") return [notice(problem.title, problem.message, button(say("again"), () => loadRecord()))];
  return [
    element("div", { class: "acts" }, ...actsOf(entity, data, state, { isPage: true })),
    facts(entity, data, state),
    related(entity, data, session),
    mayCall(entity, "history", session) && happened(entity, changes, state),
  ];
}

function facts(entity, record, state) {
  const rows = entity.states.length ? [[fieldWord(entity, "state"), chip(entity, record)]] : [];
  for (const field of entity.fields) if (field.name in record) rows.push([fieldWord(entity, field.name), value(entity, field, record, state)]);
  rows.push([fieldWord(entity, "created_at"), say("by", { moment: shownMoment(record.created_at), user: record.created_by })]);
  rows.push([fieldWord(entity, "changed_at"), shownMoment(record.changed_at)]);
  return element("dl", {}, ...rows.map(([name, what]) => element("div", {}, element("dt", { text: name }), element("dd", { dir: "auto" }, what))));
}

function value(entity, field, record, state) {
  const stored = record[field.name];
  if (field.refersTo && stored) return link(referenceWord(field, stored, state), writeRoute(entityNamed(field.refersTo), { id: stored }));
  const text = field.refersTo ? referenceWord(field, stored, state) : shown(entity, field, stored);
  const isLink = field.type === "url" && !field.hidden && /^https?:\/\//.test(stored ?? "");
  return isLink ? link(text, stored, { rel: "noreferrer noopener", target: "_blank" }) : element("span", { class: field.type === "text" ? "lines" : undefined, text });
}

// Lists of other entities that this record narrows.
function related(entity, record, session) {
  const found = CONFIG.entities.flatMap((other) => other.fields
    .filter((field) => field.refersTo === entity.name && other.filters.some(({ name }) => name === field.name) && mayCall(other, "list", session))
    .map((field) => link(say("related", { entities: entitiesWord(other), field: fieldWord(other, field.name) }), writeRoute(other, { query: { [field.name]: record.id } }))));
  return found.length ? element("ul", { class: "related" }, ...found.map((one) => element("li", {}, one))) : null;
}

function happened(entity, changes, state) {
  if (!changes) return button(say("history"), () => loadChanges(), { "data-key": "history show" });
  const items = changes.map((change) => element("li", {},
    element("strong", { text: didWord(change.act) }), ` ${say("by", { moment: shownMoment(change.at), user: `${change.user} (${roleWord(change.role)})` })}`,
    element("ul", {}, ...differences(entity, change, state))));
  return element("section", { "aria-labelledby": "history" }, element("h3", { id: "history", text: say("history.title"), tabindex: "-1" }), element("ol", { class: "history" }, ...items));
}

function differences(entity, { before, after }, state) {
  if (!before || !after) return [];
  const names = [...(entity.states.length ? ["state"] : []), ...entity.fields.map(({ name }) => name)];
  return names.filter((name) => before[name] !== after[name])
    .map((name) => element("li", { text: say("history.changed", { field: fieldWord(entity, name), before: word(entity, name, before[name], state), after: word(entity, name, after[name], state) }) }));
}

function word(entity, name, stored, state) {
  if (name === "state") return stateWord(entity, stored);
  const field = fieldNamed(entity, name);
  return field.refersTo ? referenceWord(field, stored, state) : shown(entity, field, stored);
}
