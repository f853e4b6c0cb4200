"""What the checks of one gate look at, and the views of it that a check can ask for."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from services.evidence.environments import Environments
from services.evidence.sabotage import Place
from services.features.request import FeatureRequest
from services.features.understanding import Understanding
from services.workspaces.objects import tree_id_of

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Subject:
    """Trees of files, path -> content: `files` all that the run has made; `tested` what tests look at, all but phase 4;
    `before_code` what was there before the first line of the backend; `unchanged` as `tested`, without what step 9 changed.

    `audits_dependencies`: whether an advisory service may be asked over the network. `records`: task key -> the typed records of
    its newest revision, as JSON. `rules`: criterion -> places that keep it. `clean`: fingerprints of files in which no secret
    was found before, as source_scans.py makes them.
    """

    request: FeatureRequest
    understanding: Understanding
    files: Files
    tested: Files
    before_code: Files
    unchanged: Files
    records: Mapping[str, Mapping[str, Any]]
    environments: Environments
    allow_unsandboxed: bool
    audits_dependencies: bool = False
    rules: Mapping[str, Sequence[Place]] = field(default_factory=dict)
    clean: frozenset[str] = frozenset()
    _trees: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def tree(self, view: str, files: "View") -> str:
        """The id of the git tree of a view, worked out once."""
        if view not in self._trees:
            self._trees[view] = tree_id_of(files(self))
        return self._trees[view]

    @cached_property
    def record_files(self) -> Files:
        """Records as files: `records/<task>.json`."""
        return {f"records/{key}.json": _json(records) for key, records in self.records.items()}


View = Callable[[Subject], Files]


def everything(subject: Subject) -> Files:
    return subject.files


def tested(subject: Subject) -> Files:
    return subject.tested


def before_code(subject: Subject) -> Files:
    return subject.before_code


def below(*prefixes: str) -> View:
    """Only the files below these, so that a change elsewhere measures nothing again."""
    return lambda subject: {path: data for path, data in subject.files.items() if path.startswith(prefixes)}


def with_records(view: View, *tasks: str) -> View:
    """The records of some tasks beside the files, as `records/<task>.json`: what was measured is then one tree."""

    def both(subject: Subject) -> Files:
        chosen = {f"records/{task}.json" for task in tasks or subject.records}
        return {**view(subject), **{path: data for path, data in subject.record_files.items() if path in chosen}}

    return both


def _json(records: Mapping[str, Any]) -> bytes:
    return json.dumps(records, sort_keys=True, ensure_ascii=False, indent=1).encode()
