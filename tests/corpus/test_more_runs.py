"""Whole runs as different as can be; `make soak` and each landing take them always."""

import pytest

from tests.corpus.judged_runs import WholeRunTests
from tests.corpus.test_runs import QUICK


@pytest.mark.soak
class TestMoreQuickRuns(WholeRunTests):
    ids = tuple(QUICK)[1:]
