import { CONFIG } from "../config.js";
import { TEXTS } from "../texts.js";
import { entitiesWord, fieldWord, say, sayCount, titleOf, verbWord } from "../words.js";
import { equal, test } from "./trials.js";

test("values are put in, and what is unknown is left out", () => {
  equal(say("act.about", { act: "Edit", record: "{x}" }), "Edit {x}");
  equal(sayCount("count", 1234), "1,234 shown.");
});

test("every entity, field, state, choice, step and role has a word", () => {
  for (const entity of CONFIG.entities) {
    const keys = [`entity.${entity.name}`, `entities.${entity.name}`];
    for (const { name, choices = [] } of entity.fields) keys.push(`field.${entity.name}.${name}`, ...choices.map((choice) => `choice.${entity.name}.${name}.${choice}`));
    keys.push(...entity.states.map((state) => `state.${entity.name}.${state}`));
    keys.push(...Object.keys(entity.verbs).filter((verb) => entity.verbs[verb].to).map((verb) => `verb.${verb}`));
    equal(keys.filter((key) => !TEXTS[key]), []);
  }
  equal(CONFIG.roles.filter((role) => !TEXTS[`role.${role}`]), []);
});

test("a record is called by its title, or by its number", () => {
  const [entity] = CONFIG.entities;
  equal(titleOf({ ...entity, title: "a" }, { id: 5, a: "Lunch" }), "Lunch");
  equal(titleOf({ ...entity, title: "" }, { id: 5 }).endsWith(" 5"), true);
  equal([entitiesWord(entity), fieldWord(entity, "state"), verbWord("never")].every(Boolean), true);
});
