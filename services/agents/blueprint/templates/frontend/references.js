// What a reference leads to, in words.
import { mayCall } from "./allowed.js";
import { entityNamed } from "./state.js";
import { titleOf } from "./words.js";

// [[id, title]] to choose from, or null where a person may not list them; then a number is typed.
export function referencePairs(field, state) {
  const entity = field.refersTo && entityNamed(field.refersTo);
  if (!entity || !mayCall(entity, "list", state.session)) return null;
  const known = state.references[field.refersTo]?.records ?? [];
  return known.map((record) => [String(record.id), titleOf(entity, record)]);
}

export function referenceWord(field, id, state) {
  if (id === null || id === undefined) return "–";
  const found = state.references[field.refersTo]?.records.find((record) => record.id === id);
  return found ? titleOf(entityNamed(field.refersTo), found) : `#${id}`;
}
