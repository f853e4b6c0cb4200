// Looks at the page as it is drawn now, and says what WCAG 2.2 would not like. The value is a list of sentences.
(() => {
  const found = [];
  const told = (element) => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""} "${(element.getAttribute("aria-label") ?? element.textContent).trim().slice(0, 30)}"`;
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest(".unseen, .skip, [aria-hidden='true']");
  const colour = (text) => { const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number); return { r, g, b, a }; };
  const luminance = ({ r, g, b }) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) { const c = colour(getComputedStyle(at).backgroundColor); if (c.a === 1) return c; }
    return matchMedia("(prefers-color-scheme: dark)").matches ? { r: 18, g: 18, b: 18 } : { r: 255, g: 255, b: 255 };
  };

  const controls = [...document.querySelectorAll("input, select, textarea, button, a[href], summary")].filter(isShown);
  for (const control of controls) {
    const label = control.labels?.length ? [...control.labels].map((one) => one.textContent).join(" ") : control.getAttribute("aria-label") ?? control.textContent;
    if (!label.trim()) found.push(`4.1.2: ${told(control)} has no name`);
    if (control.matches("input, select, textarea") && !control.labels?.length) found.push(`3.3.2: ${told(control)} has no label`);
    const described = (control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
    for (const id of described) if (!document.getElementById(id)) found.push(`1.3.1: ${told(control)} points to #${id}, which is not there`);
    const { width, height } = control.getBoundingClientRect();
    const isInline = control.matches("dd a, li a, p a");
    if (!isInline && (width < 24 || height < 24)) found.push(`2.5.8: ${told(control)} is ${Math.round(width)} by ${Math.round(height)} pixels`);
    if (control.matches("[tabindex]") && control.tabIndex > 0) found.push(`2.4.3: ${told(control)} has a place of its own in the order`);
  }
  for (const [id, count] of Object.entries([...document.querySelectorAll("[id]")].reduce((all, { id }) => ({ ...all, [id]: (all[id] ?? 0) + 1 }), {}))) if (count > 1) found.push(`4.1.2: #${id} is there ${count} times`);

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || seen.has(element) || !isShown(element) || element.closest("script, style, noscript, option")) continue;
    seen.add(element);
    const [a, b] = [luminance(colour(getComputedStyle(element).color)), luminance(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(`1.4.3: ${told(element)} has ${ratio.toFixed(2)}:1`);
  }
  if (document.documentElement.scrollWidth > innerWidth + 1) found.push(`1.4.10: at ${innerWidth} pixels the page is ${document.documentElement.scrollWidth} wide`);
  if (!document.documentElement.lang) found.push("3.1.1: the page has no language");
  if (document.querySelectorAll("h1").length !== 1) found.push("1.3.1: there is not exactly one h1");
  if (!document.title.trim()) found.push("2.4.2: the page has no title");
  if (!document.querySelector("[role='status'], [aria-live]")) found.push("4.1.3: nothing announces");
  for (const table of document.querySelectorAll("table")) if (!table.querySelector("th[scope='col']") || !table.querySelector("caption")) found.push("1.3.1: a table without headers or a name");
  const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map(({ tagName }) => Number(tagName[1]));
  if (levels.some((level, place) => place && level > levels[place - 1] + 1)) found.push("1.3.1: a level of headings is left out");
  return found;
})()
