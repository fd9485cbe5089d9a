"""Rowan on the morning of day 1, and a service that says how soon it looks."""

from tests.clinic.person.conftest import (  # noqa: F401
    begun,
    on_plan,
    phone,
    say,
    stopped,
    week_later,
)
