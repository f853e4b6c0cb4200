// Says once per load that somebody saw the feature, or, in an experiment, that somebody did not.
import { CONFIG } from "./config.js";
import { track } from "./analytics.js";
import { store } from "./state.js";

let isSent = false;

export function expose() {
  const { feature, session, variant: told } = store.get();
  const mine = feature === "on" ? CONFIG.variant : feature === "off" ? CONFIG.control : "";
  const variant = mine && (told || mine);
  if (isSent || !variant) return;
  isSent = true;
  track(CONFIG.exposure, { role: session?.role ?? "", variant });
}
