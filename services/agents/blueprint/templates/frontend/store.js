// The one place where the page remembers something. Whoever acts sets it; whoever draws is told, once per turn.

export function createStore(initial) {
  let state = Object.freeze({ ...initial });
  let isTelling = false;
  const listeners = new Set();

  function tell() {
    isTelling = false;
    for (const listener of listeners) listener(state);
  }

  return {
    get: () => state,
    set(change) {
      state = Object.freeze({ ...state, ...(typeof change === "function" ? change(state) : change) });
      if (isTelling) return;
      isTelling = true;
      queueMicrotask(tell);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
