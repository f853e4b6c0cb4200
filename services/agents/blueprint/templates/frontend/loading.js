// Reading from the service into the store: who is let in, the list, one record, what references lead to.
import { mayCall } from "./allowed.js";
import { Problem, call, send } from "./api.js";
import { expose } from "./exposure.js";
import { isOver, keepSession } from "./session.js";
import { NOTHING, entityNamed, store, token } from "./state.js";
import { say } from "./words.js";

const REFERENCE_PAGES = 3;
let turn = 0;

// Whether the feature is on for this person, and who signs people in. Whoever is nobody yet has no variant yet.
export async function loadFeature() {
  try {
    const told = await send("/feature", { token: token() });
    const signsIn = told.sign_in === "local";
    const mustSignIn = signsIn && !token() && !told.killed;
    const feature = told.killed ? "killed" : told.enabled ? "on" : "off";
    store.set({ feature: mustSignIn ? "unknown" : feature, variant: mustSignIn ? "" : told.variant ?? "", signsIn, mustSignIn });
  } catch (problem) {
    if (problem.status === 401) endSession(); // without an answer the list will tell
  }
}

// Takes a problem that is about the whole page; says whether it was one.
export function isAboutThePage(problem, { isList = false } = {}) {
  if (!(problem instanceof Problem)) throw problem;
  if (problem.status === 401) return endSession();
  if (problem.status === 404 && isList) {
    store.set(({ feature }) => ({ feature: feature === "killed" ? "killed" : "off" }));
    expose();
    return true;
  }
  return false;
}

function endSession() {
  const { session } = store.get();
  keepSession(null);
  store.set({ session: null, mustSignIn: true, said: session ? say("session.ended") : "", list: NOTHING, references: {} });
  return true;
}

export async function loadList({ more = false } = {}) {
  const { route: { entity, query }, list, session } = store.get();
  if (session && isOver(session)) return endSession();
  const mine = ++turn;
  store.set({ list: more ? { ...list, phase: "more", problem: null } : { ...list, phase: "loading", problem: null, next: null }, trouble: null });
  try {
    const page = await call(entity, "list", token(), { query: { ...query, after: more ? list.next : undefined } });
    if (mine !== turn) return; // something newer was asked meanwhile
    const known = more ? store.get().list.records : [];
    const records = [...known, ...page.items.filter((item) => !known.some((found) => found.id === item.id))];
    store.set({ list: { phase: "ready", records, next: page.next ?? null, problem: null }, feature: "on" });
    expose();
  } catch (problem) {
    if (mine !== turn || isAboutThePage(problem, { isList: true })) return;
    store.set(({ list: now }) => ({ list: { ...now, phase: problem.status === 403 ? "denied" : "error", problem } }));
  }
}

export async function loadRecord({ isQuiet = false } = {}) {
  const { route: { entity, id } } = store.get();
  const isStill = () => store.get().route.id === id && store.get().route.entity === entity;
  if (!isQuiet) store.set({ record: { phase: "loading", data: null, problem: null, changes: null } });
  try {
    const data = await call(entity, "get", token(), { id });
    if (isStill()) store.set(({ record }) => ({ record: { ...record, phase: "ready", data, problem: null }, feature: "on" }));
    expose();
  } catch (problem) {
    if (!isStill() || isAboutThePage(problem)) return;
    const phase = { 403: "denied", 404: "gone" }[problem.status] ?? "error";
    store.set({ record: { phase, data: null, problem, changes: null } });
  }
}

export async function loadChanges() {
  const { route: { entity, id } } = store.get();
  try {
    const { items } = await call(entity, "history", token(), { id });
    store.set(({ record }) => ({ record: { ...record, changes: items } }));
  } catch (problem) {
    if (isAboutThePage(problem)) return;
    store.set({ trouble: { title: problem.title, text: problem.message } });
  }
}

// The records that a reference of an entity can lead to; where a person may not list them, a number is shown.
export function loadReferences(entity) {
  for (const { refersTo } of entity.fields) {
    const other = refersTo && entityNamed(refersTo);
    if (other && !store.get().references[refersTo] && mayCall(other, "list", store.get().session)) loadAll(other);
  }
}

async function loadAll(entity) {
  const keep = (found) => store.set(({ references }) => ({ references: { ...references, [entity.name]: found } }));
  keep({ records: [], isCut: false });
  const sort = entity.sorts.includes(entity.title) ? entity.title : undefined;
  let records = [];
  let after;
  try {
    for (let page = 0; page < REFERENCE_PAGES; page += 1) {
      const found = await call(entity, "list", token(), { query: { limit: 100, sort, after } });
      records = [...records, ...found.items];
      after = found.next;
      if (!after) break;
    }
    keep({ records, isCut: Boolean(after) });
  } catch (problem) {
    if (!isAboutThePage(problem)) keep({ records, isCut: true });
  }
}
