// Says once per load that somebody saw the feature, or, in an experiment, that somebody did not.
import { CONFIG } from "./config.js";
import { track } from "./analytics.js";
import { store } from "./state.js";

let isSent = false;

export function expose() {
  const { feature, session } = store.get();
  const variant = feature === "on" ? CONFIG.variant : feature === "off" ? CONFIG.control : "";
  if (isSent || !variant) return;
  isSent = true;
  track(CONFIG.exposure, { role: session?.role ?? "", variant });
}
