"""What is known and what is not, for anybody who uses the program."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stepwell import catalogue


@require_safe
@login_required
def evidence(request: HttpRequest) -> HttpResponse:
    """Every claim of the article and every number of each protocol, with grade and source."""
    protocols = [catalogue.document("protocols", f"{name}.json") for name in catalogue.protocols()]
    context = {"evidence": catalogue.document("evidence.json"), "protocols": protocols}
    return render(request, "team/evidence.html", context)
