"""For one run of the tests that switch a control off: nothing is switched off, so all must fail.

One that passes all the same proves nothing of its control. `pytest -p safety.left_on TEST ...`.
"""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Run the test while nothing can be replaced; what its fixtures replaced stays."""
    known = pytest.MonkeyPatch.setattr, pytest.MonkeyPatch.setitem
    for name in ("setattr", "setitem"):
        setattr(pytest.MonkeyPatch, name, lambda *_, **__: None)
    try:
        return (yield)
    finally:
        pytest.MonkeyPatch.setattr, pytest.MonkeyPatch.setitem = known  # type: ignore[method-assign]
