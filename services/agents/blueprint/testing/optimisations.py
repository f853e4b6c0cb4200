"""What step 9 changes in the code: a change that does not find its place in the files as they are is left out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.agents.blueprint.rendering import class_of, render
from services.agents.parts import paths
from services.deliverables.discovery import Architecture
from services.deliverables.implementation import Backend

Files = Mapping[str, bytes]
Look = Callable[[str], bytes]  # path -> content as it is by now, empty where there is no such file
_VERSIONS = "migrations/versions/"
# As the table has it: its class is the first of the module.
_MAKER, _INDEXED_MAKER = b"    created_by: str\n", b"    created_by: str = Field(index=True)\n"


@dataclass(frozen=True)
class Optimisation:
    """`files`: path -> content, of the files that it changes or adds."""

    where: str
    evidence: str
    change: str
    files: Files


@dataclass(frozen=True)
class _Edit:
    """`places`: (what stands there once, what comes instead)."""

    path: str
    where: str
    evidence: str
    change: str
    places: tuple[tuple[str, str], ...]


_EDITS = (
    _Edit(
        "app/database.py", "get_session",
        "every write reads its row again after the commit, only to answer with what it has just stored",
        "the session keeps what it stored: one read less in each write",
        (("with Session(engine()) as session:", "with Session(engine(), expire_on_commit=False) as session:"),),
    ),
    _Edit(
        "app/records.py", "claim",
        "every change reads its row again when it has taken the next version, although that was the only new value",
        "the version is set in the record at hand: one read less in each change",
        (
            ("from sqlalchemy.exc import IntegrityError\n", "from sqlalchemy.exc import IntegrityError\nfrom sqlalchemy.orm.attributes import set_committed_value\n"),
            ("    session.refresh(record)\n", '    set_committed_value(record, "version", seen + 1)\n'),
        ),
    ),
    _Edit(
        "app/main.py", "create_app",
        "the texts of the page, {page_bytes:,} bytes, and long lists travel as they are",
        "answers of a thousand bytes and more are compressed for whoever accepts gzip",
        (
            ("from fastapi.staticfiles import StaticFiles\n", "from fastapi.middleware.gzip import GZipMiddleware\nfrom fastapi.staticfiles import StaticFiles\n"),
            ("    app.add_middleware(Watched)\n", "    app.add_middleware(GZipMiddleware, minimum_size=1000)\n    app.add_middleware(Watched)\n"),
        ),
    ),
)  # fmt: skip


def optimisations_of(files: Files, design: Architecture, built: Backend) -> tuple[Optimisation, ...]:
    """In the order in which they were made; where two change the same file, the later one holds both."""
    made, changes = list[Optimisation](), dict[str, bytes]()

    def now(path: str) -> bytes:
        return changes[path] if path in changes else files.get(path, b"")

    page_bytes = sum(len(files[path]) for path in paths(files, "web/") if not path.startswith("web/tests/"))
    for edit in _EDITS:
        if changed := _edited(now, edit):
            changes |= changed
            where, evidence = f"{edit.path}, {edit.where}", edit.evidence.format(page_bytes=page_bytes)
            made.append(Optimisation(where, evidence, edit.change, changed))
    if owned := dict(_owned(now, design, built)):
        made.append(_indexed(now, owned, paths(files, _VERSIONS)))
    return tuple(made)


def _edited(now: Look, edit: _Edit) -> Files:
    text = now(edit.path).decode()
    if any(text.count(old) != 1 or new in text for old, new in edit.places):
        return {}
    for old, new in edit.places:
        text = text.replace(old, new)
    return {edit.path: text.encode()}


def _owned(now: Look, design: Architecture, built: Backend) -> Iterator[tuple[str, str]]:
    """(table, path of its models) of what people see or count by who made it, with no index for that."""
    folders = {endpoint.operation: endpoint.file.rpartition("/")[0] for endpoint in built.endpoints}
    for entity in design.entities:
        folder = next(folders[op.id] for op in design.operations if op.resource == entity.name)
        rules, models = (now(f"{folder}/{part}.py") for part in ("rules", "models"))
        asks = f"col({class_of(entity.name)}.created_by) ==".encode()
        if asks in rules and _MAKER in models:
            yield entity.name, f"{folder}/models.py"


def _indexed(now: Look, owned: Mapping[str, str], versions: Sequence[str]) -> Optimisation:
    last = max(path.removeprefix(_VERSIONS)[:4] for path in versions)
    revision = f"{int(last) + 1:04}"
    path = f"{_VERSIONS}{revision}_makers.py"
    changed = {models: now(models).replace(_MAKER, _INDEXED_MAKER, 1) for models in owned.values()}
    changed[path] = render("performance/makers.py.j2", revision=revision, last=last, tables=tuple(owned))
    return Optimisation(
        path,
        f"the rules ask who made a record of {', '.join(owned)}, and no index serves that: the whole table is read",
        "an index of created_by, by a migration that goes up and down",
        changed,
    )
