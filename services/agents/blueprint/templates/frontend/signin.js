// Who a person is. With SIGN_IN=local the service takes anybody's word for it; elsewhere an identity provider signs people in.
import { CONFIG } from "./config.js";
import { signIn } from "./acts.js";
import { Problem } from "./api.js";
import { element, labelled, notice, options } from "./elements.js";
import { store } from "./state.js";
import { roleWord, say } from "./words.js";

export function openSignIn() {
  const user = element("input", { id: "user", autocomplete: "username", required: true, maxlength: 100, "aria-describedby": "user-error" });
  const role = element("select", { id: "role" });
  const error = element("span", { id: "user-error", class: "error", hidden: true });
  const trouble = element("div", { role: "alert" });
  options(role, CONFIG.roles.map((name) => [name, roleWord(name)]), CONFIG.roles[0]);
  const asked = labelled(say("user"), user);
  asked.append(error);
  const form = element("form", { novalidate: true, class: "narrow", id: "sign-in" }, element("p", { class: "quiet", text: say("sign.local") }), asked, labelled(say("role"), role),
    element("div", { class: "acts" }, element("button", { type: "submit", class: "primary", text: say("sign.in") })));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = user.value.trim();
    error.hidden = Boolean(name);
    error.textContent = say("check.required");
    user.toggleAttribute("aria-invalid", !name);
    if (!name) return user.focus();
    trouble.replaceChildren();
    try {
      await signIn(name, role.value);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if ([404, 405].includes(problem.status)) return store.set({ signsIn: false });
      trouble.replaceChildren(notice(problem.title, problem.message));
    }
  });
  const node = element("section", { "aria-labelledby": "heading" }, element("div", { class: "bar" }, element("h2", { id: "heading", tabindex: "-1", text: say("sign.title") })), trouble, form);
  const elsewhere = notice(say("sign.elsewhere"), say("sign.elsewhere.text"));
  const update = ({ signsIn }) => { if (signsIn === false && form.isConnected) form.replaceWith(elsewhere); };
  return { node, title: say("sign.title"), update };
}
