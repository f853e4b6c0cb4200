"""A run outside of the product: a git repository with a commit per revision, or a zip. No secret leaves with it."""

from services.exports.archives import zip_run, zip_workspace
from services.exports.repositories import check_is_free, export_run

__all__ = ["check_is_free", "export_run", "zip_run", "zip_workspace"]
