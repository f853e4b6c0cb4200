"""Runs in the sandbox: starts the workspace's service, makes records, and lets a browser draw its page and use it.

Pictures are `page.png`, `page_dark.png` and `page_phone.png`; what was found is `page.json`. The last line of standard
error says why there is no picture.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from chromium import Chromium, PageError, chromium
from page_journey import PICTURES, Journey, moment, read_plan
from service_calls import ADDRESS, Service, answers, running, started

SERVICE = [sys.executable, "-m", "uvicorn", "app.main:app", "--port=8000", "--log-level=warning"]
# The page's own tests are not a part of the service; a file server shows them.
TESTS_ADDRESS = "http://127.0.0.1:8001"
TESTS = [sys.executable, "-m", "http.server", "8001", "--bind=127.0.0.1", "--directory=web"]


def main(program: str) -> None:
    for name in (*PICTURES.values(), "page.json"):  # what the workspace brought along proves nothing
        Path(name).unlink(missing_ok=True)
    with started(SERVICE) as service, chromium(program) as browser:  # both take a while, and each has a core
        if not answers(service, f"{ADDRESS}/"):
            sys.exit("the service does not answer")
        found = look(browser, Service())
    Path("page.json").write_text(json.dumps(found), encoding="utf-8")
    if not Path("page.png").exists():
        sys.exit("the browser drew nothing")


def look(browser: Chromium, service: Service) -> dict[str, Any]:
    plan = read_plan()
    found: dict[str, Any] = {"unit": None, "steps": None, "accessibility": {}, "vitals": {}, "problems": []}
    browser.emulate(width=1200, height=760, scheme="light")
    if plan is None:
        service.make_by_contract()
    else:
        route = next(iter(entity_routes(plan["entity"])), plan["entity"])
        journey = Journey(browser, service, plan, route, service.make_planned(plan, moment))
        journey.play()
        found |= {
            "steps": journey.steps,
            "accessibility": journey.accessibility,
            "vitals": journey.vitals,
            "problems": list(browser.problems),
        }
    draw_anyway(browser)
    if Path("web/tests/index.html").exists():
        found["unit"] = unit_tests(browser)
    return found


def entity_routes(name: str) -> list[str]:
    """Where the page shows an entity, by the path of its list."""
    design = json.loads(Path("design/architecture.json").read_text(encoding="utf-8"))
    return [op["path"].strip("/") for op in design["operations"] if op["resource"] == name and op["verb"] == "list"]


def draw_anyway(browser: Chromium) -> None:
    if Path("page.png").exists():
        return
    try:
        browser.open(f"{ADDRESS}/", until="document.readyState === 'complete' && document.body", what="a page")
        browser.wait("document.querySelector('.notice, table, form, main *')", "anything on the page")
    except PageError as error:
        sys.stderr.write(f"{error}\n")
    browser.picture("page.png")


def unit_tests(browser: Chromium) -> list[dict[str, str]]:
    with running(TESTS, f"{TESTS_ADDRESS}/tests/index.html", log=Path(os.devnull)):
        try:
            browser.open(f"{TESTS_ADDRESS}/tests/index.html", until="window.outcome", what="the page's own tests")
            return list(browser.run("window.outcome"))
        except PageError as error:
            return [{"name": "the page's own tests", "error": str(error)}]


if __name__ == "__main__":
    main(sys.argv[1])
