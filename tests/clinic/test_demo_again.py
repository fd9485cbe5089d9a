"""The demo made twice: the same histories, and passwords that nobody can know beforehand."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from stepwell.clinic import demo
from stepwell.clinic.care.models import Event

TODAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOLD = ("episode__person__username", "kind", "on", "body")


@pytest.mark.django_db
@pytest.mark.slow
def test_the_same_seed_gives_the_same_histories_with_other_passwords() -> None:
    runs = []
    for _ in range(2):
        with transaction.atomic():
            ways_in = demo.prepare(at=TODAY, seed=3)
            told = list(
                Event.objects.order_by("episode__person__username", "sequence").values_list(
                    "episode__person__username", "kind", "on", "body"
                )
            )
            runs.append((told, [one.password for one in ways_in]))
            transaction.set_rollback(True)
    assert runs[0][0] == runs[1][0]
    assert not set(runs[0][1]) & set(runs[1][1])
