"""What somebody does with the page, by `web/tests/journey.json` of the workspace: signs in, creates, finds, changes, takes the next steps."""

import datetime as dt
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chromium import Chromium, PageError
from service_calls import ADDRESS, Service

PLAN = "web/tests/journey.json"
CHECKS = (Path(__file__).parent / "page_checks.js").read_text(encoding="utf-8")
VIEWS = (
    ("light", 1200, 760, "light"),
    ("dark", 1200, 760, "dark"),
    ("phone", 360, 780, "light"),
    ("narrow", 320, 780, "dark"),
)
PICTURES = {"light": "page.png", "dark": "page_dark.png", "phone": "page_phone.png"}
_READY = "document.querySelector('#results[aria-busy=false] :is(table, .notice, dl), #form, #sign-in, .notice')"
_COLD = ("transferred_bytes", "requests")
_VITALS = """new Promise((done) => {
  const found = { largest_contentful_paint_ms: 0, cumulative_layout_shift: 0, longest_interaction_ms: 0 };
  const watch = (type, take, more = {}) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...more });
  watch('largest-contentful-paint', (entry) => { found.largest_contentful_paint_ms = Math.round(entry.startTime); });
  watch('layout-shift', (entry) => { if (!entry.hadRecentInput) found.cumulative_layout_shift += entry.value; });
  watch('event', (entry) => { if (entry.interactionId) found.longest_interaction_ms = Math.max(found.longest_interaction_ms, entry.duration); }, { durationThreshold: 16 });
  setTimeout(() => done({ ...found, transferred_bytes: performance.getEntriesByType('resource').reduce((sum, one) => sum + one.transferSize, 0), requests: performance.getEntriesByType('resource').length + 1 }), 200);
})"""


