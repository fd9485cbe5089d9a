"""What every page needs to know of the service it belongs to."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from stepwell.clinic.accounts import acceptance, freezing


def service(request: HttpRequest) -> dict[str, Any]:
    """`service`, `is_demo`, `restored`, `approved_for_clinical_use` and where one practises."""
    user = getattr(request, "user", None)
    told = {"is_practice": settings.PRACTICE, "practice_address": settings.PRACTICE_ADDRESS}
    if user is None or not user.is_authenticated:
        return told | {"service": None, "is_demo": False, "approved_for_clinical_use": False}
    return told | {
        "service": user.service,
        "is_demo": user.service.is_demo,
        "restored": freezing.held(user.service_id),
        "approved_for_clinical_use": acceptance.approved_for_clinical_use(user.service),
    }
