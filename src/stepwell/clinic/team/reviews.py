"""One recommendation: read it with every finding, decide on it by name, take it away as a file."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import access, acts, decisions, queries, reviews
from stepwell.clinic.care.models import DecisionKind, Review
from stepwell.clinic.team import brief, doors, forms, strips, words

HALF = 14


@require_safe
@doors.open_to(*doors.CLINICAL)
def review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """What is recommended, every finding and its source, and what each choice would do."""
    user = doors.user_of(request)
    page = queries.review_page(user, review_id, clock.now())
    return _review(request, page, _form(page))


def _form(page: queries.ReviewPage, data: Any = None) -> forms.DecisionForm:
    rungs = page.page.plan.rungs if page.page.plan else ()
    levels = [(str(rung.level), _level(rung)) for rung in rungs]
    return forms.DecisionForm(data, amendments=decisions.AMENDMENTS, levels=levels)


def _level(rung: reviews.Rung) -> str:
    if rung.ceiling_mg is None:
        return _("Level %d") % rung.level
    return _("Level %(level)d: %(mg)s mg") % {"level": rung.level, "mg": f"{rung.ceiling_mg}"}


def _review(
    request: HttpRequest, page: queries.ReviewPage, form: forms.DecisionForm, status: int = 200
) -> HttpResponse:
    days = page.page.days
    context = {
        "review": page,
        "line": page.line,
        "page": page.page,
        "episode": page.episode,
        "effects": {kind: words.act(effect) for kind, effect in page.effects.items()},
        "strip": strips.draw(days),
        "halves": (strips.draw(days[:HALF]), strips.draw(days[HALF:])),
        "described": brief.described(page.page),
        "form": form,
    }
    return render(request, "team/review.html", context, status=status)


@require_POST
@doors.open_to(*doors.CLINICAL)
def decide(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Approve, amend or decline; of two decisions at once one wins and the other is told why."""
    user, now = doors.user_of(request), clock.now()
    found = access.review_for(user, review_id)
    page = queries.review_page(user, review_id, now)
    form = _form(page, request.POST)
    if not form.is_valid():
        return _review(request, page, form, status=422)
    try:
        _decide(found, form.cleaned_data, user, now)
    except acts.NotAllowed as error:
        form.add_error(None, str(error))
        return _review(request, page, form, status=422)
    except (decisions.AlreadyDecided, decisions.Outdated) as error:
        messages.error(request, str(error))
        return redirect("team:review", found.pk)
    messages.success(request, _("Decided by you. The reason is kept and shown."))
    return redirect("team:person", found.episode_id)


def _decide(found: Review, typed: dict[str, Any], user: User, now: datetime) -> None:
    reason, kind = typed["reason"], typed["kind"]
    if kind == DecisionKind.DECLINE:
        decisions.decline(found, reason=reason, by=user, at=now)
    elif kind == DecisionKind.APPROVE:
        decisions.approve(found, reason=reason, by=user, at=now)
    else:
        decisions.amend(
            found,
            kind=typed["amendment"],
            reason=reason,
            level=typed["level"] if typed["amendment"] == "set_level" else None,
            days=typed["days"] if typed["amendment"] == "hold" else None,
            by=user,
            at=now,
        )


@require_safe
@doors.open_to(*doors.CLINICAL)
def file(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The case and the recommendation, as the file that `stepwell replay` accepts."""
    found = access.review_for(doors.user_of(request), review_id)
    text = json.dumps(reviews.export(found), sort_keys=True, ensure_ascii=False, indent=1)
    name = f"review-{found.on.isoformat()}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(text + "\n", content_type="application/json", headers=headers)
