"""What a run is asked for: its frozen request, with what people have corrected at its gates since."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from db.queries.runs import decisions_of
from db.tables import Run
from services.features.extract import understand
from services.features.request import Document, FeatureRequest
from services.features.understanding import Understanding


@dataclass(frozen=True)
class Asked:
    request: FeatureRequest
    documents: tuple[Document, ...]

    @property
    def understanding(self) -> Understanding:
        return understand(self.request, self.documents)

    def corrected(self, remarks: Mapping[str, str]) -> "Asked":
        """As it is once these remarks (task key -> words) are taken in as well."""
        lines = "\n".join([self.request.corrections, *remarks.values()]).strip()
        return Asked(self.request.model_copy(update={"corrections": lines}), self.documents)

    def is_changed_by(self, remarks: Mapping[str, str]) -> bool:
        """Whether remarks correct what was understood, and so reach every step."""
        before, after = self.understanding, self.corrected(remarks).understanding
        return before.model_copy(update={"corrections": after.corrections}) != after


def asked_of(session: Session, run: Run) -> Asked:
    """Remarks of change requests count in the order in which they were made; the newest words win."""
    asked = Asked(FeatureRequest.model_validate(run.request), tuple(Document.model_validate(d) for d in run.documents))
    for decision in decisions_of(session, run.id):
        if decision.kind == "request_changes":
            asked = asked.corrected(decision.remarks)
    return asked
