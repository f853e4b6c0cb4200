// What the page remembers at the beginning, and small readings of it that several files need.
import { CONFIG } from "./config.js";
import { readRoute } from "./routes.js";
import { readSession } from "./session.js";
import { createStore } from "./store.js";

export const NOTHING = Object.freeze({ phase: "loading", records: [], next: null, problem: null });

export const store = createStore({
  session: readSession(),
  mustSignIn: false,
  // Whether the service signs people in itself (SIGN_IN=local); null until it is known.
  signsIn: null,
  isOnline: navigator.onLine,
  // "on", "off" for this person, "killed" for everybody; "unknown" until the service has said so.
  feature: "unknown",
  variant: "",
  route: readRoute(location.hash),
  list: NOTHING,
  record: { phase: "loading", data: null, problem: null, changes: null },
  references: {},
  busy: [],
  said: "",
  trouble: null,
});

export const token = () => store.get().session?.token;
export const entityNamed = (name) => CONFIG.entities.find((found) => found.name === name);

export function changeList(records) {
  store.set(({ list }) => ({ list: { ...list, records } }));
}

// A stored record, wherever the page shows it.
export function keepRecord(data) {
  store.set(({ list, record }) => ({
    list: { ...list, records: list.records.map((found) => (found.id === data.id ? data : found)) },
    record: record.data?.id === data.id ? { ...record, data } : record,
  }));
}

export function tell(said) {
  store.set({ said, trouble: null });
}
