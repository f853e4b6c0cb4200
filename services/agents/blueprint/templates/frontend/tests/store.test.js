import { createStore } from "../store.js";
import { equal, test } from "./trials.js";

test("the store keeps what is set and leaves the rest", () => {
  const store = createStore({ a: 1, b: 2 });
  store.set({ a: 3 });
  store.set(({ a }) => ({ b: a + 1 }));
  equal(store.get(), { a: 3, b: 4 });
});

test("listeners are told once for all changes of a turn", async () => {
  const store = createStore({ a: 0 });
  const told = [];
  const leave = store.subscribe(({ a }) => told.push(a));
  store.set({ a: 1 });
  store.set({ a: 2 });
  await Promise.resolve();
  leave();
  store.set({ a: 3 });
  await Promise.resolve();
  equal(told, [2]);
});

test("what the store gives cannot be changed past it", () => {
  equal(Object.isFrozen(createStore({ a: 1 }).get()), true);
});
