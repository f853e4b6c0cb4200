"""Requests of the corpus with the options of their row, as a form would give them."""

from functools import cache
from typing import Any

from services.agents.engine import Draft
from services.features.request import FeatureRequest
from tests.agents.chain import drafts_of
from tests.builders import REQUEST
from tests.corpus import corpus
from tests.corpus.options import option_rows


def corpus_request(number: int, **options: Any) -> FeatureRequest:
    """`number`: as in the name of its file."""
    requests = corpus()
    row = option_rows(len(requests))[number - 1]
    told = requests[number - 1]
    return REQUEST.model_copy(update={**row, "title": told.title, "description": told.description, **options})


@cache
def drafts_of_corpus(number: int, **options: Any) -> dict[str, Draft]:
    return drafts_of(corpus_request(number, **options), corpus()[number - 1].documents)
