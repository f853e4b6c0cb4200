"""Task key -> the model of its deliverable."""

from services.deliverables.base import Deliverable
from services.deliverables.discovery import Architecture, Business, Risk
from services.deliverables.implementation import Backend, Data, Frontend
from services.deliverables.quality import Performance, Security, Tests
from services.deliverables.release import Deployment, Documentation, Observability

REGISTRY: dict[str, type[Deliverable]] = {
    "business": Business,
    "architecture": Architecture,
    "risk": Risk,
    "tests-red": Tests,
    "backend": Backend,
    "frontend": Frontend,
    "data": Data,
    "tests": Tests,
    "security": Security,
    "performance": Performance,
    "deployment": Deployment,
    "observability": Observability,
    "documentation": Documentation,
}
