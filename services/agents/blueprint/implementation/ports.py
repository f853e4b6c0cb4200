"""What a service needs of another system, by its kind: the functions of the port."""

from dataclasses import dataclass

from services.agents.blueprint.discovery.resilience_plans import resilience_of
from services.agents.blueprint.rules.system_calls import module_named
from services.agents.engine import Brief
from services.features.understanding import Integration


@dataclass(frozen=True)
class Method:
    """`is_repeated`: the first call itself is tried again; messages are repeated by the outbox alone."""

    name: str
    arguments: tuple[tuple[str, str], ...]
    doc: str
    is_repeated: bool = True
    is_message: bool = False


_SEND = Method(
    "send",
    (("to", "str"), ("subject", "str"), ("body", "str")),
    "Sends one message.",
    is_repeated=False,
    is_message=True,
)
_METHODS = {
    "payment": (
        Method("charge", (("about", "str"), ("amount", "int"), ("currency", "str")), "Takes the money for a record, in minor units."),
        Method("refund", (("about", "str"), ("amount", "int")), "Gives money for a record back, in minor units."),
    ),
    "email": (_SEND,),
    "sms": (_SEND,),
    "chat": (_SEND,),
    "storage": (Method("put", (("name", "str"), ("content", "str")), "Stores a document, its content in Base64."),),
    "queue": (Method("publish", (("topic", "str"), ("body", "dict[str, Any]")), "Publishes one message."),),
    "search": (Method("index", (("kind", "str"), ("text", "str")), "Makes a record findable."),),
    "identity": (Method("look_up", (("person", "str"),), "What the directory knows of a person."),),
    "calendar": (Method("put_event", (("title", "str"), ("starts_at", "str"), ("ends_at", "str")), "Makes an event, or moves it."),),
    "maps": (Method("locate", (("address", "str"),), "Where an address is."),),
    "service": (Method("ask", (("what", "str"), ("body", "dict[str, Any]")), "Asks the other system for something."),),
}  # fmt: skip


def methods_of(system: Integration) -> tuple[Method, ...]:
    return _METHODS.get(system.kind, _METHODS["service"])


def module_of(system: Integration) -> str:
    """The module in `app/integrations`."""
    return module_named(system.name)


def time_limits(brief: Brief) -> dict[str, float]:
    """Name of a system -> seconds, as the architecture promises."""
    return {plan.dependency: plan.timeout_ms / 1000 for plan in resilience_of(brief)}
