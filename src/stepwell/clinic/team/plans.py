"""The plan editor, and the page on which a named clinician signs a version."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from stepwell import catalogue
from stepwell.clinic import clock
from stepwell.clinic.accounts import people
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import access, episodes, plans, queries
from stepwell.clinic.care.models import DEFAULT_PROTOCOL, Episode, PlanStatus, PlanVersion, Supply
from stepwell.clinic.team import differences, doors, forms, plan_form, previews
from stepwell.clinic.team.plan_form import PlanForm

# What a new draft can end.
_DRAFT_AGAIN = (
    "stale",
    "refused",
    "authorisation",
    "confirmation",
    "authorised_by_another",
    "confirmed_by_another",
    "above_baseline",
)
_AMOUNTS = {**plan_form.AMOUNTS, "d50": "d50_mg"}


@doors.open_to(*doors.CLINICAL)
def editor(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """The plan editor: look, change, look again, keep as a draft."""
    user, now = doors.user_of(request), clock.now()
    episode = _drafted_by(user, episode_id)
    if request.method != "POST":
        form = _form(episode, initial=_initial(user, episode))
        return _editor(request, user, episode, form)
    action = request.POST.get("action", "save")
    if action.startswith("template:"):
        return _with_template(request, user, episode, action.removeprefix("template:"))
    form = _form(episode, request.POST, drafting=action == "save")
    if action == "save" and form.is_valid():
        drafted = _draft(form, episode, user, now)
        if drafted is not None:
            messages.success(request, _("Kept as draft, version %d.") % drafted.version)
            return redirect("team:plan", drafted.pk)
    form.is_valid()
    return _editor(request, user, episode, form, status=200 if action == "preview" else 422)


def _form(
    episode: Episode,
    data: Any = None,
    *,
    initial: dict[str, Any] | None = None,
    drafting: bool = True,
) -> PlanForm:
    clinicians = [one.display_name for one in people.named_for(episode.service) if one.is_clinician]
    return PlanForm(
        data,
        initial=initial,
        supply=episode.supply,
        clinicians=clinicians,
        drafting=drafting,
    )


def _drafted_by(user: User, episode_id: UUID) -> Episode:
    episode = access.episode_for(user, episode_id)
    if not access.may(user, "draft", episode):
        raise access.NotFound
    return episode


def _draft(form: PlanForm, episode: Episode, user: User, now: Any) -> PlanVersion | None:
    """The stored draft, or None with the planner's refusals on the form."""
    typed = form.cleaned_data
    try:
        return plans.draft(
            episode,
            form.request(),
            rationale=typed["rationale"],
            person_may=typed["person_may"],
            usual_score=typed["usual_score"],
            review_by=typed["review_by"],
            stop_now_discussed=typed["stop_now_discussed"],
            usual_items=typed["usual_items"],
            by=user,
            at=now,
        )
    except plans.Refused as error:
        form.refuse(error.refusals)
    return None


def _editor(
    request: HttpRequest,
    user: User,
    episode: Episode,
    form: PlanForm,
    *,
    status: int = 200,
    chosen: Mapping[str, Any] | None = None,
) -> HttpResponse:
    page = queries.person_page(user, episode, clock.now())
    context = {
        "episode": episode,
        "page": page,
        "form": form,
        "templates": plan_form.templates_for(episode.supply),
        "chosen": chosen,
        "limits": catalogue.protocols()[DEFAULT_PROTOCOL].limits,
        "preview": _preview(form, episode) if form.is_bound else None,
        "gates_open": sum(state.is_open for state in page.gates),
    }
    return render(request, "team/plan_editor.html", context, status=status)


def _preview(form: PlanForm, episode: Episode) -> previews.Preview:
    return previews.of(form, last=_last(episode))


def _last(episode: Episode) -> PlanVersion | None:
    """The version that the next one is held against: what is in force, or what was drafted."""
    return plans.current(episode) or plans.latest_draft(episode)


