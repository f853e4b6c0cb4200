"""How the team is doing: figures with their definition, none where there is nothing to count."""

from db.tables import Call
from services.metrics.frames import team_metrics
from services.runs import budgets
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


def asked_models(people: People, cost_usd: float | None) -> None:
    """Two requests of Ada's run, of which the first broke off."""
    for _ in range(2):
        held = budgets.hold(people.deps, (people.the_run, "risk", 1), key="turn-1", model="m", worst_usd=cost_usd)
        usage = {"input_tokens": 25, "cache_read_input_tokens": 75, "output_tokens": 10}
        budgets.settle(people.deps, held, cost_usd=cost_usd, usage=usage)
    row = Call(
        run_id=people.the_run, task_key="risk", revision=1, key="turn-1", result={}, created_at=people.deps.now()
    )
    with people.deps.session() as session:
        session.add(row)
        session.commit()


def test_what_models_have_cost_is_shown_to_everybody(at_gate: People) -> None:
    asked_models(at_gate, 0.25)
    at = open_page(at_gate.deps, "vera", "metrics")
    shown = {metric.label: metric.value for metric in at.metric}
    wanted = {
        "Models": "0.50 USD",
        "From the cache": "75%",
        "Wasted on retries": "0.25 USD",
        "Wasted on rework": "0.00 USD",
    }
    assert {label: shown[label] for label in wanted} == wanted
    assert "As CSV" in [getattr(button, "label", "") for button in at.get("download_button")]
    at = at.segmented_control(key="metrics_group").set_value("agent").run()
    assert list(at.dataframe[-1].value["of"]) == ["security-auditor"]
    at = at.segmented_control(key="metrics_group").set_value("request").run()
    assert list(at.dataframe[-1].value["wasted on"]) == ["", "retry"]


def test_a_cost_that_is_not_known_is_no_number(at_gate: People) -> None:
    asked_models(at_gate, None)
    at = open_page(at_gate.deps, "vera", "metrics")
    shown = {metric.label: metric.value for metric in at.metric}
    assert (shown["Cost"], shown["Models"], shown["Wasted on rework"]) == ("n/a", "n/a", "0.00 USD")
    assert list(at.dataframe[-1].value["cost"]) == ["n/a"]
