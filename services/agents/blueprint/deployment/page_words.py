"""The words of the generated page, taken from its own texts, so that a guide names only what stands there."""

import re
from collections.abc import Mapping
from functools import cache

from services.agents.blueprint.implementation.page_texts import names_of
from services.agents.blueprint.rendering import TEMPLATES
from services.agents.blueprint.rules.rule_plan import Plan

_ROW = re.compile(r'^  "(?P<key>[^"]+)": "(?P<text>[^"]*)",$', re.MULTILINE)


@cache
def texts() -> Mapping[str, str]:
    """Key -> text of every page; {braces} are still to be filled."""
    return dict(_ROW.findall((TEMPLATES / "frontend" / "texts.js.j2").read_text(encoding="utf-8")))


def said(key: str, plan: Plan, **names: str) -> str:
    """A text of the page or of this feature, filled. Raises: KeyError where the page does not say it."""
    own = names_of(plan, plan.domain.understanding.actors)
    return (own[key] if key in own else texts()[key]).format(**names)
