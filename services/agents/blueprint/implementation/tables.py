"""The tables of the first migration: exactly what the models say; a generated test compares both."""

from dataclasses import dataclass

from services.agents.blueprint.implementation.entity_files import indexed, is_given
from services.agents.blueprint.rules.domain import Domain
from services.features.understanding import DataField, FieldType, Resource, RuleKind


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    is_key: bool = False
    is_empty: bool = False


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    indexes: tuple[str, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()


_TEXT, _WHEN, _WHOLE, _JSON = "sa.String()", "sa.DateTime(timezone=True)", "sa.Integer()", "sa.JSON()"
_LARGE = "sa.BigInteger()"
_TYPES = {
    FieldType.INTEGER: _LARGE, FieldType.MONEY: _LARGE, FieldType.REFERENCE: _WHOLE, FieldType.NUMBER: "sa.Float()",
    FieldType.BOOLEAN: "sa.Boolean()", FieldType.DATE: "sa.Date()", FieldType.DATETIME: _WHEN,
}  # fmt: skip
_ID = Column("id", _WHOLE, is_key=True)
# What every table has whose rows are sent.
_SENT = (
    _ID, Column("made_at", _WHEN), Column("sent_at", _WHEN, is_empty=True), Column("due_at", _WHEN, is_empty=True), Column("attempts", _WHOLE),
    Column("failed", _TEXT, is_empty=True),
)  # fmt: skip


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, _TEXT) for name in names)


_ALWAYS = (
    Table("made", (*(Column(n, _TEXT, is_key=True) for n in ("kind", "key")), Column("record_id", _WHOLE), *_texts("digest"), Column("at", _WHEN))),
    Table("notification", (*_SENT, *_texts("recipient", "channel", "subject", "kind"), Column("record_id", _WHOLE)), ("sent_at",)),
    Table("change", (_ID, *_texts("kind", "act", "user", "role"), Column("record_id", _WHOLE), Column("at", _WHEN), Column("before", _JSON, is_empty=True), Column("after", _JSON, is_empty=True)), ("kind", "record_id")),
    Table("turn", (Column("kind", _TEXT, is_key=True),)),
    Table("use", (_ID, *_texts("user", "act", "kind"), Column("at", _WHEN)), ("user",)),
)  # fmt: skip
ERRAND = Table(
    "integration_call", (*_SENT, *_texts("system", "act", "reference"), Column("given", _JSON)), ("sent_at",)
)
RECORD_EVENT = Table("record_event", (_ID, *_texts("kind", "what", "owner"), Column("record_id", _WHOLE), Column("version", _WHOLE), Column("state", _TEXT, is_empty=True), Column("at", _WHEN)), ("at",))  # fmt: skip
WEBHOOKS = (
    Table("webhook_subscription", (_ID, *_texts("user", "role", "url", "secret"), Column("types", _JSON), Column("made_at", _WHEN), Column("gone_at", _WHEN, is_empty=True)), ("user",)),
    Table("webhook_delivery", (*_SENT, Column("webhook_id", _WHOLE), *_texts("body")), ("sent_at", "webhook_id")),
)  # fmt: skip


def tables_of(domain: Domain, *more: Table) -> tuple[Table, ...]:
    return (*(_table(domain, resource) for resource in domain.resources), *_ALWAYS, *more)


def _table(domain: Domain, resource: Resource) -> Table:
    own = [
        _ID,
        Column("version", _WHOLE),
        Column("created_at", _WHEN),
        *_texts("created_by"),
        Column("changed_at", _WHEN),
    ]
    own += [*_texts("state"), Column("state_at", _WHEN)] if resource.states else []
    own += [_column(field) for field in resource.fields]
    narrowed = indexed(domain, resource.name)
    indexes = tuple(c.name for c in own if c.name in narrowed or (c.name == "state" and resource.states))
    return Table(resource.name, tuple(own), indexes, tuple(r.fields for r in domain.of(resource.name, RuleKind.UNIQUE)))


def _column(field: DataField) -> Column:
    return Column(field.name, _TYPES.get(field.type, _TEXT), is_empty=not is_given(field))
