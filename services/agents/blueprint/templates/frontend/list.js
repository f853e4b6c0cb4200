// The list of an entity: search, filters, order, records, and what a person may do to each.
import { mayCall, mayDo, movesOf } from "./allowed.js";
import { ask, download, go, move, remove } from "./acts.js";
import { button, element, labelled, link, notice, options, redraw } from "./elements.js";
import { fieldNamed, isNumber, shown, typed, sent } from "./fields.js";
import { loadList } from "./loading.js";
import { referenceWord, referencePairs } from "./references.js";
import { writeRoute } from "./routes.js";
import { store } from "./state.js";
import { capital, choiceWord, entitiesWord, entityWord, fieldWord, roleWord, say, sayCount, stateWord, titleOf, verbWord } from "./words.js";

const TYPING_MS = 300;

export function openList({ route: { entity }, session }) {
  const count = element("p", { class: "quiet", id: "count" });
  const results = element("div", { id: "results", "aria-busy": "true" });
  const more = button(say("more"), () => loadMore(results), { id: "more", hidden: true });
  const acts = element("div", { class: "acts" },
    mayCall(entity, "create", session) && link(say("new", { entity: entityWord(entity) }), writeRoute(entity, { mode: "create" }), { class: "button primary", id: "create" }),
    mayCall(entity, "export", session) && button(say("export"), () => download(entity)));
  const tools = toolbar(entity);
  const node = element("section", { "aria-labelledby": "heading" },
    element("div", { class: "bar" }, element("h2", { id: "heading", tabindex: "-1", text: entitiesWord(entity) }), acts),
    tools.node, count, results, more);

  function update(state) {
    const { list } = state;
    tools.update(state);
    results.setAttribute("aria-busy", String(list.phase === "loading"));
    const after = list.next ? say("count.more") : "";
    count.textContent = list.phase === "loading" ? say("loading") : list.records.length ? `${sayCount("count", list.records.length)} ${after}` : "";
    more.hidden = !list.next || list.phase === "loading";
    more.disabled = list.phase === "more";
    redraw(results, ...content(entity, state));
  }

  return { node, title: entitiesWord(entity), update };
}

async function loadMore(results) {
  const before = results.querySelectorAll("tbody tr").length;
  await loadList({ more: true });
  queueMicrotask(() => results.querySelectorAll("tbody tr")[before]?.querySelector("a")?.focus());
}

function content(entity, state) {
  const { list, session } = state;
  const again = button(say("again"), () => loadList(), { "data-key": "again" });
  if (list.phase === "denied") return [notice(say("denied.title"), say("denied.text", { role: roleWord(session?.role ?? "") }))];
  if (list.phase === "error" && !list.records.length) return [notice(list.problem.title, list.problem.message, again)];
  if (list.phase === "loading" && !list.records.length) return [element("div", { class: "skeleton", "aria-hidden": "true" })];
  if (!list.records.length) return [empty(entity, state)];
  const made = [table(entity, state)];
  return list.phase === "error" ? [notice(list.problem.title, list.problem.message, again), ...made] : made;
}

function empty(entity, { route: { query }, session }) {
  const { sort, ...filters } = query;
  const entities = entitiesWord(entity).toLowerCase();
  if (Object.keys(filters).length) return notice(say("none.title"), say("none.text"), button(say("filters.clear"), () => ask(cleared(filters)), { "data-key": "clear" }));
  const text = mayCall(entity, "create", session) ? say("empty.create", { entity: entityWord(entity) }) : say("empty.wait", { entities });
  return notice(say("empty.title", { entities }), text);
}

const cleared = (filters) => Object.fromEntries(Object.keys(filters).map((name) => [name, ""]));

