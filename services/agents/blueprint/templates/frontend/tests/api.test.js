import { Problem, call, mayRepeat, newKey, search, send, waitBefore } from "../api.js";
import { equal, refuses, test } from "./trials.js";

const ENTITY = { verbs: { create: { method: "POST", path: "/things" }, get: { method: "GET", path: "/things/{id}" }, update: { method: "PATCH", path: "/things/{id}" } } };

// The network for one test: answers in turn; null is a lost connection. Nobody waits before the next try.
async function over(answers, run) {
  const { fetch, setTimeout } = window;
  const asked = [];
  window.setTimeout = (later) => setTimeout(later, 0);
  window.fetch = async (address, options) => {
    asked.push({ address, ...options });
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (!answer) throw new TypeError("lost");
    return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), { status: answer.status ?? 200 });
  };
  try {
    return { result: await run(), asked };
  } finally {
    Object.assign(window, { fetch, setTimeout });
  }
}

test("a creation carries its key, its token and its body", async () => {
  const { result, asked } = await over([{ status: 201, body: { id: 1 } }], () => call(ENTITY, "create", "t", { body: { a: 1 }, key: "k" }));
  equal(result, { id: 1 });
  equal([asked[0].headers["Idempotency-Key"], asked[0].headers.Authorization, asked[0].body], ["k", "Bearer t", '{"a":1}']);
});

test("a change says which version it saw, and is never sent twice", async () => {
  const { asked } = await over([null], () => refuses(() => call(ENTITY, "update", "t", { id: 3, version: 2, body: {} })));
  equal([asked.length, asked[0].address, asked[0].headers["If-Match"]], [1, "/things/3", '"2"']);
});

test("reading is tried again after a lost connection and a busy service", async () => {
  const { result, asked } = await over([null, { status: 503 }, { body: { id: 3 } }], () => call(ENTITY, "get", "", { id: 3 }));
  equal([result, asked.length, asked[0].headers.Authorization], [{ id: 3 }, 3, undefined]);
});

test("after three tries it is said that nothing answers", async () => {
  const { result, asked } = await over([null], () => refuses(() => send("/x")));
  equal([result instanceof Problem, result.status, asked.length], [true, 0, 3]);
});

test("a problem document keeps its fields", async () => {
  const body = { title: "No", status: 422, detail: "a: b", errors: [{ field: "a", message: "b" }] };
  const { result } = await over([{ status: 422, body }], () => refuses(() => send("/x", { method: "POST" })));
  equal([result.status, result.message, result.errors], [422, "a: b", body.errors]);
});

test("an answer that is no JSON is a problem, not a record", async () => {
  const { result } = await over([{ status: 200 }], () => refuses(() => send("/x", { method: "POST" })));
  equal(result.status, 0);
});

test("waiting doubles and never ends beyond two seconds", () => {
  equal([1, 2, 9].map((turn) => waitBefore(turn, () => 1)), [500, 1000, 2000]);
  equal(waitBefore(3, () => 0), 0);
});

test("only reading and what carries a key may be sent again", () => {
  equal([mayRepeat("GET"), mayRepeat("POST", "k"), mayRepeat("POST"), mayRepeat("DELETE")], [true, true, false, false]);
});

test("two keys differ", () => {
  equal([newKey() === newKey(), newKey().length], [false, 32]);
});

test("empty parts of a query are left out", () => {
  equal(search({ a: "", b: null, c: "x y", d: undefined, e: 0 }), "?c=x+y&e=0");
});
