"""Part of every test run: a test on which a control of the hazard log rests may not be skipped.

What is skipped passes with pytest; here it fails, so that no control stands on a test that was
not run. Loaded by `tests/conftest.py`.
"""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of such a test into a failure."""
    report = yield
    if report.skipped and _is_relied_on(item.nodeid.partition("[")[0]):
        report.outcome = "failed"
        report.longrepr = f"skipped, and a control of the hazard log rests on it: {item.nodeid}"
    return report


def _is_relied_on(named: str) -> bool:
    from safety import log  # read only when something was skipped

    return named in log.relied_on()
