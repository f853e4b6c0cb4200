// Fields without a page: what is shown of a value, and what is sent for an input. Pure, so that it can be tested alone.

export const KINDS = { integer: "number", money: "number", number: "number", date: "date", datetime: "datetime-local", email: "email", url: "url" };

export function worded(name) {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function shown(field, value) {
  if (value === null || value === undefined) return "–";
  if (field.type === "boolean") return value ? "yes" : "no";
  if (field.type === "money") return (value / 100).toFixed(2);
  return String(value);
}

export function typed(field, value) {
  if (value === null || value === undefined) return "";
  if (field.type === "money") return (value / 100).toFixed(2);
  if (field.type === "datetime") return String(value).slice(0, 16);
  return String(value);
}

// The value to send; undefined leaves the field out.
export function sent(field, input) {
  if (field.type === "boolean") return input.checked;
  const text = input.value;
  if (text.trim() === "") return undefined;
  if (field.type === "money") return Math.round(Number(text) * 100);
  if (field.type === "integer" || field.type === "number") return Number(text);
  return text;
}

export function missing(field, value) {
  return field.required && value === undefined;
}