@require_POST
@doors.open_to(*doors.CLINICAL)
def preview(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """The preview alone, for the page to put in place while somebody types. Nothing is stored."""
    user = doors.user_of(request)
    episode = _drafted_by(user, episode_id)
    form = _form(episode, request.POST, drafting=False)
    context = {"preview": _preview(form, episode), "episode": episode}
    return render(request, "team/plan_preview.html", context)


def _with_template(request: HttpRequest, user: User, episode: Episode, name: str) -> HttpResponse:
    """Fill in the levers of a template over what was typed; everything else stays."""
    found = plan_form.templates().get(name)
    if found is None:
        raise Http404
    typed = request.POST.copy()
    for lever, value in {**plan_form.CLEARED, **found["levers"]}.items():
        typed.setlist(
            lever, [str(one) for one in value] if isinstance(value, list) else [str(value)]
        )
    form = _form(episode, typed, drafting=False)
    return _editor(request, user, episode, form, chosen=found)


def _initial(user: User, episode: Episode) -> dict[str, Any]:
    """What the editor starts from: the last version, or else the agreed baseline. Never a guess."""
    day = episodes.today(episode, clock.now())
    last = plans.latest_draft(episode) or plans.current(episode)
    return {
        "start": day + timedelta(days=1),
        "review_by": _review_by(day),
        **(_from_version(last) if last else _from_baseline(user, episode)),
    }


def _review_by(day: date) -> date:
    limits = catalogue.protocols()[DEFAULT_PROTOCOL].limits
    return day + timedelta(days=int(limits.review_within_days.value))


def _from_baseline(user: User, episode: Episode) -> dict[str, Any]:
    told = queries.person_page(user, episode, clock.now()).baseline
    may = ["hold"] if episode.supply == Supply.PRESCRIBED else ["hold", "step"]
    if told is None:
        return {"person_may": may}
    # Of a range nobody but the two people in the room can say which amount the plan starts from.
    exact = told.amount_low_mg == told.amount_high_mg
    return {
        "amount": f"{told.amount_low_mg} mg" if exact else "",
        "times_per_day": told.times_per_day,
        "days_per_week": told.days_per_week,
        "smallest_unit": f"{told.smallest_unit_mg} mg",
        "person_may": may,
    }


def _from_version(last: PlanVersion) -> dict[str, Any]:
    request = last.request
    base = request["baseline"]
    typed: dict[str, Any] = {
        name: request.get(name) for name in (*plan_form.PLAIN, "end_by", "shape")
    }
    typed |= {
        name: f"{request[wire]} mg"
        for name, wire in _AMOUNTS.items()
        if request.get(wire) is not None
    }
    return typed | {
        "amount": f"{base['amount_mg']} mg",
        "times_per_day": base.get("times_per_day"),
        "days_per_week": base.get("days_per_week"),
        "levels": "\n".join(f"{mg} mg" for mg in request.get("levels_mg", [])),
        "rationale": last.rationale if last.status == PlanStatus.DRAFT else "",
        "person_may": last.person_may,
        "usual_score": last.usual_score,
        "usual_items": last.usual_items,
        "stop_now_discussed": "yes" if last.stop_now_discussed else "no",
    }


@require_safe
@doors.open_to(*doors.CLINICAL)
def plan(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """One version: what it says, what is different, and what stands between it and a signature."""
    user = doors.user_of(request)
    found = access.plan_for(user, plan_id)
    form = forms.SignForm(user=user, initial={"expected_version": found.version})
    return _plan(request, user, found, form)


def _plan(
    request: HttpRequest,
    user: User,
    found: PlanVersion,
    form: forms.SignForm,
    *,
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    page = queries.person_page(user, found.episode, now)
    shown = next(one for one in page.plans if one.plan.pk == found.pk)
    before = _before(page, found)
    is_draft = found.status == PlanStatus.DRAFT
    context = {
        "page": page,
        "episode": page.episode,
        "plan": shown,
        "rows": previews.rows_of(found.levels),
        "before": before,
        "changes": differences.between(before, found) if before else [],
        "changed_levels": differences.levels(before.levels, found.levels) if before else [],
        "blockers": _blockers(plans.blockers(found, user, now), found) if is_draft else [],
        "is_draft": is_draft,
        "form": form,
    }
    return render(request, "team/plan.html", context, status=status)


def _before(page: queries.PersonPage, found: PlanVersion) -> PlanVersion | None:
    """The newest version before this one that somebody signed."""
    signed = [
        one.plan for one in page.plans if one.plan.approved_at and one.version < found.version
    ]
    return max(signed, key=lambda one: one.version, default=None)


def _blockers(found: list[plans.Blocker], version: PlanVersion) -> list[dict[str, str]]:
    """Each reason with the page on which it can be ended."""
    return [{"text": one.text, "href": _ends_at(one, version)} for one in found]


def _ends_at(blocker: plans.Blocker, version: PlanVersion) -> str:
    episode = [version.episode_id]
    if blocker.gate:
        return reverse("team:gates", args=episode) + f"#gate-{blocker.gate}"
    if blocker.key == "not_accepted":
        return reverse("team:service")
    if blocker.key == "no_baseline":
        return reverse("team:baseline", args=episode)
    return reverse("team:editor", args=episode) if blocker.key in _DRAFT_AGAIN else ""


@sensitive_post_parameters("password")
@require_POST
@doors.open_to(*doors.CLINICAL)
def approve(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Sign one version by name; the second of two signatures is told who was first."""
    user = doors.user_of(request)
    found = access.plan_for(user, plan_id)
    form = forms.SignForm(request.POST, user=user)
    if not form.is_valid():
        return _plan(request, user, found, form, status=422)
    expected = form.cleaned_data["expected_version"]
    try:
        plans.approve(found, by=user, at=clock.now(), expected_version=expected)
    except plans.Blocked as error:
        form.add_error(None, str(error))
        return _plan(request, user, found, form, status=422)
    except plans.Outdated as error:
        messages.error(request, str(error))
        return redirect("team:plan", found.pk)
    messages.success(request, _("Signed by you. It waits for the person to agree."))
    return redirect("team:plan", found.pk)


@require_POST
@doors.open_to(*doors.CLINICAL)
def withdraw(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Take a draft back."""
    user = doors.user_of(request)
    found = access.plan_for(user, plan_id)
    try:
        plans.withdraw(found, by=user, at=clock.now())
    except plans.Outdated as error:
        messages.error(request, str(error))
        return redirect("team:plan", found.pk)
    messages.success(request, _("Version %d was taken back.") % found.version)
    return redirect("team:person", found.episode_id)
