"""The web application. A server takes it from `serving`, which looks at the database first."""

import os
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from stepwell.clinic import network

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stepwell.clinic.settings")
application = get_wsgi_application()
network.shut_in(settings.ADDRESSES, settings.HOME)


def follow_test_clock(path: str | None) -> None:
    """Follow the file that `stepwell serve --test-clock` named, where all people are made up."""
    from stepwell.clinic import clock
    from stepwell.clinic.accounts import people

    if path is None:
        return
    if people.real_services_exist():
        raise ImproperlyConfigured("STEPWELL_CLOCK_FILE: refused, this is not a demo database.")
    clock.follow(Path(path))


follow_test_clock(os.environ.get("STEPWELL_CLOCK_FILE"))
