"""The other half of the whole runs of `make test`."""

from tests.corpus.judged_runs import WholeRunTests
from tests.corpus.test_runs import QUICK


class TestMoreQuickRuns(WholeRunTests):
    ids = tuple(QUICK)[3:]
