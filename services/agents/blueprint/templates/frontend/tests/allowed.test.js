import { CONFIG } from "../config.js";
import { mayCall, mayDo, movesOf } from "../allowed.js";
import { equal, test } from "./trials.js";

const ENTITY = {
  verbs: {
    create: { roles: ["employee"] },
    approve: { roles: ["manager"], in: ["sent"], to: "approved", notOwn: true },
  },
};
const manager = { user: "max", role: "manager" };

test("a role is offered what the contract allows it", () => {
  equal([mayCall(ENTITY, "create", manager), mayCall(ENTITY, "approve", manager), mayCall(ENTITY, "delete", manager)], [false, true, false]);
});

test("a step is offered in the states that it starts from", () => {
  equal(["draft", "sent"].map((state) => mayDo(ENTITY, "approve", { state, created_by: "ana" }, manager)), [false, true]);
});

test("nobody is offered a step that is not for whoever made the record", () => {
  equal(mayDo(ENTITY, "approve", { state: "sent", created_by: "max" }, manager), false);
});

test("without a known role everything is offered and the service decides", () => {
  equal(mayCall(ENTITY, "create", null), true);
});

test("every step of this feature leads from a known state to another", () => {
  for (const entity of CONFIG.entities) {
    for (const verb of movesOf(entity)) {
      equal(entity.states.includes(entity.verbs[verb].to), true, verb);
      equal(entity.verbs[verb].in.every((state) => entity.states.includes(state)), true, verb);
    }
  }
});
