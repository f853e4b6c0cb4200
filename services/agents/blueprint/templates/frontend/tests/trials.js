// Tests of the page in the page: no tool is needed but a browser. Results are in the table and in window.outcome.

const trials = [];

export function test(name, run) {
  trials.push({ name, run });
}

export function equal(found, wanted, about = "") {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${about ? `${about}: ` : ""}found ${a}, wanted ${b}`);
}

export async function refuses(run) {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("it was not refused");
}

export async function runAll(place) {
  const results = [];
  for (const { name, run } of trials) {
    let error = "";
    try {
      await run();
    } catch (problem) {
      error = String(problem.message ?? problem);
    }
    results.push({ name, error });
  }
  const failed = results.filter((result) => result.error);
  place.textContent = [`${results.length - failed.length} of ${results.length} pass.`, ...failed.map(({ name, error }) => `${name}: ${error}`)].join("\n");
  return results;
}
