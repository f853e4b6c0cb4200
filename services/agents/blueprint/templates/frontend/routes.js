// Where a person is, as the part of the address after #, so that links, reloading and "back" work.
import { CONFIG } from "./config.js";

// { entity, mode, id, query }: mode is "list", "create", "show", "update", or a verb that takes fields along.
export function readRoute(hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split("?");
  const [name, id, mode] = path.split("/");
  const entity = CONFIG.entities.find((found) => found.route === name) ?? CONFIG.entities[0];
  const query = Object.fromEntries(new URLSearchParams(search));
  if (name !== entity.route || !id) return { entity, mode: "list", id: null, query };
  if (id === "new") return { entity, mode: "create", id: null, query: {} };
  if (!/^\d+$/.test(id)) return { entity, mode: "list", id: null, query };
  return { entity, mode: entity.verbs[mode] ? mode : "show", id: Number(id), query: {} };
}

export function writeRoute(entity, { id, mode, query } = {}) {
  const place = mode === "create" ? "/new" : id ? `/${id}${mode && mode !== "show" ? `/${mode}` : ""}` : "";
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  return `#/${entity.route}${place}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}
