"""Every act that an actor does with an id, as a row: what it is called, which action it takes, and how it is called.

`test_permissions.py` tries the rows in every role, `test_team_isolation.py` as somebody of another team. A service
function that takes an id and has no row here fails `test_every_act_with_an_id_has_a_row`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from db.tables.run import RunStatus
from services.actors import Actor, Role
from services.criteria import assignments, bringing, checklist, traceability, vouching
from services.criteria import views as criteria
from services.deps import Deps
from services.exports import archives, contents, repositories
from services.features import store
from services.notifications import choices, inbox, webhooks
from services.notifications.kinds import Channel, Kind
from services.notifications.messages import Format
from services.people import accounts, sign_in, teams
from services.people.permissions import Action
from services.reviews import (
    changes,
    decisions,
    discussions,
    explanations,
    forecasts,
    remarks,
    reviewers,
    team_policies,
    threads,
)
from services.reviews import views as gates
from services.reviews.anchors import Anchor, AnchorKind
from services.reviews.briefs import gates as briefs
from services.reviews.differences import revisions
from services.runs import (
    activity,
    budgets,
    connections,
    control,
    house_rules,
    prompts,
    questions,
    repairs,
    start,
    team_limits,
)
from services.runs import documents as run_documents
from services.runs import views as runs
from services.settings import Provider
from services.workflow.options import DocumentKind
from tests.people.worlds import FORM, World, comment_of

# Nothing listens on this port, so a call ends at once.
NOWHERE = Provider(base_url="http://127.0.0.1:9")

Call = Callable[[Deps, Actor, World], object]


@dataclass(frozen=True)
class Act:
    """`function` is what the row is about; `call` calls it for a world. `action` None: being in the team is enough."""

    function: Callable[..., object]
    action: Action | None
    call: Call
    status: RunStatus = RunStatus.WAITING

    @property
    def name(self) -> str:
        return f"{self.function.__module__.removeprefix('services.')}.{self.function.__name__}"


def shown_hash(deps: Deps, world: World) -> str:
    gate = gates.get_gate(deps, world.owner, run_id=world.run_id)
    return gate.shown_hash if gate else ""


def basis(deps: Deps, world: World, criterion: str) -> str:
    views = criteria.list_criteria(deps, world.owner, run_id=world.run_id)
    return next(view.basis for view in views if view.id == criterion)


_A = Action
ACTS = (
    Act(store.save_draft, _A.EDIT_FEATURE, lambda d, a, w: store.save_draft(d, a, form=FORM, feature_id=w.draft_id)),
    Act(store.submit_feature, _A.EDIT_FEATURE, lambda d, a, w: store.submit_feature(d, a, form=FORM, feature_id=w.draft_id)),
    Act(store.get_feature, _A.VIEW, lambda d, a, w: store.get_feature(d, a, feature_id=w.feature_id)),
    Act(store.duplicate_feature, _A.EDIT_FEATURE, lambda d, a, w: store.duplicate_feature(d, a, feature_id=w.feature_id)),
    Act(
        store.add_document, _A.EDIT_FEATURE,
        lambda d, a, w: store.add_document(d, a, feature_id=w.feature_id, name="a.md", kind=DocumentKind.DATA, data=b"x"),
    ),
    Act(
        store.remove_document, _A.EDIT_FEATURE,
        lambda d, a, w: store.remove_document(d, a, feature_id=w.feature_id, document_id=w.document_id),
    ),
    Act(store.read_previews, _A.VIEW, lambda d, a, w: store.read_previews(d, a, feature_id=w.feature_id)),
    Act(store.read_texts, _A.VIEW, lambda d, a, w: store.read_texts(d, a, feature_id=w.feature_id)),
    Act(store.set_archived, _A.ARCHIVE, lambda d, a, w: store.set_archived(d, a, feature_id=w.feature_id, archived=True)),
    Act(store.deletion_of_feature, _A.DELETE, lambda d, a, w: store.deletion_of_feature(d, a, feature_id=w.feature_id)),
    Act(store.delete_feature, _A.DELETE, lambda d, a, w: store.delete_feature(d, a, feature_id=w.feature_id)),
    Act(start.start_run, _A.START_RUN, lambda d, a, w: start.start_run(d, a, feature_id=w.feature_id)),
    Act(control.cancel_run, _A.CANCEL_RUN, lambda d, a, w: control.cancel_run(d, a, run_id=w.run_id)),
    Act(control.retry_run, _A.CANCEL_RUN, lambda d, a, w: control.retry_run(d, a, run_id=w.run_id), RunStatus.FAILED),
    Act(budgets.set_cost_limit, _A.START_RUN, lambda d, a, w: budgets.set_cost_limit(d, a, run_id=w.run_id, limit_usd=5.0)),
    Act(questions.list_questions, _A.VIEW, lambda d, a, w: questions.list_questions(d, a, run_id=w.run_id)),
    Act(repairs.list_repairs, _A.VIEW, lambda d, a, w: repairs.list_repairs(d, a, run_id=w.run_id)),
    Act(
        prompts.read_prompts, _A.VIEW,
        lambda d, a, w: prompts.read_prompts(d, a, run_id=w.run_id, task_key="architecture", number=1),
    ),
    Act(
        questions.answer_question, _A.ANSWER,
        lambda d, a, w: questions.answer_question(d, a, question_id=w.question_id, text="Yes."), RunStatus.PARKED,
    ),
    Act(control.set_archived, _A.ARCHIVE, lambda d, a, w: control.set_archived(d, a, run_id=w.run_id, archived=True)),
    Act(control.deletion_of_run, _A.DELETE, lambda d, a, w: control.deletion_of_run(d, a, run_id=w.run_id)),
    Act(control.delete_run, _A.DELETE, lambda d, a, w: control.delete_run(d, a, run_id=w.run_id)),
    Act(runs.get_run, _A.VIEW, lambda d, a, w: runs.get_run(d, a, run_id=w.run_id)),
    Act(runs.run_version, _A.VIEW, lambda d, a, w: runs.run_version(d, a, run_id=w.run_id)),
    Act(runs.live_text, _A.VIEW, lambda d, a, w: runs.live_text(d, a, run_id=w.run_id, task_key="architecture")),
    Act(runs.get_revision, _A.VIEW, lambda d, a, w: runs.get_revision(d, a, run_id=w.run_id, task_key="architecture")),
    Act(runs.list_revisions, _A.VIEW, lambda d, a, w: runs.list_revisions(d, a, run_id=w.run_id, task_key="architecture")),
    Act(
        runs.read_revision_file, _A.VIEW,
        lambda d, a, w: runs.read_revision_file(d, a, run_id=w.run_id, task_key="architecture", path="design/notes.md"),
    ),
    Act(runs.read_workspace, _A.VIEW, lambda d, a, w: runs.read_workspace(d, a, run_id=w.run_id)),
    Act(runs.list_events, _A.VIEW, lambda d, a, w: runs.list_events(d, a, run_id=w.run_id)),
    Act(runs.list_evidence, _A.VIEW, lambda d, a, w: runs.list_evidence(d, a, run_id=w.run_id)),
    Act(runs.page_picture, _A.VIEW, lambda d, a, w: runs.page_picture(d, a, run_id=w.run_id)),
    Act(run_documents.list_documents, _A.VIEW, lambda d, a, w: run_documents.list_documents(d, a, run_id=w.run_id)),
    Act(
        run_documents.open_document, _A.VIEW,
        lambda d, a, w: run_documents.open_document(d, a, run_id=w.run_id, position=0),
    ),
    Act(
        run_documents.read_original, _A.VIEW,
        lambda d, a, w: run_documents.read_original(d, a, run_id=w.run_id, position=0),
    ),
    Act(criteria.list_criteria, _A.VIEW, lambda d, a, w: criteria.list_criteria(d, a, run_id=w.run_id)),
    Act(criteria.list_acceptance, _A.VIEW, lambda d, a, w: criteria.list_acceptance(d, a, run_id=w.run_id)),
    Act(traceability.trace_run, _A.VIEW, lambda d, a, w: traceability.trace_run(d, a, run_id=w.run_id)),
    Act(checklist.checklist_csv, _A.EXPORT, lambda d, a, w: checklist.checklist_csv(d, a, run_id=w.run_id)),
    Act(
        vouching.attest, _A.DECIDE,
        lambda d, a, w: vouching.attest(
            d, a, run_id=w.run_id, criterion="documentation", holds=True, comment="I read them.",
            shown_basis=basis(d, w, "documentation"),
        ),
    ),
    Act(
        vouching.ask_for_waiver, _A.DECIDE,
        lambda d, a, w: vouching.ask_for_waiver(d, a, run_id=w.run_id, criterion="monitoring", reason="Later.", days=3),
    ),
    Act(
        vouching.decide_waiver, _A.DECIDE,
        lambda d, a, w: vouching.decide_waiver(d, a, run_id=w.run_id, waiver_id=w.waiver_id, grants=True),
    ),
    Act(
        assignments.assign, _A.DECIDE,
        lambda d, a, w: assignments.assign(d, a, run_id=w.run_id, criterion="monitoring", owner_id=None, due_on=None),
    ),
    Act(
        assignments.comment, _A.DECIDE,
        lambda d, a, w: assignments.comment(d, a, run_id=w.run_id, criterion="monitoring", text="Later."),
    ),
    Act(
        bringing.bring_evidence, _A.DECIDE,
        lambda d, a, w: bringing.bring_evidence(d, a, run_id=w.run_id, name="a.json", data=b'{"bomFormat": "CycloneDX"}'),
    ),
    Act(gates.get_gate, _A.VIEW, lambda d, a, w: gates.get_gate(d, a, run_id=w.run_id)),
    Act(
        decisions.approve_phase, _A.DECIDE,
        lambda d, a, w: decisions.approve_phase(d, a, run_id=w.run_id, shown_hash=shown_hash(d, w)),
    ),
    Act(
        decisions.open_gate, _A.DECIDE,
        lambda d, a, w: decisions.open_gate(d, a, run_id=w.run_id, shown_hash=shown_hash(d, w)),
    ),
    Act(
        explanations.explain_gates, _A.VIEW,
        lambda d, a, w: explanations.explain_gates(d, a, run_id=w.run_id),
    ),
    Act(
        changes.request_changes, _A.DECIDE,
        lambda d, a, w: changes.request_changes(
            d, a, run_id=w.run_id, shown_hash=shown_hash(d, w), remarks={"architecture": "Smaller."}
        ),
    ),
    Act(
        changes.rerun_step, _A.CANCEL_RUN,
        lambda d, a, w: changes.rerun_step(d, a, run_id=w.run_id, task_key="architecture"),
    ),
    Act(
        changes.edit_report, _A.DECIDE,
        lambda d, a, w: changes.edit_report(
            d, a, run_id=w.run_id, task_key="architecture", number=1, report="In my words."
        ),
    ),
    Act(
        forecasts.forecast_rerun, _A.CANCEL_RUN,
        lambda d, a, w: forecasts.forecast_rerun(d, a, run_id=w.run_id, task_key="architecture"),
    ),
    Act(
        remarks.preview_remarks, _A.DECIDE,
        lambda d, a, w: remarks.preview_remarks(d, a, run_id=w.run_id, remarks={"architecture": "Smaller."}),
    ),
    Act(
        reviewers.assign_reviewers, _A.DECIDE,
        lambda d, a, w: reviewers.assign_reviewers(d, a, run_id=w.run_id, user_ids=(w.user_id,), due_on=None),
    ),
    Act(
        reviewers.unassign_reviewer, _A.DECIDE,
        lambda d, a, w: reviewers.unassign_reviewer(d, a, run_id=w.run_id, user_id=w.user_id),
    ),
    Act(reviewers.list_reviewers, _A.VIEW, lambda d, a, w: reviewers.list_reviewers(d, a, run_id=w.run_id)),
    Act(reviewers.list_candidates, _A.VIEW, lambda d, a, w: reviewers.list_candidates(d, a, run_id=w.run_id)),
    Act(activity.list_activity, _A.VIEW, lambda d, a, w: activity.list_activity(d, a, run_id=w.run_id)),
    Act(inbox.mark_read, None, lambda d, a, w: inbox.mark_read(d, a, notification_id=w.notification_id)),
    Act(webhooks.remove_webhook, _A.MANAGE_TEAM, lambda d, a, w: webhooks.remove_webhook(d, a, webhook_id=w.webhook_id)),
    Act(webhooks.read_secret, _A.MANAGE_TEAM, lambda d, a, w: webhooks.read_secret(d, a, webhook_id=w.webhook_id)),
    Act(webhooks.renew_secret, _A.MANAGE_TEAM, lambda d, a, w: webhooks.renew_secret(d, a, webhook_id=w.webhook_id)),
    Act(webhooks.try_webhook, _A.MANAGE_TEAM, lambda d, a, w: webhooks.try_webhook(d, a, webhook_id=w.webhook_id)),
    Act(webhooks.send_again, _A.MANAGE_TEAM, lambda d, a, w: webhooks.send_again(d, a, delivery_id=w.delivery_id)),
    Act(briefs.get_brief, _A.VIEW, lambda d, a, w: briefs.get_brief(d, a, run_id=w.run_id)),
    Act(briefs.newest_approval, _A.VIEW, lambda d, a, w: briefs.newest_approval(d, a, run_id=w.run_id)),
    Act(
        revisions.compare_revisions, _A.VIEW,
        lambda d, a, w: revisions.compare_revisions(
            d, a, run_id=w.run_id, task_key="architecture", before=1, after=1
        ),
    ),
    Act(discussions.list_threads, _A.VIEW, lambda d, a, w: discussions.list_threads(d, a, run_id=w.run_id)),
    Act(discussions.count_open, _A.VIEW, lambda d, a, w: discussions.count_open(d, a, run_id=w.run_id)),
    Act(
        threads.start_thread, _A.COMMENT,
        lambda d, a, w: threads.start_thread(
            d, a, run_id=w.run_id, task_key="architecture", revision=1, anchor=Anchor(AnchorKind.PARAGRAPH, "", 1, 1), text="Why?"
        ),
    ),
    Act(threads.reply, _A.COMMENT, lambda d, a, w: threads.reply(d, a, run_id=w.run_id, thread_id=w.thread_id, text="So.")),
    Act(
        threads.edit_comment, _A.COMMENT,
        lambda d, a, w: threads.edit_comment(d, a, run_id=w.run_id, comment_id=comment_of(d, a, w), text="So."),
    ),
    Act(threads.resolve, _A.COMMENT, lambda d, a, w: threads.resolve(d, a, run_id=w.run_id, thread_id=w.thread_id)),
    Act(threads.reopen, _A.COMMENT, lambda d, a, w: threads.reopen(d, a, run_id=w.run_id, thread_id=w.resolved_thread_id)),
    Act(archives.zip_run, _A.EXPORT, lambda d, a, w: archives.zip_run(d, a, run_id=w.run_id)),
    Act(archives.zip_workspace, _A.EXPORT, lambda d, a, w: archives.zip_workspace(d, a, run_id=w.run_id)),
    Act(contents.commits_of, _A.EXPORT, lambda d, a, w: contents.commits_of(d, a, w.run_id)),
    Act(repositories.export_run, _A.EXPORT, lambda d, a, w: repositories.export_run(d, a, run_id=w.run_id, folder=w.folder)),
    Act(
        teams.change_member, _A.MANAGE_TEAM,
        lambda d, a, w: teams.change_member(
            d, a, user_id=w.user_id, role=Role.OWNER, disciplines=(), is_active=False
        ),
    ),
    Act(teams.new_password_link, _A.MANAGE_TEAM, lambda d, a, w: teams.new_password_link(d, a, user_id=w.user_id)),
    Act(
        sign_in.switch_team, None,
        lambda d, a, w: sign_in.switch_team(d, a, sid=w.sid, team_id=w.owner.team_id),
    ),
)  # fmt: skip

# Acts on the actor's own team, without an id.
TEAM_ACTS = (
    Act(store.list_features, _A.VIEW, lambda d, a, _w: store.list_features(d, a)),
    Act(store.save_defaults, _A.EDIT_FEATURE, lambda d, a, _w: store.save_defaults(d, a, form=FORM)),
    Act(runs.list_runs, _A.VIEW, lambda d, a, _w: runs.list_runs(d, a)),
    Act(connections.find_connection, _A.VIEW, lambda d, a, _w: connections.find_connection(d, a)),
    Act(
        connections.try_connection,
        _A.START_RUN,
        lambda d, a, _w: connections.try_connection(replace(d, settings=replace(d.settings, provider=NOWHERE)), a),
    ),
    Act(teams.list_members, _A.VIEW, lambda d, a, _w: teams.list_members(d, a)),
    Act(team_policies.list_policies, _A.VIEW, lambda d, a, _w: team_policies.list_policies(d, a)),
    Act(
        team_policies.set_policy, _A.MANAGE_TEAM, lambda d, a, _w: team_policies.set_policy(d, a, phase=1, approvals=1)
    ),
    Act(team_policies.use_default, _A.MANAGE_TEAM, lambda d, a, _w: team_policies.use_default(d, a, phase=1)),
    Act(
        house_rules.list_house_rules,
        _A.VIEW,
        lambda d, a, _w: house_rules.list_house_rules(d, a, agent="architect-review"),
    ),
    Act(
        house_rules.set_house_rules,
        _A.MANAGE_TEAM,
        lambda d, a, _w: house_rules.set_house_rules(d, a, agent="architect-review", text="In cents.", number=0),
    ),
    Act(prompts.next_prompt, _A.VIEW, lambda d, a, _w: prompts.next_prompt(d, a, task_key="risk")),
    Act(team_limits.team_limits, _A.VIEW, lambda d, a, _w: team_limits.team_limits(d, a)),
    Act(
        team_limits.set_team_limits,
        _A.MANAGE_TEAM,
        lambda d, a, _w: team_limits.set_team_limits(d, a, month_usd=50.0, run_usd=5.0),
    ),
    Act(reviewers.waiting_reviewers, _A.VIEW, lambda d, a, _w: reviewers.waiting_reviewers(d, a)),
    Act(inbox.list_inbox, _A.VIEW, lambda d, a, _w: inbox.list_inbox(d, a)),
    Act(inbox.pulse, _A.VIEW, lambda d, a, _w: inbox.pulse(d, a)),
    Act(inbox.mark_all_read, _A.VIEW, lambda d, a, _w: inbox.mark_all_read(d, a)),
    Act(choices.my_choices, _A.VIEW, lambda d, a, _w: choices.my_choices(d, a)),
    Act(
        choices.save_choices,
        None,
        lambda d, a, _w: choices.save_choices(d, a, email="", channels={Kind.REVIEW: Channel.WEBHOOK}),
    ),
    Act(webhooks.list_webhooks, _A.MANAGE_TEAM, lambda d, a, _w: webhooks.list_webhooks(d, a)),
    Act(webhooks.list_given_up, _A.MANAGE_TEAM, lambda d, a, _w: webhooks.list_given_up(d, a)),
    Act(
        webhooks.add_webhook,
        _A.MANAGE_TEAM,
        lambda d, a, _w: webhooks.add_webhook(d, a, name="Chat", form=Format.SLACK, url="https://hooks.example.org/1"),
    ),
    Act(accounts.invite, _A.MANAGE_TEAM, lambda d, a, _w: accounts.invite(d, a, role=Role.VIEWER)),
)
