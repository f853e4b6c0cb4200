// Every test of the page. A file that cannot be loaded is a failure too.
import { runAll } from "./trials.js";

const FILES = ["fields", "store", "routes", "session", "api", "allowed", "texts"];

window.outcome = (async () => {
  const broken = [];
  for (const name of FILES) {
    try {
      await import(`./${name}.test.js`);
    } catch (error) {
      broken.push({ name: `${name}.test.js is loaded`, error: String(error) });
    }
  }
  return [...broken, ...await runAll(document.getElementById("results"))];
})();
