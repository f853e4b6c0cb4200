// Words of texts.js, with their values put in. Whoever translates the page edits texts.js alone.
import { TEXTS } from "./texts.js";

const LANGUAGE = document.documentElement.lang || "en";
const plural = new Intl.PluralRules(LANGUAGE);

export function say(key, values = {}) {
  const text = TEXTS[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function sayCount(key, count) {
  const form = `${key}.${plural.select(count)}`;
  return say(TEXTS[form] ? form : `${key}.other`, { count: new Intl.NumberFormat(LANGUAGE).format(count) });
}

export const entityWord = (entity) => say(`entity.${entity.name}`);
export const entitiesWord = (entity) => say(`entities.${entity.name}`);
export const fieldWord = (entity, name) => TEXTS[`field.${entity.name}.${name}`] ?? TEXTS[`field.${name}`] ?? name;
export const stateWord = (entity, state) => TEXTS[`state.${entity.name}.${state}`] ?? state ?? "";
export const choiceWord = (entity, name, choice) => TEXTS[`choice.${entity.name}.${name}.${choice}`] ?? choice;
export const verbWord = (verb) => TEXTS[`verb.${verb}`] ?? verb;
export const didWord = (verb) => TEXTS[`did.${verb}`] ?? verbWord(verb);
export const roleWord = (role) => TEXTS[`role.${role}`] ?? role;

export function titleOf(entity, record) {
  return String(record[entity.title] ?? "") || say("record", { entity: capital(entityWord(entity)), id: record.id });
}

export function capital(text) {
  return text.charAt(0).toLocaleUpperCase(LANGUAGE) + text.slice(1);
}

export { LANGUAGE };