@dataclass
class Journey:
    """`steps` are kept while they are taken, so that a broken one still tells of those before it."""

    browser: Chromium
    service: Service
    plan: Mapping[str, Any]
    route: str
    made: Mapping[str, list[int]]
    steps: list[dict[str, Any]] = field(default_factory=list)
    accessibility: dict[str, list[str]] = field(default_factory=dict)
    vitals: dict[str, float] = field(default_factory=dict)
    id: int | None = None

    def step(self, name: str, act: Callable[[], None]) -> bool:
        started, error = time.monotonic(), ""
        try:
            act()
        except PageError as problem:
            error = str(problem)
        self.steps.append({"name": name, "seconds": round(time.monotonic() - started, 2), "error": error})
        return not error

    def play(self) -> None:
        create = self.plan["create"]
        signed = create and self.step(
            f"sign in as {create['role']}", lambda: self.sign_in(create["user"], create["role"])
        )
        if not signed:
            return
        self.step("list", self.see_list)
        self.step("keyboard", self.walk_by_keyboard)
        if not self.step("create", lambda: self.create(create["values"])):
            return
        if self.plan["filter"]:
            self.step("filter", lambda: self.narrow(self.plan["filter"]))
        change = self.plan["change"]
        if change:
            self.step("change", lambda: self.change(change))
        for move in self.plan["moves"]:
            if not self.step(move["verb"], lambda move=move: self.move(move)):  # type: ignore[misc]
                break
        self.step("figures", self.measure)

    def sign_in(self, user: str, role: str) -> None:
        browser = self.browser
        if not browser.run("location.origin").startswith("http"):
            browser.open(f"{ADDRESS}/", until=_READY, what="the page")
            self.measure()
        if browser.run("Boolean(document.querySelector('#person:not([hidden]) button'))"):
            browser.press("document.getElementById('sign-out')", "the button that signs out")
        browser.wait("document.getElementById('sign-in')", "the form that signs in")
        browser.type("document.getElementById('user')", user, "the input for the user's name")
        self.choose("role", role)
        browser.press("document.querySelector('#sign-in [type=submit]')", "the button that signs in")
        browser.wait("document.querySelector('#person:not([hidden])')", f"somebody signed in as {role}")

    def see_list(self) -> None:
        """The list on every kind of screen, with a picture of each."""
        self.browser.open(
            f"{ADDRESS}/?again#/{self.route}",
            until="document.querySelector('#results[aria-busy=false] :is(table, .notice)')",
            what="the list",
        )
        self.measure()
        self.look("list")

    def measure(self) -> None:
        """The worst of every moment that is looked at; the first load is the cold one."""
        for name, value in self.browser.run(_VITALS).items():
            if name not in _COLD or name not in self.vitals:
                self.vitals[name] = max(self.vitals.get(name, 0), value)

    def look(self, place: str) -> None:
        for name, width, height, scheme in VIEWS:
            self.browser.emulate(width=width, height=height, scheme=scheme)
            self.accessibility[f"{place}, {name}"] = self.browser.run(CHECKS)
            if place == "list" and name in PICTURES:
                self.browser.picture(PICTURES[name])
        self.browser.emulate(width=1200, height=760, scheme="light")

    def walk_by_keyboard(self) -> None:
        """The link past the head comes first, the focus is always seen, and it goes down the page."""
        self.browser.run("document.activeElement.blur()")
        self.browser.run("getSelection().removeAllRanges()")
        seen: list[str] = []
        for number in range(12):
            self.browser.key("Tab")
            told = self.browser.run(
                "(() => { const e = document.activeElement; const s = getComputedStyle(e); const after = !window.last || e === document.body || (window.last.compareDocumentPosition(e) & 4); window.last = e;"
                " return { name: e.id || e.textContent.slice(0, 20), isBody: e === document.body, isSeen: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2, isAfter: Boolean(after) }; })()"
            )
            if told["isBody"]:
                break
            if not told["isSeen"]:
                raise PageError(f"2.4.7: the focus on {told['name']} is not seen")
            if number == 0 and told["name"] != "skip":
                raise PageError(f"2.4.1: the first stop is {told['name']}")
            if not told["isAfter"]:
                raise PageError(f"2.4.3: {told['name']} comes too late")
            seen.append(told["name"])
        if len(seen) < 3:
            raise PageError("2.1.1: hardly anything is reached by keyboard")

    def create(self, values: list[Mapping[str, Any]]) -> None:
        browser = self.browser
        browser.press("document.getElementById('create')", "the way to a new record")
        browser.wait("document.getElementById('save')", "the form")
        browser.press("document.getElementById('save')", "the button that saves")
        if any(value["value"] not in ("", None, False) for value in values):
            browser.wait(
                "document.querySelector('.error:not([hidden])') && document.activeElement.getAttribute('aria-invalid')",
                "3.3.1: an error at its field, with the focus",
            )
        self.look("form")
        self.fill(values)
        self.save()
        self.id = int(browser.run("location.hash.split('/').pop()"))
        self.look("record")

    def save(self) -> None:
        """Raises: PageError with what the page says against it."""
        self.browser.press("document.getElementById('save')", "the button that saves")
        try:
            self.browser.wait(
                "document.querySelector('#results dl') && document.getElementById('said').textContent",
                "the stored record, announced",
            )
        except PageError as problem:
            said = self.browser.run(
                "[...document.querySelectorAll('.error:not([hidden]), [role=alert] .notice')].map((one) => one.id + ' ' + one.textContent).join('; ')"
            )
            raise PageError(f"{problem}; {said}"[:300]) from None

    def narrow(self, asked: Mapping[str, str]) -> None:
        self.go(f"#/{self.route}?sort=-id")
        self.browser.wait("document.querySelector('#results[aria-busy=false] table')", "the list")
        self.browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        self.choose(f"filter-{asked['name']}", asked["value"])
        self.browser.wait(
            f"location.hash.includes({json.dumps(asked['name'] + '=')}) && document.querySelector('#results[aria-busy=false] a[href$=\"/{self.id}\"]')",
            "the new record in the narrowed list",
        )
        self.browser.wait("document.querySelector('.tools > button:not([hidden])')", "a way to clear the filters")

    def change(self, change: Mapping[str, Any]) -> None:
        self.be(change)
        self.go(f"#/{self.route}/{self.id}/update")
        self.browser.wait("document.getElementById('save')", "the form")
        self.fill(change["values"])
        self.save()

    def move(self, move: Mapping[str, Any]) -> None:
        self.be(move)
        self.go(f"#/{self.route}/{self.id}")
        button = f"document.querySelector('[data-key=\"{self.id} {move['verb']}\"]')"
        before = self.browser.wait(
            f"{button} && document.querySelector('dl .state').textContent", f"the button for {move['verb']}"
        )
        self.browser.press(button, f"the button for {move['verb']}")
        if move["values"]:
            self.browser.wait("document.getElementById('save')", "the form")
            self.fill(move["values"])
            self.save()
        self.browser.wait(
            f"document.querySelector('dl .state')?.textContent !== {json.dumps(before)} && document.getElementById('said').textContent",
            f"another state after {move['verb']}, announced",
        )

    def be(self, somebody: Mapping[str, Any]) -> None:
        user, role = somebody["user"], somebody["role"]
        now = self.browser.run("JSON.parse(sessionStorage.getItem('session') ?? '{}')")
        if (now.get("user"), now.get("role")) != (user, role):
            self.sign_in(user, role)

    def go(self, place: str) -> None:
        """Somewhere else and back, so that the place is read anew."""
        self.browser.run(f"location.hash = '#/{self.route}'")
        self.browser.run(f"location.hash = {json.dumps(place)}")

    def fill(self, values: list[Mapping[str, Any]]) -> None:
        for one in values:
            self.fill_one(f"field-{one['field']}", one["value"])

    def fill_one(self, id_: str, value: Any) -> None:
        control = f"document.getElementById({json.dumps(id_)})"
        kind = self.browser.wait(f"{control} && {control}.type", f"the input {id_}")
        if isinstance(value, dict) and "refers_to" in value:
            value = str(self.made[value["refers_to"]][value["number"]])
        if kind == "checkbox":
            if self.browser.run(f"{control}.checked") != bool(value):
                self.browser.press(control, id_)
        elif kind == "select-one":
            self.choose(id_, str(value))
        elif isinstance(value, dict):
            self.set(id_, typed_time(value, kind))
        else:
            self.browser.type(control, str(value), id_)

    def choose(self, id_: str, value: str) -> None:
        self.browser.wait(
            f"[...document.getElementById({json.dumps(id_)})?.options ?? []].some((one) => one.value === {json.dumps(value)})",
            f"{value} among the choices of {id_}",
        )
        self.set(id_, value)

    def set(self, id_: str, value: str) -> None:
        control = f"document.getElementById({json.dumps(id_)})"
        self.browser.run(
            f"(() => {{ const e = {control}; e.value = {json.dumps(value)}; for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, {{ bubbles: true }})); }})()"
        )


def moment(value: Mapping[str, int]) -> dt.datetime | dt.date:
    """A time of the plan as seen from now; whole minutes, those to come with time to spare."""
    now = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
    if "days" in value:
        return now.date() + dt.timedelta(days=value["days"])
    spare = dt.timedelta(minutes=3) if value["seconds"] > 0 else dt.timedelta()
    found = now + spare + dt.timedelta(seconds=value["seconds"])
    return found.replace(second=0)


def typed_time(value: Mapping[str, int], kind: str) -> str:
    found = moment(value)
    return (
        found.astimezone().strftime("%Y-%m-%dT%H:%M")
        if isinstance(found, dt.datetime) and kind == "datetime-local"
        else f"{found:%Y-%m-%d}"
    )


def read_plan(folder: Path = Path()) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found
