// The page: draws what the store says, and tells the store what the browser says.
import { CONFIG } from "./config.js";
import { arrive, signOut } from "./acts.js";
import { button, element, link, notice } from "./elements.js";
import { openForm } from "./form.js";
import { openList } from "./list.js";
import { expose } from "./exposure.js";
import { loadFeature } from "./loading.js";
import { openRecord } from "./record.js";
import { readRoute, writeRoute } from "./routes.js";
import { openSignIn } from "./signin.js";
import { store } from "./state.js";
import { entitiesWord, roleWord, say } from "./words.js";

const $ = (id) => document.getElementById(id);
const title = document.title;
let view = { key: "", update() {} };

function keyOf({ mustSignIn, feature, route: { entity, mode, id }, session }) {
  if (mustSignIn) return "sign-in";
  if (feature === "off" || feature === "killed") return feature;
  return [entity.name, mode, id, session?.user, session?.role].join(" ");
}

function open(state) {
  const key = keyOf(state);
  if (key === "sign-in") return openSignIn();
  if (key === "off" || key === "killed") return openNothing(key);
  return { list: openList, show: openRecord }[state.route.mode]?.(state) ?? openForm(state);
}

// The feature is off: for everybody by its kill switch, or for this person because it is not there yet.
function openNothing(key) {
  const text = notice(say(`${key}.title`), say(`${key}.text`), button(say("again"), () => location.reload()));
  const heading = element("h2", { id: "heading", tabindex: "-1", class: "unseen", text: say(`${key}.title`) });
  return { node: element("section", { "aria-labelledby": "heading" }, heading, text), title: say(`${key}.title`), update() {} };
}

function draw(state) {
  const key = keyOf(state);
  if (key !== view.key) {
    const isFirst = !view.key;
    view = { ...open(state), key };
    $("view").replaceChildren(view.node);
    document.title = `${view.title} – ${title}`;
    if (!isFirst) view.node.querySelector("#heading").focus();
  }
  view.update(state);
  drawFrame(state);
}

function drawFrame({ route, session, mustSignIn, isOnline, feature, said, trouble }) {
  const isClosed = mustSignIn || feature === "off" || feature === "killed";
  $("offline").hidden = isOnline;
  $("entities").hidden = isClosed || CONFIG.entities.length < 2;
  for (const anchor of $("entities").children) anchor.toggleAttribute("aria-current", anchor.dataset.entity === route.entity.name);
  $("person").hidden = !session;
  if (session) $("who").textContent = say("signed.as", { user: session.user, role: roleWord(session.role) });
  if ($("said").textContent !== said) $("said").textContent = said;
  const text = trouble ? `${trouble.title} ${trouble.text}` : "";
  if ($("trouble").dataset.text !== text) $("trouble").replaceChildren(...(trouble ? [notice(trouble.title, trouble.text)] : []));
  $("trouble").dataset.text = text;
}

function frame() {
  $("entities").append(...CONFIG.entities.map((entity) => link(entitiesWord(entity), writeRoute(entity), { "data-entity": entity.name })));
  $("entities").setAttribute("aria-label", say("entities"));
  $("skip").textContent = say("skip");
  $("skip").addEventListener("click", (event) => { event.preventDefault(); $("main").focus(); });
  $("offline").textContent = say("offline");
  $("person").append(button(say("sign.out"), signOut, { id: "sign-out" }));
}

async function start() {
  frame();
  store.subscribe(draw);
  store.subscribe(({ feature }) => { if (feature === "off") expose(); });
  draw(store.get());
  await loadFeature();
  arrive({ isFirst: true });
}

// Lists keep their own address up to date; only another place is a new one.
addEventListener("hashchange", () => {
  if (view.isChanged?.() && !confirm(say("leave"))) return history.replaceState(null, "", writeRoute(store.get().route.entity, store.get().route));
  store.set({ route: readRoute(location.hash) });
  arrive();
});
addEventListener("beforeunload", (event) => { if (view.isChanged?.()) event.preventDefault(); });
addEventListener("online", () => { store.set({ isOnline: true, said: say("online") }); if (!view.isChanged) arrive({ isFirst: true }); });
addEventListener("offline", () => store.set({ isOnline: false }));
start();
