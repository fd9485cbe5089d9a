"""What every process that serves real people does before anything else: web and worker alike."""

import os
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from stepwell.clinic import network


def begin() -> None:
    """Build the wall, follow a demo's clock, and refuse a database that may lose what it took."""
    network.shut_in(settings.ADDRESSES, settings.HOME)
    follow_test_clock(os.environ.get("STEPWELL_CLOCK_FILE"))
    insist_on_durability()


def follow_test_clock(path: str | None) -> None:
    """Follow the file that `--test-clock` named, where all people are made up."""
    from stepwell.clinic import clock
    from stepwell.clinic.accounts import people

    if path is None:
        return
    if people.real_services_exist():
        raise ImproperlyConfigured("STEPWELL_CLOCK_FILE: refused, this is not a demo database.")
    clock.follow(Path(path))


def insist_on_durability() -> None:
    """No worker starts on a database that may lose what somebody was told is kept."""
    from django.db import connection

    from stepwell.clinic.care import durability

    durability.insist()
    connection.close()
