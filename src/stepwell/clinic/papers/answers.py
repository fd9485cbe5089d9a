"""A document as an answer that is handed over once: a neutral name, and no copy kept anywhere."""

from django.http import HttpResponse

PDF, CALENDAR, JSON, ZIP = "application/pdf", "text/calendar", "application/json", "application/zip"


def hand_over(made: bytes, kind: str, name: str) -> HttpResponse:
    """An attachment of this content type under this file name."""
    answer = HttpResponse(made, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
