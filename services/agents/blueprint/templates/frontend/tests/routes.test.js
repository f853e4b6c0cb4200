import { CONFIG } from "../config.js";
import { readRoute, writeRoute } from "../routes.js";
import { equal, test } from "./trials.js";

const [entity] = CONFIG.entities;
const read = (hash) => {
  const { entity: found, ...rest } = readRoute(hash);
  return { ...rest, entity: found.name };
};

test("no address, and one that nothing is at, lead to the first list", () => {
  const first = { mode: "list", id: null, query: {}, entity: entity.name };
  equal(read(""), first);
  equal(read("#/nowhere/1"), first);
  equal(read(`#/${entity.route}/one`), first);
});

test("every place of the page is written and read back", () => {
  for (const found of CONFIG.entities) {
    equal(read(writeRoute(found, { query: { q: "a b&c", state: "" } })), { mode: "list", id: null, query: { q: "a b&c" }, entity: found.name });
    equal(read(writeRoute(found, { mode: "create" })), { mode: "create", id: null, query: {}, entity: found.name });
    equal(read(writeRoute(found, { id: 7 })), { mode: "show", id: 7, query: {}, entity: found.name });
    equal(read(writeRoute(found, { id: 7, mode: "update" })), { mode: "update", id: 7, query: {}, entity: found.name });
    equal(read(`#/${found.route}/7/nonsense`).mode, "show");
  }
});
