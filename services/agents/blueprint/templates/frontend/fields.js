// Values without a page: what is shown, what stands in an input, what is sent, and what is wrong with it. Pure.
import { LANGUAGE, choiceWord, fieldWord, say } from "./words.js";

const whole = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 6 });
const amount = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const day = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium", timeZone: "UTC" });
const moment = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium", timeStyle: "short" });
const NUMBERS = ["integer", "money", "number"];
const OPERATORS = {
  "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b, "==": (a, b) => a === b, "!=": (a, b) => a !== b,
};

export const isEmpty = (value) => value === null || value === undefined || value === "";
export const isNumber = (field) => NUMBERS.includes(field.type) && !field.choices;

export function shown(entity, field, value) {
  if (isEmpty(value)) return "–";
  if (field.hidden) return String(value);
  if (field.choices) return choiceWord(entity, field.name, value);
  if (field.type === "boolean") return say(value ? "yes" : "no");
  if (field.type === "money") return amount.format(value / 100);
  if (isNumber(field)) return whole.format(value);
  if (field.type === "date") return day.format(new Date(`${value}T00:00:00Z`));
  if (field.type === "datetime") return shownMoment(value);
  return String(value);
}

// Times are stored in UTC and shown on the clock of whoever looks.
export function shownMoment(value) {
  return moment.format(asDate(value));
}

function asDate(value) {
  return new Date(/Z$|[+-]\d\d:\d\d$/.test(value) ? value : `${value}Z`);
}

// What stands in the input for a stored value.
export function typed(field, value) {
  if (isEmpty(value)) return "";
  if (field.type === "money") return decimals(value);
  if (field.type !== "datetime") return String(value);
  const at = asDate(value);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

function decimals(minor) {
  const digits = String(Math.abs(minor)).padStart(3, "0");
  return `${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

// The value to send for what was typed: null where nothing was, undefined where it cannot be read.
export function sent(field, text) {
  if (field.type === "boolean" && !field.choices) return typeof text === "boolean" ? text : text === "" ? null : text === "true";
  const given = text.trim();
  if (given === "") return null;
  if (field.choices) return given;
  if (field.type === "money") return minorUnits(given);
  if (field.type === "integer" || field.type === "reference") return /^[-+]?\d+$/.test(given) ? Number(given) : undefined;
  if (field.type === "number") return /^[-+]?\d+([.,]\d+)?$/.test(given) ? Number(given.replace(",", ".")) : undefined;
  if (field.type === "datetime") return Number.isNaN(Date.parse(given)) ? undefined : new Date(given).toISOString();
  return given;
}

// "12.5" and "12,50" are 1250; no floating point on the way.
function minorUnits(text) {
  const found = /^([-+]?)(\d+)(?:[.,](\d{1,2}))?$/.exec(text.replace(/[\s'\u00a0\u202f]/g, ""));
  if (!found) return undefined;
  const [, sign, units, cents = ""] = found;
  return Number(`${sign}${units}${cents.padEnd(2, "0")}`);
}

// What is wrong with one value, as text; empty when nothing is.
export function problemOf(field, value) {
  if (value === undefined) return say(`check.${field.type}`);
  if (value === null) return field.required ? say("check.required") : "";
  if (isNumber(field)) return ofNumber(field, value);
  if (field.type === "email" && !/^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/.test(value)) return say("check.email");
  if (field.type === "url" && !/^https?:\/\/[^\s/]+\S*$/.test(value)) return say("check.url");
  if (typeof value !== "string" || field.maximum === undefined) return "";
  if (value.length > field.maximum) return say("check.long", { maximum: whole.format(field.maximum), length: whole.format(value.length) });
  return value.length < field.minimum ? say("check.short", { minimum: field.minimum }) : "";
}

function ofNumber(field, value) {
  const text = (limit) => (field.type === "money" ? amount.format(limit / 100) : whole.format(limit));
  if (value < field.minimum) return say("check.least", { minimum: text(field.minimum) });
  return value > field.maximum ? say("check.most", { maximum: text(field.maximum) }) : "";
}

// Fields that other values make necessary: { field: why }.
export function neededNow(entity, values) {
  const found = {};
  for (const rule of entity.needed) if (holds(entity, rule, values)) found[rule.field] = whyNeeded(entity, rule);
  return found;
}

function holds(entity, rule, values) {
  const value = values[rule.when];
  if (isEmpty(value)) return false;
  return OPERATORS[rule.operator](value, wanted(fieldNamed(entity, rule.when), rule.value));
}

function wanted(field, text) {
  if (field && isNumber(field)) return Number(text);
  return field?.type === "boolean" ? ["true", "yes"].includes(text) : text;
}

function whyNeeded(entity, rule) {
  const field = fieldNamed(entity, rule.when);
  const value = field ? shown(entity, field, wanted(field, rule.value)) : rule.value;
  return say(`needed.${rule.operator}`, { other: fieldWord(entity, rule.when), value });
}

// Pairs that do not fit together: [{ field, message }].
export function wrongPairs(entity, values) {
  return entity.compared
    .filter(({ field, other, operator }) => !isEmpty(values[field]) && !isEmpty(values[other]) && !OPERATORS[operator](values[field], values[other]))
    .map(({ field, other, operator }) => ({ field, message: say(`compare.${operator}`, { other: fieldWord(entity, other) }) }));
}

export function fieldNamed(entity, name) {
  return entity.fields.find((field) => field.name === name);
}

// What two people did to one record: base is what I began with, mine what I want, theirs what is stored now.
export function merged(base, mine, theirs, names) {
  const isSame = (a, b) => (isEmpty(a) && isEmpty(b)) || a === b;
  const changed = names.filter((name) => !isSame(base[name], theirs[name]));
  const both = changed.filter((name) => !isSame(mine[name], base[name]) && !isSame(mine[name], theirs[name]));
  return { changed, both, taken: changed.filter((name) => !both.includes(name)) };
}
