import { isOver, sessionOf } from "../session.js";
import { equal, test } from "./trials.js";

const coded = (data) => btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(data)))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

test("a token says who it is for", () => {
  const { user, role, until } = sessionOf(`x.${coded({ sub: "Zoë Ł", role: "manager", exp: 99 })}.y`);
  equal([user, role, until], ["Zoë Ł", "manager", 99]);
});

test("a session ends when its token does", () => {
  equal(isOver({ until: 100 }, 99999), false);
  equal(isOver({ until: 100 }, 100000), true);
  equal([isOver({ until: null }), isOver(null)], [false, false]);
});
