import { merged, neededNow, problemOf, sent, shown, shownMoment, typed, wrongPairs } from "../fields.js";
import { equal, test } from "./trials.js";

const money = { name: "amount", type: "money", minimum: 1, maximum: 100000, required: true };
const ENTITY = {
  name: "none", states: [],
  fields: [money, { name: "comment", type: "text" }, { name: "urgent", type: "boolean" }, { name: "from", type: "date" }, { name: "to", type: "date" }],
  needed: [{ field: "comment", when: "amount", operator: ">", value: "50000" }, { field: "to", when: "urgent", operator: "==", value: "true" }],
  compared: [{ field: "to", operator: ">=", other: "from" }],
};

test("amounts are whole minor units on the wire and decimals on the screen", () => {
  equal(["12.50", "12,5", "0.07", " 1 234.00 ", "-3.2"].map((text) => sent(money, text)), [1250, 1250, 7, 123400, -320]);
  equal([shown(ENTITY, money, 123456), shown(ENTITY, money, 5), typed(money, 5), typed(money, -320)], ["1,234.56", "0.05", "0.05", "-3.20"]);
});

test("amounts beyond what a floating point holds exactly in cents survive", () => {
  equal(sent(money, typed(money, 900719925474099)), 900719925474099);
});

test("what cannot be read is said, not guessed", () => {
  equal(["12.505", "abc", "1.2.3", "12 EUR"].map((text) => sent(money, text)), [undefined, undefined, undefined, undefined]);
  equal(problemOf(money, undefined), "Write an amount, for example 12.50.");
  equal([sent({ type: "integer" }, "1.5"), sent({ type: "reference" }, "x"), sent({ type: "datetime" }, "soon")], [undefined, undefined, undefined]);
});

test("limits are said in the field's own unit", () => {
  equal([problemOf(money, 0), problemOf(money, 100001), problemOf(money, 100000)], ["Not below 0.01.", "Not above 1,000.00.", ""]);
  const text = { name: "title", type: "string", minimum: 3, maximum: 5, required: true };
  equal([problemOf(text, "ab"), problemOf(text, "abcdef"), problemOf(text, "abcde"), problemOf(text, null)], ["At least 3 characters.", "At most 5 characters; these are 6.", "", "Fill this in."]);
});

test("addresses are checked as the service checks them", () => {
  const email = { type: "email" };
  const url = { type: "url" };
  equal([problemOf(email, "a@b.c"), Boolean(problemOf(email, "a@b")), problemOf(url, "https://a"), Boolean(problemOf(url, "ftp://a"))], ["", true, "", true]);
});

test("a moment is stored in UTC and typed on the clock of the person", () => {
  const field = { name: "at", type: "datetime" };
  const stored = "2023-03-29T10:15:00Z";
  equal(sent(field, typed(field, stored)), "2023-03-29T10:15:00.000Z");
  equal(shownMoment("2023-03-29T10:15:00"), shownMoment(stored));
});

test("a day is the same day everywhere", () => {
  equal(shown(ENTITY, { name: "on", type: "date" }, "2023-03-01"), "Mar 1, 2023");
});

test("nothing is a dash, yes and no are words, a hidden value is shown as it came", () => {
  equal([shown(ENTITY, money, null), shown(ENTITY, { type: "boolean" }, false), shown(ENTITY, { type: "money", hidden: "masked" }, "**34")], ["–", "no", "**34"]);
});

test("an empty input is nothing; a box that is not ticked is no", () => {
  equal([sent({ type: "string" }, "  "), sent({ type: "boolean" }, false), sent({ type: "string" }, " a ")], [null, false, "a"]);
});

test("other values make a field necessary, and it is said why", () => {
  equal(neededNow(ENTITY, { amount: 50000, urgent: false }), {});
  equal(Object.keys(neededNow(ENTITY, { amount: 50001, urgent: true })), ["comment", "to"]);
  equal(neededNow(ENTITY, { amount: 50001 }).comment.endsWith("is above 500.00"), true);
});

test("pairs that do not fit are said at the first of them", () => {
  equal(wrongPairs(ENTITY, { from: "2023-01-02", to: "2023-01-01" }).map(({ field }) => field), ["to"]);
  equal(wrongPairs(ENTITY, { from: "2023-01-02", to: "2023-01-02" }), []);
  equal(wrongPairs(ENTITY, { from: "2023-01-02", to: null }), []);
});

test("two changes of one record: only what both changed is asked about", () => {
  const base = { a: 1, b: 1, c: 1, d: null };
  const found = merged(base, { a: 2, b: 1, c: 5, d: "" }, { a: 3, b: 4, c: 5, d: null }, ["a", "b", "c", "d"]);
  equal(found, { changed: ["a", "b", "c"], both: ["a"], taken: ["b", "c"] });
});
