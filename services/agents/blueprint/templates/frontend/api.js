// The only place that talks to the service. Answers are data or a Problem; nothing else leaves this file.
import { say } from "./words.js";

const LIMIT_MS = 10000;
const TRIES = 3;
const PASSING = [502, 503, 504];

export class Problem extends Error {
  constructor(status, title, detail, errors = []) {
    super(detail || title);
    Object.assign(this, { status, title, detail, errors });
  }
}

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What may be sent twice without harm: reading, and a creation that carries a key.
export function mayRepeat(method, key) {
  return method === "GET" || Boolean(key);
}

// Full jitter: anything up to a limit that doubles.
export function waitBefore(turn, random = Math.random) {
  return random() * Math.min(2000, 250 * 2 ** turn);
}

export async function call(entity, verb, token, { id, body, query, version, key } = {}) {
  const { method, path } = entity.verbs[verb];
  const headers = { Accept: verb === "export" ? "text/csv" : "application/json" };
  if (version) headers["If-Match"] = `"${version}"`;
  if (key) headers["Idempotency-Key"] = key;
  return send(path.replace("{id}", encodeURIComponent(id ?? "")) + search(query), { method, headers, body, token, key });
}

export async function send(address, { method = "GET", headers = {}, body, token, key } = {}) {
  const asked = { method, headers: { Accept: "application/json", ...headers }, cache: "no-store" };
  if (token) asked.headers.Authorization = `Bearer ${token}`;
  if (body) Object.assign(asked, { body: JSON.stringify(body), headers: { ...asked.headers, "Content-Type": "application/json" } });
  for (let turn = 1; ; turn += 1) {
    const answer = await once(address, asked);
    const isPassing = answer instanceof Problem || PASSING.includes(answer.status);
    if (isPassing && navigator.onLine && turn < TRIES && mayRepeat(method, key)) {
      await new Promise((done) => setTimeout(done, waitBefore(turn)));
      continue;
    }
    if (answer instanceof Problem) throw answer;
    return read(answer);
  }
}

async function once(address, asked) {
  try {
    return await fetch(address, { ...asked, signal: AbortSignal.timeout(LIMIT_MS) });
  } catch {
    return new Problem(0, say("problem.silent"), say(navigator.onLine ? "problem.silent.text" : "problem.offline.text"));
  }
}

async function read(answer) {
  if (answer.status === 204) return null;
  if (answer.ok && answer.headers.get("Content-Type")?.startsWith("text/csv")) return answer.blob();
  const data = await answer.json().catch(() => null);
  if (answer.ok && data !== null) return data;
  throw new Problem(answer.ok ? 0 : answer.status, data?.title ?? say("problem"), data?.detail ?? "", data?.errors ?? []);
}

export function search(query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "" && value !== null);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}
