"""The web application, for granian or any other WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stepwell.clinic.settings")
application = get_wsgi_application()

from stepwell.clinic import starting  # noqa: E402 - Django has to be set up first

starting.begin()
