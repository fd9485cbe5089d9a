"""What granian, or any other WSGI server, serves: no worker starts where writes may be lost."""

from django.db import connection

from stepwell.clinic.care import durability
from stepwell.clinic.wsgi import application

__all__ = ["application"]

durability.insist()
connection.close()