function table(entity, state) {
  const { list: { records }, route: { query } } = state;
  const isTitled = entity.columns[0] === entity.title && entity.title;
  const names = entity.columns.filter((name) => name !== entity.title);
  const head = [[isTitled ? entity.title : "id", isTitled ? fieldWord(entity, entity.title) : capital(entityWord(entity))]];
  if (entity.states.length) head.push(["state", fieldWord(entity, "state")]);
  head.push(...names.map((name) => [name, fieldWord(entity, name)]));
  const hasActs = Object.keys(entity.verbs).some((verb) => verb === "update" || verb === "delete" || entity.verbs[verb].to);
  const cells = head.map(([name, text]) => headCell(entity, name, text, query.sort ?? entity.order));
  return element("table", { role: "table" },
    element("caption", { class: "unseen", text: entitiesWord(entity) }),
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...cells, hasActs && element("th", { scope: "col", role: "columnheader" }, element("span", { class: "unseen", text: say("acts") })))),
    element("tbody", { role: "rowgroup" }, ...records.map((record) => row(entity, record, names, hasActs, state))));
}

function headCell(entity, name, text, order) {
  const field = fieldNamed(entity, name);
  const attributes = { scope: "col", role: "columnheader", class: field && isNumber(field) ? "number" : undefined };
  if (!entity.sorts.includes(name)) return element("th", { ...attributes, text });
  const isFalling = order === `-${name}`;
  const isHere = isFalling || order === name;
  const press = button(text, () => ask({ sort: isHere && !isFalling ? `-${name}` : name }), { class: "sort", "data-key": `sort ${name}` });
  return element("th", { ...attributes, "aria-sort": isHere ? (isFalling ? "descending" : "ascending") : undefined }, press);
}

function row(entity, record, names, hasActs, state) {
  const title = link(titleOf(entity, record), writeRoute(entity, { id: record.id }), { "data-key": `${record.id} open`, dir: "auto" });
  const cells = names.map((name) => cell(entity, name, record, state));
  if (entity.states.length) cells.unshift(element("td", { role: "cell", "data-label": fieldWord(entity, "state") }, chip(entity, record)));
  return element("tr", { role: "row" }, element("th", { scope: "row", role: "rowheader" }, title), ...cells,
    hasActs && element("td", { role: "cell" }, element("div", { class: "acts" }, ...actsOf(entity, record, state))));
}

function cell(entity, name, record, state) {
  const field = fieldNamed(entity, name);
  const text = field.refersTo ? referenceWord(field, record[name], state) : shown(entity, field, record[name]);
  return element("td", { role: "cell", "data-label": fieldWord(entity, name), class: isNumber(field) ? "number" : undefined }, element("span", { text, dir: "auto" }));
}

export function chip(entity, record) {
  const place = entity.states.indexOf(record.state);
  const isEnd = !movesOf(entity).some((verb) => entity.verbs[verb].in.includes(record.state));
  return element("span", { class: `state ${place === 0 ? "first" : isEnd ? "last" : "between"}`, text: stateWord(entity, record.state) });
}

// Every act names its record, so that it makes sense read alone.
export function actsOf(entity, record, state, { isPage = false } = {}) {
  const { session, busy } = state;
  const record_ = titleOf(entity, record);
  const about = (verb) => ({ "aria-label": say("act.about", { act: verbWord(verb), record: record_ }), "data-key": `${record.id} ${verb}` });
  const made = movesOf(entity).filter((verb) => mayDo(entity, verb, record, session)).map((verb, place) => {
    const attributes = { ...about(verb), "aria-disabled": busy.includes(`${record.id} ${verb}`) ? "true" : undefined, class: isPage && place === 0 ? "primary" : undefined };
    const takes = entity.verbs[verb].takes.length;
    return button(verbWord(verb), () => (takes ? go(entity, { id: record.id, mode: verb }) : move(entity, verb, record)), attributes);
  });
  if (mayDo(entity, "update", record, session)) made.push(link(verbWord("update"), writeRoute(entity, { id: record.id, mode: "update" }), { ...about("update"), class: "button" }));
  if (mayDo(entity, "delete", record, session)) made.push(button(verbWord("delete"), () => remove(entity, record), { ...about("delete"), class: "danger" }));
  return made;
}

