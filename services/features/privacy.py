"""Which fields are about a person, a payment, somebody's health or a secret: by their own name, by the thing that they
belong to, and by what the whole text is about. The name of a room is not personal, the name of a patient is.
"""

from collections.abc import Sequence

from services.features import words
from services.features.scene import Scene, Thing
from services.features.sentences import Sentence
from services.features.understanding import DataField, FieldType, Sensitivity

_ALWAYS = {"email", "mail", "phone", "telephone", "mobile", "birthday", "birth", "birthdate", "passport", "surname", "forename", "firstname", "lastname", "nickname"}  # fmt: skip
_NO_ADDRESS = {"web", "ip", "mac", "network", "server", "wallet", "bus"}
_PLACES = {"flat", "room", "venue", "building", "house", "property", "store", "shop", "warehouse", "site", "hall", "station", "branch", "office", "event", "stop", "location", "campaign", "concert"}  # fmt: skip
# Of a person these are personal; of a room, a plan or a sample they are not.
_OF_PEOPLE = {"name", "age", "location", "latitude", "longitude", "gender", "nationality", "photo"}
_NAME_OF = {"first", "last", "full", "family", "given", "middle", "maiden", "contact"}
_PEOPLE = words.ACTORS - {"team", "staff", "support", "hr", "lead", "head", "agent", "merchant", "seller"} | {
    *("practitioner", "attendee", "participant", "passenger", "instructor", "trainer", "speaker", "organiser", "organizer"),
    *("assignee", "approver", "requester", "recipient", "sender", "donor", "candidate", "child", "dispatcher", "contact"),
    *("borrower", "lender", "hirer", "policyholder", "prisoner", "refugee", "interviewee", "adopter", "player", "lodger"),
}  # fmt: skip
_FIRMS = {"supplier", "vendor", "carrier", "provider", "manufacturer", "publisher", "insurer", "retailer", "producer"}
# What people make of themselves: its name is theirs, where it also says how they are reached.
_MADE_BY_ONE = {*words.REIFIED.values(), "appointment", "referral", "invitation", "request", "registration", "enquiry", "inquiry", "ticket"}  # fmt: skip
_MEDICAL = {"patient", "clinic", "hospital", "doctor", "physician", "nurse", "blood", "diagnosis", "medical", "therapy", "therapist", "symptom", "disease", "midwife"}  # fmt: skip
_ANIMALS = {"vet", "veterinary", "veterinarian", "animal", "pet", "dog", "cat", "horse", "cattle"}
_OF_CARE = {"appointment", "visit", "sample", "diagnosis", "treatment", "consultation", "prescription", "referral", "examination", "result", "finding", "donation",
            "vaccination", "admission", "test", "patient", "therapy", "session", "case"}  # fmt: skip
_SAID_OF_CARE = {"reason", "note", "notes", "comment", "comments", "remark", "remarks", "description", "finding", "findings", "complaint", "complaints", "result", "message"}  # fmt: skip


def mark_sensitive(scene: Scene, sentences: Sequence[Sentence]) -> None:
    """Marks every field; at the end, when all rules have added theirs."""
    told = {words.singular(w) for s in sentences if s.section != "out" for w in s.words}
    is_medical = bool(told & _MEDICAL) and not told & _ANIMALS
    people = _PEOPLE | {actor.split()[-1] for actor in scene.actors} - _FIRMS
    for thing in scene.things.values():
        for field in thing.fields.values():
            scene.change(thing, field.name, sensitive=_kind_of(field, thing, scene, people, is_medical=is_medical))


def _kind_of(field: DataField, thing: Thing, scene: Scene, people: set[str], *, is_medical: bool) -> Sensitivity | None:
    if field.type in (FieldType.REFERENCE, FieldType.BOOLEAN):
        return None
    told = set(field.name.split("_"))
    found = words.first_match(told, tuple(row for row in words.SENSITIVE if row[0] != "personal"))
    if is_medical and (found == "health" or (thing.last in _OF_CARE and told & _SAID_OF_CARE)):
        return Sensitivity.HEALTH
    if found:
        return Sensitivity(found)
    is_personal = _is_personal(field, thing, people) or ("plate" in told and _is_driven(thing, scene, people))
    return Sensitivity.PERSONAL if is_personal else None


def _is_personal(field: DataField, thing: Thing, people: set[str]) -> bool:
    *before, last = field.name.split("_")
    told = {*before, last}
    if thing.last in _ANIMALS:
        return False
    if told & _ALWAYS or field.type is FieldType.EMAIL:
        return True
    if "address" in told:
        return not told & _NO_ADDRESS and thing.last not in _PLACES
    is_text = field.type in (FieldType.STRING, FieldType.TEXT)
    if is_text and last in people - _FIRMS:
        return True  # a field that names somebody: the driver of a trip
    is_person = thing.last in people - _FIRMS
    if last == "name" and before:
        return bool(set(before) & (_NAME_OF | people - _FIRMS)) or (is_person and before == thing.spoken.split("_"))
    if last == "name":
        return is_person or (thing.last in _MADE_BY_ONE and _says_how_to_reach(thing))
    return is_person and bool(told & _OF_PEOPLE)


def _says_how_to_reach(thing: Thing) -> bool:
    return any(f.type is FieldType.EMAIL or set(f.name.split("_")) & _ALWAYS for f in thing.fields.values())


def _is_driven(thing: Thing, scene: Scene, people: set[str]) -> bool:
    """Whether a number plate leads to a person: one that the same record names, or a record about the vehicle, or who owns it."""
    about = [thing, *(t for t in scene.things.values() if any(f.refers_to == thing.name for f in t.fields.values()))]
    names_people = any(_is_personal(f, t, people) for t in about for f in t.fields.values())
    theirs = {*scene.owners.get(thing.name, ()), *scene.makers.get(thing.name, ())}
    return names_people or any(actor.split()[-1] in words.SERVED for actor in theirs)
