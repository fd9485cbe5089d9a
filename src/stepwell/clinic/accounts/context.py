"""What every page needs to know of the service it belongs to."""

from typing import Any

from django.http import HttpRequest

from stepwell.clinic.accounts import acceptance


def service(request: HttpRequest) -> dict[str, Any]:
    """`service`, `is_demo` and `approved_for_clinical_use` for every template."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"service": None, "is_demo": False, "approved_for_clinical_use": False}
    return {
        "service": user.service,
        "is_demo": user.service.is_demo,
        "approved_for_clinical_use": acceptance.approved_for_clinical_use(user.service),
    }
