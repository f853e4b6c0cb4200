"""What the corpus promises to whoever measures with it."""

from collections import Counter
from pathlib import Path

import pytest

from services.features.request import FeatureRequest
from services.workflow.options import Complexity, Methodology
from tests.corpus import REQUESTS, CorpusRequest, DecidedBy, RequestKind, corpus, read_request

CORPUS = corpus()

AT_LEAST = {
    RequestKind.TITLE_ONLY: 3,
    RequestKind.PARAGRAPH: 9,
    RequestKind.ISSUE_TEMPLATE: 9,
    RequestKind.STORY_CHECKLIST: 8,
    RequestKind.TICKET: 7,
    RequestKind.EXAMPLE: 12,
}

# Source: docs of the workflow that Greenlight implements, "Example Interactions".
EXAMPLES = [
    "Design a RESTful API for an e-commerce order management system",
    "Create a microservices architecture for a multi-tenant SaaS platform",
    "Design a GraphQL API with subscriptions for real-time collaboration",
    "Plan an event-driven architecture for order processing with Kafka",
    "Create a BFF pattern for mobile and web clients with different data needs",
    "Design authentication and authorization for a multi-service architecture",
    "Implement circuit breaker and retry patterns for external service integration",
    "Design observability strategy with distributed tracing and centralized logging",
    "Create an API gateway configuration with rate limiting and authentication",
    "Plan a migration from monolith to microservices using strangler pattern",
    "Design a webhook delivery system with retry logic and signature verification",
    "Create a real-time notification system using WebSockets and Redis pub/sub",
]

VALID = """---
title: Parcels
kind: paragraph
domain: post room
resources: [parcel]
actors: [porter]
fields:
  parcel: [weight]
documents:
- {name: rules.md, kind: business, text: Parcels are kept for 14 days.}
criteria:
- {text: "Only porters can hand over a parcel.", decided_by: test}
- {text: "Parcels are kept for 14 days.", decided_by: test, from: rules.md}
---
A parcel has a weight. Only porters can hand over a parcel.
"""


def test_the_corpus_is_large_and_wide() -> None:
    assert len(CORPUS) >= 40
    assert len({request.domain for request in CORPUS}) >= 18


def test_every_kind_is_present_often_enough() -> None:
    counts = Counter(request.kind for request in CORPUS)
    assert {kind: counts[kind] for kind in RequestKind if counts[kind] < AT_LEAST[kind]} == {}


def test_ids_and_their_numbers_are_unique_and_sorted() -> None:
    ids = [request.id for request in CORPUS]
    numbers = [identifier[:2] for identifier in ids]
    assert ids == sorted(set(ids))
    assert numbers == sorted(set(numbers))


def test_the_examples_are_those_of_the_specification() -> None:
    assert [request.title for request in CORPUS if request.kind is RequestKind.EXAMPLE] == EXAMPLES


def test_a_realistic_minority_of_the_criteria_needs_a_person() -> None:
    counts = Counter(criterion.decided_by for request in CORPUS for criterion in request.criteria)
    assert 0.15 <= counts[DecidedBy.PERSON] / counts.total() <= 0.25


def test_four_requests_bring_documents_that_state_criteria() -> None:
    with_documents = [request for request in CORPUS if request.documents]
    assert len(with_documents) == 4
    for request in with_documents:
        assert {c.source for c in request.criteria} == {"", *(d.name for d in request.documents)}


@pytest.mark.parametrize("request_", CORPUS, ids=lambda request_: request_.id)
def test_every_criterion_is_word_for_word_in_its_text(request_: CorpusRequest) -> None:
    for criterion in request_.criteria:
        assert criterion.text in request_.text_of(criterion.source)


@pytest.mark.parametrize("request_", CORPUS, ids=lambda request_: request_.id)
def test_every_request_fits_the_feature_form(request_: CorpusRequest) -> None:
    form = FeatureRequest(
        title=request_.title,
        description=request_.description,
        methodology=Methodology.TRADITIONAL,
        complexity=Complexity.SIMPLE,
    )
    assert form.description == request_.description


def test_a_valid_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "01-parcels.md"
    path.write_text(VALID, encoding="utf-8")
    request = read_request(path)
    assert request.id == "01-parcels"
    assert request.description == "A parcel has a weight. Only porters can hand over a parcel."
    assert request.fields == {"parcel": ("weight",)}
    assert [c.source for c in request.criteria] == ["", "rules.md"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("domain: post room\n", "", "missing key domain"),
        ("domain: post room\n", "domain: post room\ncolour: red\n", "unknown key colour"),
        ("kind: paragraph", "kind: poem", "'poem' is not a valid RequestKind"),
        ("decided_by: test}", "decided_by: luck}", "'luck' is not a valid DecidedBy"),
        ("decided_by: test}", "decided_by: test, why: so}", "unknown key why"),
        ("text: \"Only porters can", "text: \"Only a porter can", "not word for word"),
        ("from: rules.md", "from: other.md", "no document 'other.md'"),
        (", from: rules.md", "", "not word for word"),
        ("  parcel: [weight]", "  letter: [weight]", "letter is not among the resources"),
        ("resources: [parcel]", "resources: [Parcel]", "Parcel is not snake_case"),
        ("resources: [parcel]", "resources: []", "name at least one"),
        ("actors: [porter]", "actors: [Porter]", "not in lower case"),
        ("actors: [porter]", "actors: [porter, porter]", "twice: porter"),
        ("kind: business", "kind: gossip", "'gossip' is not a valid DocumentKind"),
        ("---\nA parcel", "A parcel", "no front matter"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_by_its_name(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "01-parcels.md"
    path.write_text(VALID.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"^01-parcels\.md: .*{message}"):
        read_request(path)


def test_a_file_with_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^notes\.txt: the name is not NN-slug"):
        read_request(tmp_path / "notes.txt")


def test_nothing_but_requests_is_in_the_folder() -> None:
    assert len(list(REQUESTS.iterdir())) == len(CORPUS)
