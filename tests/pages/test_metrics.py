"""How the team is doing: figures with their definition, none where there is nothing to count."""

from services.metrics.frames import team_metrics
from tests.pages import screens
from tests.pages.homes import People
from tests.pages.screens import open_page, seen
from tests.runs.building import a_run


def figures(people: People, username: str) -> dict[str, str]:
    return {metric.label: metric.value for metric in open_page(people.deps, username, "metrics").metric}


def test_without_a_run_there_are_no_figures_and_it_says_when_they_come(people: People) -> None:
    at = open_page(people.deps, "ada", "metrics")
    assert "There is no run yet." in seen(at)
    assert not at.metric


def test_the_figures_are_those_of_the_service(at_gate: People) -> None:
    found = team_metrics(at_gate.deps, at_gate.vera)
    shown = figures(at_gate, "vera")
    assert shown["Runs"] == "1, 0 finished"
    assert found.first_pass_share is not None
    assert shown["First pass"] == f"{found.first_pass_share:.0%}"
    assert shown["Cost"] == "0.00 USD"


def test_what_cannot_be_known_yet_is_not_a_number(people: People) -> None:
    a_run(people.deps, people.ada)
    shown = figures(people, "ada")
    assert {shown[name] for name in ("Lead time", "First pass")} == {"n/a"}


def test_a_run_that_has_not_worked_yet_draws_no_chart(people: People) -> None:
    a_run(people.deps, people.ada)
    assert not open_page(people.deps, "ada", "metrics").subheader


def test_charts_have_a_heading_each(at_gate: People) -> None:
    at = open_page(at_gate.deps, "vera", "metrics")
    assert [heading.value for heading in at.subheader] == ["Duration by step", "Waiting at gates", "Criteria over time"]


def test_another_teams_runs_do_not_count(at_gate: People) -> None:
    a_run(at_gate.deps, at_gate.otto)
    assert figures(at_gate, "ada")["Runs"].startswith("1,")
    assert figures(at_gate, "otto")["Runs"].startswith("2,")


def test_looking_offers_nothing_to_press(at_gate: People) -> None:
    assert screens.buttons(open_page(at_gate.deps, "ada", "metrics")) == {"Sign out"}
