"""The demo made twice: the same histories, and passwords that nobody can know beforehand."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from stepwell.clinic import demo
from stepwell.clinic.care.models import Event, Review

# Another seed and weekday than the other tests: at night, on the day the clocks go forward.
CLOCK_CHANGE = datetime(2027, 3, 28, 3, 30, tzinfo=UTC)
TOLD = ("episode__person__username", "sequence", "event_id", "kind", "on", "recorded", "by", "body")
SAID = ("episode__person__username", "number", "on", "case_sha256", "recommendation", "status")


def made(seed: int) -> tuple[list[Any], list[Any], set[str]]:
    """What was told, what the engine said, and the passwords of one run; nothing is kept."""
    with transaction.atomic():
        ways_in = demo.prepare(at=CLOCK_CHANGE, seed=seed)
        told = list(Event.objects.order_by(*TOLD[:2]).values_list(*TOLD))
        said = list(Review.objects.order_by(*SAID[:2]).values_list(*SAID))
        transaction.set_rollback(True)
    return told, said, {one.password for one in ways_in}


@pytest.mark.django_db
@pytest.mark.slow
def test_the_same_seed_gives_the_same_histories_with_other_passwords() -> None:
    one, other = made(3), made(3)
    assert one[0] == other[0]
    assert one[1] == other[1]
    assert not one[2] & other[2]
