"""Two real workers: a receiver that hangs holds up no run, and what they find is told and sent once."""

from collections import Counter
from pathlib import Path
from threading import Event

from services.actors import Actor
from services.notifications.kinds import Channel, Kind
from tests.builders import a_member
from tests.notifications.servers import receiver
from tests.notifications.tellings import a_webhook, deliveries, notifications, private, tell, wants
from tests.runs.building import a_run
from tests.runs.processes import a_home, started, status_of, wait_until


def test_a_receiver_that_hangs_holds_up_no_run_and_two_workers_send_once(tmp_path: Path) -> None:
    deps, ada = a_home(tmp_path / "home")
    ben: Actor = a_member(deps, ada.team_id, username="ben")
    answered = Event()
    with receiver(holds=answered) as there:
        a_webhook(private(deps), ada, there.address)
        for kind in (Kind.MENTION, Kind.REVIEW):
            wants(deps, ben, Channel.WEBHOOK, kind=kind)
        tell(deps, ben)
        allowed = {"GREENLIGHT_ALLOW_PRIVATE_WEBHOOKS": "1"}
        with (
            started(tmp_path / "home", "-m", "services", "worker", **allowed),
            started(tmp_path / "home", "-m", "services", "worker", **allowed),
        ):
            wait_until(lambda: len(there.received) > 0)
            run_id = a_run(deps, ada)
            wait_until(lambda: status_of(deps, ada, run_id) == "waiting")
            assert all(row.sent_at is None for row in deliveries(deps))
            wait_until(lambda: len(notifications(deps)) == 2)
            answered.set()
            wait_until(lambda: [row.sent_at is not None for row in deliveries(deps)] == [True, True])
            told_before = len(there.received)
            for _ in range(20):
                tell(deps, ben)
            wait_until(lambda: all(row.sent_at for row in deliveries(deps)))
    arrived = Counter(got.headers["webhook-id"] for got in there.received[told_before:])
    assert sorted(arrived.values()) == [1] * 20
    assert Counter(row.kind for row in notifications(deps)) == {"mention": 21, "review": 1}
    deps.engine.dispose()
