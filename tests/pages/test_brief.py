"""The brief on the screen: at the top of the gate, short, harmless, and every line leads to its source."""

import re
from urllib.parse import parse_qs, urlsplit

from streamlit.testing.v1 import AppTest

from services.reviews.briefs.fitting import WORDS_MAX
from services.reviews.briefs.gates import get_brief
from tests.pages.homes import MARKUP, People
from tests.pages.screens import FRAGMENTS, open_page, plain_text
from tests.runs.building import ask_for, work_off

_LINK = re.compile(r"\[(?P<name>(?:[^\]\\]|\\.)*)\]\((?P<address>[^)]*)\)")


def lines(at: AppTest) -> list[str]:
    """What stands in the brief, in order; the gate comes before it and its basis after."""
    shown = [str(element.value) for element in at.markdown]
    start = next(n for n, text in enumerate(shown) if "Reading this takes" in text)
    end = next(n for n, text in enumerate(shown) if n > start and text.startswith("**Automated tests**, revision"))
    return shown[start:end]


def test_the_brief_stands_at_the_top_of_the_gate_and_says_how_long_it_takes(at_gate: People) -> None:
    at = open_page(at_gate.deps, "ben", "run", run=str(at_gate.run))
    text = plain_text("\n".join(lines(at)))
    assert "Nothing that you approved has changed." in text
    assert "Reading this takes less than a minute." in text
    assert "New since your approval: [Automated tests]" in text


def test_what_is_read_has_at_most_four_hundred_words(at_gate: People) -> None:
    """Ada has approved nothing, so hers is the long one."""
    text = "\n".join(lines(open_page(at_gate.deps, "ada", "run", run=str(at_gate.run))))
    read = plain_text(_LINK.sub(lambda link: link["name"], text)).replace("**", "").replace("- ", "")
    assert 100 < len(read.split()) <= WORDS_MAX


def test_every_link_of_the_brief_shows_what_it_promises(at_gate: People) -> None:
    brief = get_brief(at_gate.deps, at_gate.ada, run_id=at_gate.the_run)
    assert brief is not None
    found = list(_LINK.finditer("\n".join(lines(open_page(at_gate.deps, "ada", "run", run=str(at_gate.run))))))
    assert len(found) == sum(len(line.items) for section in brief.sections for line in section.lines)
    for address in {link["address"] for link in found}:
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert parts.path in ("run", "criteria")
        at = open_page(at_gate.deps, "ada", parts.path, **query)
        assert not [w.value for w in at.warning if "no such" in w.value]
        if "show" in query:
            tab = at.segmented_control(key=f"run_tab_{at_gate.run}_{query['step']}")
            assert str(tab.value).lower() == query["show"]


def test_a_link_to_a_file_opens_that_file(at_gate: People) -> None:
    query = {"step": "backend", "show": "files", "path": "app/access.py"}
    at = open_page(at_gate.deps, "vera", "run", run=str(at_gate.run), **query)
    assert at.selectbox(key=f"run_file_{at_gate.run}_backend").value == "app/access.py"


def test_a_file_or_part_that_is_not_there_shows_the_first(at_gate: People) -> None:
    query = {"step": "backend", "show": "files", "path": "../../etc/passwd"}
    at = open_page(at_gate.deps, "vera", "run", run=str(at_gate.run), **query)
    assert str(at.selectbox(key=f"run_file_{at_gate.run}_backend").value) != "../../etc/passwd"
    at = open_page(at_gate.deps, "vera", "run", run=str(at_gate.run), step="backend", show=MARKUP)
    assert at.segmented_control(key=f"run_tab_{at_gate.run}_backend").value == "Report"


def test_a_link_to_what_went_compares_with_the_revision_that_had_it(at_gate: People) -> None:
    for text in ("Name the owner.", "Name the place."):
        ask_for(at_gate.deps, at_gate.ada, at_gate.the_run, security=text)
        work_off(at_gate.deps, at_gate.the_run)
    query = {"step": "security", "show": "revisions", "against": "1"}
    at = open_page(at_gate.deps, "vera", "run", run=str(at_gate.run), **query)
    assert at.selectbox(key=f"run_compare_{at_gate.run}_security_3").value == 1


def test_nothing_that_people_typed_is_markup_in_the_brief(at_gate: People) -> None:
    ask_for(at_gate.deps, at_gate.ben, at_gate.the_run, security=f"Name the owner. {MARKUP}")
    work_off(at_gate.deps, at_gate.the_run)
    text = "\n".join(lines(open_page(at_gate.deps, "ada", "run", run=str(at_gate.run))))
    assert "On Security validation" in plain_text(text)
    bare = re.sub(r"\\.", "", _LINK.sub(lambda link: link["name"], text))
    assert [fragment for fragment in FRAGMENTS if fragment in bare] == []
