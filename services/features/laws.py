"""Which rules follow from what a feature keeps, in one plain sentence each. Named here, worked out in step 3 of a run.

Source: GDPR articles 6 and 9, PCI DSS 4.0 requirement 3, HIPAA 45 CFR 164.312.
"""

from services.features.understanding import Sensitivity, Understanding

_LAWS: tuple[tuple[str, tuple[Sensitivity, ...], str], ...] = (
    ("GDPR", (Sensitivity.PERSONAL, Sensitivity.HEALTH), "a legal basis, information, erasure on request"),
    ("GDPR article 9 and HIPAA", (Sensitivity.HEALTH,), "who looked at it is recorded; an impact assessment first"),
    ("PCI DSS", (Sensitivity.PAYMENT,), "no card numbers here, only a reference of the payment provider"),
    ("Secrets", (Sensitivity.CREDENTIALS,), "never sent back, kept in a secret store"),
)


def laws_of(understood: Understanding) -> tuple[str, ...]:
    """ "GDPR, for name and phone of patient: ..."; nothing where nothing sensitive is kept."""
    said = []
    for law, kinds, demand in _LAWS:
        named = [
            f"{' and '.join(names)} of {resource.label.lower()}"
            for resource in understood.resources
            if (names := [f.name.replace("_", " ") for f in resource.fields if f.sensitive in kinds])
        ]
        if Sensitivity.PAYMENT in kinds and not named:
            named = [i.name for i in understood.integrations if i.kind == "payment"]
        if named:
            said.append(f"{law}, for {', '.join(named)}: {demand}.")
    return tuple(said)