function toolbar(entity) {
  const narrow = entity.filters.map((filter) => narrowing(entity, filter));
  const order = sorting(entity);
  const find = entity.search ? finding(entity) : null;
  const [first, ...others] = narrow;
  const clear = button(say("filters.clear"), () => ask(cleared(Object.fromEntries([...entity.filters.map(({ name }) => [name]), ["q"]]))), { hidden: true });
  const rest = others.length ? element("details", { class: "filters" }, element("summary", { text: say("filters") }), element("div", { class: "grid" }, ...others.map(({ node }) => node))) : null;
  const node = element("form", { class: "tools", role: "search", "aria-label": say("tools", { entities: entitiesWord(entity).toLowerCase() }) },
    element("div", { class: "grid" }, find && find.node, first && first.node, order && order.node), rest, clear);
  node.addEventListener("submit", (event) => event.preventDefault());
  if (rest && others.some(({ name }) => store.get().route.query[name])) rest.open = true;

  function update(state) {
    for (const part of [find, order, ...narrow]) part?.update(state);
    const { sort, ...filters } = state.route.query;
    clear.hidden = !Object.keys(filters).length;
    const used = others.filter(({ name }) => filters[name]).length;
    if (rest) rest.firstElementChild.textContent = used ? say("filters.used", { count: used }) : say("filters");
  }

  return { node, update };
}

function finding(entity) {
  const input = element("input", { id: "search", type: "search", maxlength: 200, autocomplete: "off", value: store.get().route.query.q });
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => ask({ q: input.value.trim() }), TYPING_MS);
  });
  const update = ({ route: { query } }) => { if (input !== document.activeElement) input.value = query.q ?? ""; };
  return { node: labelled(say("search", { entities: entitiesWord(entity).toLowerCase() }), input), update };
}

function sorting(entity) {
  if (!entity.sorts.length) return null;
  const select = element("select", { id: "sort" });
  const pairs = entity.sorts.flatMap((name) => [[name, say("sort.up", { field: fieldWord(entity, name) })], [`-${name}`, say("sort.down", { field: fieldWord(entity, name) })]]);
  options(select, pairs, store.get().route.query.sort ?? entity.order);
  select.addEventListener("change", () => ask({ sort: select.value === entity.order ? "" : select.value }));
  return { node: labelled(say("sort"), select), update: ({ route: { query } }) => { select.value = query.sort ?? entity.order; } };
}

// One control per filter of the contract: a choice where there are words to choose from, else what is typed.
function narrowing(entity, filter) {
  const field = fieldNamed(entity, filter.field);
  const id = `filter-${filter.name}`;
  const label = filter.end ? say(`filter.${filter.end}`, { field: fieldWord(entity, filter.field) }) : fieldWord(entity, filter.field);
  const pairs = (state) => choicesOf(entity, field, state);
  const chosen = store.get().route.query[filter.name] ?? "";
  const isChoice = !field || field.choices || field.type === "boolean" || (field.refersTo && referencePairs(field, store.get()));
  const control = isChoice ? element("select", { id }) : element("input", { id, type: { date: "date", datetime: "datetime-local" }[field.type] ?? "text", inputmode: isNumber(field) ? "decimal" : undefined });
  control.addEventListener("change", () => ask({ [filter.name]: asked(field, control.value) }));
  let known = "";
  function update(state) {
    const { query } = state.route;
    const value = query[filter.name] ?? "";
    const drawn = isChoice ? JSON.stringify(pairs(state)) : "";
    if (isChoice && drawn !== known) options(control, [["", say("filter.any")], ...pairs(state)], value);
    known = drawn;
    if (control !== document.activeElement) control.value = isChoice ? value : typed(field, isNumber(field) && value !== "" ? Number(value) : value);
  }
  if (!isChoice) control.value = typed(field, isNumber(field) && chosen !== "" ? Number(chosen) : chosen);
  return { name: filter.name, node: labelled(label, control), update };
}

function choicesOf(entity, field, state) {
  if (!field) return entity.states.map((name) => [name, stateWord(entity, name)]);
  if (field.choices) return field.choices.map((name) => [name, choiceWord(entity, field.name, name)]);
  return field.type === "boolean" ? [["true", say("yes")], ["false", say("no")]] : referencePairs(field, state) ?? [];
}

// What cannot be read is not asked for.
function asked(field, text) {
  if (!field || field.choices || field.type === "boolean") return text;
  const value = sent(field, text);
  return value === null || value === undefined ? "" : String(value);
}
