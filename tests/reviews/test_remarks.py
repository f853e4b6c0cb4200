"""What remarks will do is said before they are sent."""

from services.deps import Deps
from services.reviews.remarks import preview_remarks
from tests.builders import a_team
from tests.runs.building import a_run_at_gate


def test_a_remark_that_corrects_says_so_and_every_step_that_read_it_runs_again(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=1)
    effect = preview_remarks(
        deps, actor, run_id=run_id, remarks={"business": "Rename expense to claim. More detail.", "risk": " "}
    )
    assert [(c.line, c.is_applied) for c in effect.corrections] == [
        ("Rename expense to claim.", True),
        ("More detail.", False),
    ]
    assert effect.changes_understanding
    assert effect.forecast
    assert effect.forecast.certain == ("Business analysis", "Technical architecture", "Feasibility & risk")
    assert effect.forecast.possible == ()


def test_other_remarks_reach_only_their_steps(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=1)
    effect = preview_remarks(deps, actor, run_id=run_id, remarks={"risk": "Say more about fraud."})
    assert not any(c.is_applied for c in effect.corrections)
    assert not effect.changes_understanding
    assert effect.forecast
    assert effect.forecast.certain == ("Feasibility & risk",)
    assert preview_remarks(deps, actor, run_id=run_id, remarks={}).forecast is None
