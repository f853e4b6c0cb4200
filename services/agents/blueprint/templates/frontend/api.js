// The only place that talks to the service. Answers are data or a Problem; nothing else leaves this file.
import { CONFIG } from "./config.js";

export class Problem extends Error {
  constructor(status, title, detail, fields = []) {
    super(detail || title);
    Object.assign(this, { status, title, detail, fields });
  }
}

export const visitor = stored("visitor", newKey);

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function operation(resource, verb) {
  return CONFIG.operations.find((found) => found.resource === resource && found.verb === verb);
}

export function mayCall(resource, verb, role) {
  const found = operation(resource, verb);
  return Boolean(found) && found.roles.includes(role);
}

export async function call(resource, verb, role, { id, body, query, version, key } = {}) {
  const { method, path } = operation(resource, verb);
  const headers = { Accept: "application/json", "X-Role": role, "X-User": visitor };
  if (body) headers["Content-Type"] = "application/json";
  if (version) headers["If-Match"] = `"${version}"`;
  if (key) headers["Idempotency-Key"] = key;
  const address = path.replace("{id}", encodeURIComponent(id ?? "")) + search(query);
  let answer;
  try {
    answer = await fetch(address, { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(10000) });
  } catch (error) {
    throw new Problem(0, "No answer", "The service did not answer. Check your connection and try again.");
  }
  if (answer.status === 204) return null;
  const data = await answer.json().catch(() => ({}));
  if (answer.ok) return data;
  throw new Problem(answer.status, data.title ?? "Problem", data.detail ?? "", data.errors ?? []);
}

function search(query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "" && value !== null);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

function stored(name, make) {
  try {
    const found = localStorage.getItem(name) ?? make();
    localStorage.setItem(name, found);
    return found;
  } catch (error) {
    return make(); // storage can be switched off; then the visitor is new on every load
  }
}
