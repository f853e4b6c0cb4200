// What a person does: sign in, go somewhere, create, change, move, delete, download.
import { Problem, call, newKey, send } from "./api.js";
import { confirmed } from "./elements.js";
import { isAboutThePage, loadFeature, loadList, loadRecord, loadReferences } from "./loading.js";
import { writeRoute } from "./routes.js";
import { keepSession, sessionOf } from "./session.js";
import { NOTHING, changeList, keepRecord, store, tell, token } from "./state.js";
import { capital, entityWord, say, stateWord, titleOf, verbWord } from "./words.js";

export function go(entity, where) {
  location.hash = writeRoute(entity, where);
}

// What came of an act is said where it leads to, after that place has been drawn.
export function goAndSay(entity, where, said) {
  const address = writeRoute(entity, where);
  if (location.hash === address) return tell(said);
  addEventListener("hashchange", () => tell(said), { once: true });
  location.hash = address;
}

// The query of the list is a part of the address; no new entry in the history for every letter.
export function ask(change) {
  const { route } = store.get();
  const query = Object.fromEntries(Object.entries({ ...route.query, ...change }).filter(([, value]) => value !== ""));
  history.replaceState(null, "", writeRoute(route.entity, { query }));
  store.set({ route: { ...route, query } });
  return loadList();
}

// What the place that a person has come to needs.
export function arrive({ isFirst = false } = {}) {
  const { route, feature, mustSignIn } = store.get();
  if (mustSignIn) return;
  if (!isFirst) store.set({ trouble: null, said: "" });
  if (feature === "off" || feature === "killed") return;
  loadReferences(route.entity);
  if (route.mode === "list") {
    store.set({ list: NOTHING });
    loadList();
  } else if (route.mode !== "create") loadRecord();
}

export async function signIn(user, role) {
  const { token: made } = await send("/sign-in", { method: "POST", body: { user, role } });
  const session = sessionOf(made);
  keepSession(session);
  store.set({ session: { ...session, user: session.user || user, role: session.role || role }, mustSignIn: false, signsIn: true, feature: "unknown", references: {}, said: say("signed.in", { user }) });
  await loadFeature();
  arrive({ isFirst: true });
}

export function signOut() {
  keepSession(null);
  store.set({ session: null, mustSignIn: true, list: NOTHING, references: {}, said: say("signed.out"), trouble: null });
}

// One key per body: the same words sent twice are one record, other words are another.
let sentOnce = { body: "", key: "" };

export async function save(entity, verb, { record, body }) {
  const words = JSON.stringify([entity.name, body]);
  if (words !== sentOnce.body) sentOnce = { body: words, key: newKey() };
  const asked = record ? { id: record.id, body, version: record.version } : { body, key: sentOnce.key };
  const data = await call(entity, verb, token(), asked);
  if (!record) sentOnce = { body: "", key: "" };
  forget(entity);
  keepRecord(data);
  return data;
}

export async function move(entity, verb, record) {
  const key = `${record.id} ${verb}`;
  if (store.get().busy.includes(key)) return;
  const { optimistic, to } = entity.verbs[verb];
  store.set(({ busy }) => ({ busy: [...busy, key], trouble: null }));
  if (optimistic) keepRecord({ ...record, state: to });
  try {
    const data = await call(entity, verb, token(), { id: record.id, version: record.version });
    forget(entity);
    keepRecord(data);
    tell(say("moved", { record: titleOf(entity, data), state: stateWord(entity, data.state) }));
  } catch (problem) {
    if (optimistic) keepRecord(record);
    await refused(entity, record, problem, verbWord(verb));
  } finally {
    store.set(({ busy }) => ({ busy: busy.filter((found) => found !== key) }));
  }
}

export async function remove(entity, record) {
  const title = titleOf(entity, record);
  const isSure = await confirmed(say("delete.title", { record: title }), say("delete.text"), say("delete.yes"), say("delete.no"));
  if (!isSure) return;
  try {
    await call(entity, "delete", token(), { id: record.id, version: record.version });
    forget(entity);
    changeList(store.get().list.records.filter((found) => found.id !== record.id));
    const said = say("deleted", { record: title });
    if (store.get().route.mode === "list") tell(said);
    else goAndSay(entity, {}, said);
  } catch (problem) {
    await refused(entity, record, problem, verbWord("delete"));
  }
}

// Somebody was faster, or a rule says no: the newest values are shown beside the reason.
async function refused(entity, record, problem, act) {
  if (isAboutThePage(problem)) return;
  const title = problem.status === 412 ? say("stale.title") : say("refused.title", { act, record: titleOf(entity, record) });
  store.set({ trouble: { title, text: problem.status === 412 ? say("stale.text") : problem.message }, said: "" });
  if (![404, 409, 412].includes(problem.status)) return;
  try {
    keepRecord(await call(entity, "get", token(), { id: record.id }));
  } catch (other) {
    if (!(other instanceof Problem)) throw other;
    if (other.status === 404) changeList(store.get().list.records.filter((found) => found.id !== record.id));
  }
}

export async function download(entity) {
  const { sort, ...query } = store.get().route.query;
  try {
    const file = await call(entity, "export", token(), { query });
    const address = URL.createObjectURL(file);
    const anchor = Object.assign(document.createElement("a"), { href: address, download: `${entity.route}.csv` });
    anchor.click();
    URL.revokeObjectURL(address);
    tell(say("downloaded", { entity: capital(entityWord(entity)) }));
  } catch (problem) {
    if (!isAboutThePage(problem)) store.set({ trouble: { title: problem.title, text: problem.message } });
  }
}

// Other places may show old titles of what was just written.
function forget(entity) {
  store.set(({ references: { [entity.name]: _, ...others } }) => ({ references: others }));
}
