"""The rules, in the order they run. The first that speaks decides; all that speak are shown.

Each rule looks at one day and either says nothing or returns what it saw, the limit it judged by
and the offer it makes. Going down needs positive evidence: nothing unknown ever passes.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from math import lcm

from stepwell.engine.protocol import Limit, Urgency
from stepwell.engine.recommendation import Escalation, Finding, Offer, Recommendation, Seen
from stepwell.engine.snapshot import Flag, Snapshot

# --- 1 · freeze -------------------------------------------------------------------------------


def freeze_on_red_flag(s: Snapshot) -> Finding | None:
    if s.red_flags:
        return _rests_on(s, "red_flag", Offer.FREEZE, _names(s.red_flags), hides_ceiling=True)
    return None


def freeze_when_a_clinician_froze(s: Snapshot) -> Finding | None:
    if s.frozen_since is not None:
        return _rests_on(s, "clinician", Offer.FREEZE, s.frozen_since, hides_ceiling=True)
    return None


# --- 2 · gates, approval, start ---------------------------------------------------------------


def freeze_when_a_gate_has_opened(s: Snapshot) -> Finding | None:
    if s.open_gates:
        return _rests_on(s, "gate", Offer.FREEZE, s.open_gates, "same_day", hides_ceiling=True)
    return None


def finish_when_closed(s: Snapshot) -> Finding | None:
    if s.closed:
        return _rests_on(s, "clinician", Offer.FINISH, "closed", hides_ceiling=True)
    return None


def review_when_never_approved(s: Snapshot) -> Finding | None:
    if not s.approved:
        return _rests_on(s, "approval", Offer.REVIEW, "not approved", hides_ceiling=True)
    return None


def review_when_approval_has_lapsed(s: Snapshot) -> Finding | None:
    if s.review_by is not None and s.today > s.review_by:
        return _rests_on(s, "approval", Offer.REVIEW, s.review_by, "routine")
    return None


def stay_before_the_start(s: Snapshot) -> Finding | None:
    if not s.started:
        return _rests_on(s, "start", Offer.STAY, s.first_day, hides_ceiling=True)
    return None


# --- 3 · a ceiling that has lapsed ------------------------------------------------------------


def finish_when_ketamine_free(s: Snapshot) -> Finding | None:
    if s.goal_is_none and s.free_days >= _lapse_days(s) and _ceiling_has_lapsed(s):
        return _lapse(s, Offer.FINISH)
    return None


def review_when_tolerance_has_fallen(s: Snapshot) -> Finding | None:
    if _ceiling_has_lapsed(s) and finish_when_ketamine_free(s) is None:
        return _lapse(s, Offer.REVIEW)
    return None


def _ceiling_has_lapsed(s: Snapshot) -> bool:
    if not s.standing.isdisjoint(_LAPSED):
        return True
    if s.level_mg == 0 and s.free_days_since_act < s.free_days:
        return False  # at none there is nothing left to lapse, once a clinician has seen this run
    return s.free_days_since_act >= _lapse_days(s) and s.started


_LAPSED = (finish_when_ketamine_free.__name__, review_when_tolerance_has_fallen.__name__)


def _lapse_days(s: Snapshot) -> int:
    return s.protocol.limits.lapse_free_days.value + s.days_off


def _lapse(s: Snapshot, offer: Offer) -> Finding:
    source = s.protocol.limits.lapse_free_days.source
    return Finding(offer, s.free_days, _lapse_days(s), source, "routine", hides_ceiling=True)


# --- 4, 5 · what is not known -----------------------------------------------------------------


def hold_when_safety_question_is_open(s: Snapshot) -> Finding | None:
    limit = s.protocol.limits.safety_days
    if s.days_in_plan >= limit.value and not s.safety_known:
        return _judged(Offer.HOLD, "not answered no", limit)
    return None


def pause_when_silent_for_long(s: Snapshot) -> Finding | None:
    limit = s.protocol.limits.pause_days
    stands = pause_when_silent_for_long.__name__ in s.standing
    if stands or s.silent_days_since_act >= limit.value:
        return _judged(Offer.HOLD, s.silent_days, limit, "routine", hides_ceiling=True)
    return None


def hold_when_silent(s: Snapshot) -> Finding | None:
    limit = s.protocol.limits.silent_days
    if s.silent_days >= limit.value:
        return _judged(Offer.HOLD, s.silent_days, limit, "routine")
    return None


def hold_when_check_ins_are_missing(s: Snapshot) -> Finding | None:
    limit = s.protocol.limits.answered_days
    # In the first week in proportion, rounded down.
    needed = limit.value * s.days_in_window // s.protocol.limits.window_days.value
    if s.answered_days < needed:
        return Finding(Offer.HOLD, s.answered_days, needed, limit.source, "routine")
    return None


# --- 6 · a clinician looks again --------------------------------------------------------------


def review_after_two_step_backs(s: Snapshot) -> Finding | None:
    limit = s.protocol.limits.step_back_limit
    unreviewed = s.step_backs > s.step_backs_reviewed
    if unreviewed and s.step_backs >= limit.value:
        return _judged(Offer.REVIEW, s.step_backs, limit, "routine")
    return None


def review_when_bladder_liver_or_weight_is_worse(s: Snapshot) -> Finding | None:
    if s.worse:
        seen = tuple(organ.value for organ in s.worse)
        return _rests_on(s, "organ_harm", Offer.REVIEW, seen, "routine")
    return None


def review_when_a_routine_flag_repeats(s: Snapshot) -> Finding | None:
    limit = s.protocol.limits.routine_flags_in_a_row
    if s.repeated_flags or review_when_a_routine_flag_repeats.__name__ in s.standing:
        return _judged(Offer.REVIEW, s.repeated_flags, limit, "routine")
    return None


def review_when_held_for_long(s: Snapshot) -> Finding | None:
    limit = s.protocol.limits.held_days
    if s.held >= limit.value or review_when_held_for_long.__name__ in s.standing:
        return _judged(Offer.REVIEW, s.held, limit, "routine")
    return None


def review_when_every_day_is_unsure(s: Snapshot) -> Finding | None:
    """Says why the holds went on: no day could be placed against the ceiling."""
    if review_when_held_for_long(s) and s.unsure_days > 0 and s.sure_days == 0:
        return _rests_on(s, "uncertain", Offer.REVIEW, s.unsure_days)
    return None


# --- 7 to 10 · hold, or one step back ---------------------------------------------------------


def hold_when_over_the_ceiling(s: Snapshot) -> Finding | None:
    limit = s.protocol.limits.over_days
    if s.over_days >= limit.value:
        return _judged(Offer.HOLD, s.over_days, limit)
    return None


def step_back_when_distress_is_severe(s: Snapshot) -> Finding | None:
    limits = s.protocol.limits
    if (
        s.days_since_step is not None
        and s.days_since_step <= limits.step_back_within_days.value
        and s.held_running >= limits.hold_before_step_back_days.value
        and s.free_days < limits.step_back_free_days.value
        and s.step_backs < limits.step_back_limit.value
        and len(s.scores_running) >= limits.severe_days.value
        and (mildest := min(s.scores_running)) >= limits.severe_score.value
    ):
        return _judged(Offer.STEP_BACK, mildest, limits.severe_score, "routine")
    return None


def hold_when_distress_is_high(s: Snapshot) -> Finding | None:
    limits = s.protocol.limits
    high = _high_scores(s)
    if len(high) >= limits.high_days.value:
        return _judged(Offer.HOLD, max(high), limits.high_score, "routine")
    return None


def _high_scores(s: Snapshot) -> list[Fraction]:
    """The last scores at the protocol's high line, or well above this person's ordinary one."""
    limits, calm = s.protocol.limits, calm_line(s)  # calm is below high in every protocol
    high = min(limits.high_score.value, s.usual_score + limits.high_rise.value)
    return [n for n in s.last_scores if n > calm and n >= high]


def calm_line(s: Snapshot) -> int:
    """The score at or below which a day counts as calm: the usual score where that is higher."""
    limits = s.protocol.limits
    return min(max(limits.calm_score.value, s.usual_score), limits.calm_at_most.value)


def hold_when_somebody_took_a_hold(s: Snapshot) -> Finding | None:
    if s.hold is not None:
        return _rests_on(s, "person", Offer.HOLD, s.hold.by)
    return None


def hold_after_a_step_back(s: Snapshot) -> Finding | None:
    if s.steadying_until is not None and s.today < s.steadying_until:
        return _judged(Offer.HOLD, s.steadying_until, s.protocol.limits.steadying_days)
    return None


# --- 11 to 13 · stay, step, or hold and look again tomorrow -----------------------------------


def stay_until_level_is_served(s: Snapshot) -> Finding | None:
    if s.served < s.days_needed:
        source = s.protocol.limits.level_days.source
        return Finding(Offer.STAY, s.served, s.days_needed, source)
    return None


def finish_after_aftercare(s: Snapshot) -> Finding | None:
    limit = s.protocol.limits.aftercare_days
    if s.is_last_level and s.served >= limit.value and _settled_mean(s) is not None:
        return _judged(Offer.FINISH, s.served, limit, "routine")
    return None


def stay_through_aftercare(s: Snapshot) -> Finding | None:
    limit = s.protocol.limits.aftercare_days
    if s.is_last_level and s.served < limit.value and _settled_mean(s) is not None:
        return _judged(Offer.STAY, s.served, limit)
    return None


def step_when_settled(s: Snapshot) -> Finding | None:
    if s.is_last_level or s.served < s.days_needed:
        return None
    if (mean := _settled_mean(s)) is None:
        return None
    return Finding(Offer.STEP, mean, calm_line(s), s.protocol.limits.calm_score.source)


def _settled_mean(s: Snapshot) -> Fraction | None:
    """The mean of the last days told, when all are counted, it is calm and nothing is sharp."""
    if len(s.recent) != s.protocol.limits.calm_days.value:
        return None
    if not all(day.counted for day in s.recent) or _is_sharp(s):
        return None
    mean = _mean(s)
    return mean if mean <= calm_line(s) else None


def _mean(s: Snapshot) -> Fraction:
    """The mean score (0–10) of the last days told; the worst there is when one has no score."""
    scores = [_WORST if day.score is None else day.score for day in s.recent]
    whole = lcm(*(score.denominator for score in scores))  # one fraction, not one for each sum
    total = sum(score.numerator * (whole // score.denominator) for score in scores)
    return Fraction(total, whole * len(scores))


_WORST = Fraction(10)


def _is_sharp(s: Snapshot) -> bool:
    """True when a core item of the newest day stands out that is not usual for this person."""
    limit, newest = s.protocol.limits.sharp_item.value, s.recent[0].core
    return any(told >= limit and item not in s.usual_items for item, told in newest.items())


def hold_otherwise(s: Snapshot) -> Finding:
    seen = _mean(s) if s.recent else None
    return Finding(Offer.HOLD, seen, calm_line(s), s.protocol.limits.calm_score.source)


Rule = Callable[[Snapshot], Finding | None]

RULES: tuple[Rule, ...] = (
    freeze_on_red_flag,
    freeze_when_a_clinician_froze,
    freeze_when_a_gate_has_opened,
    finish_when_closed,
    review_when_never_approved,
    review_when_approval_has_lapsed,
    stay_before_the_start,
    finish_when_ketamine_free,
    review_when_tolerance_has_fallen,
    hold_when_safety_question_is_open,
    pause_when_silent_for_long,
    hold_when_silent,
    hold_when_check_ins_are_missing,
    review_after_two_step_backs,
    review_when_bladder_liver_or_weight_is_worse,
    review_when_a_routine_flag_repeats,
    review_when_held_for_long,
    review_when_every_day_is_unsure,
    hold_when_over_the_ceiling,
    step_back_when_distress_is_severe,
    hold_when_distress_is_high,
    hold_when_somebody_took_a_hold,
    hold_after_a_step_back,
    stay_until_level_is_served,
    finish_after_aftercare,
    stay_through_aftercare,
    step_when_settled,
    hold_otherwise,
)

# A change of level, and the last resort, speak only where nothing before them has spoken.
ONLY_ALONE = frozenset({step_back_when_distress_is_severe, step_when_settled, hold_otherwise})

# What stands until a clinician's act, even when a later fact would undo it ...
_STOP: tuple[Rule, ...] = (
    finish_when_ketamine_free,
    review_when_tolerance_has_fallen,
    pause_when_silent_for_long,
)
STOPPED_UNTIL_AN_ACT = frozenset(rule.__name__ for rule in _STOP)
# ... and what stands until a clinician has reviewed the plan.
_REVIEW: tuple[Rule, ...] = (review_when_a_routine_flag_repeats, review_when_held_for_long)
STANDS_UNTIL_REVIEWED = frozenset(rule.__name__ for rule in _REVIEW)


def standing(s: Snapshot) -> list[str]:
    """The rules among those two kinds that speak."""
    return [rule.__name__ for rule in (*_STOP, *_REVIEW) if rule(s) is not None]


def findings(s: Snapshot) -> dict[str, Finding]:
    """What every rule that spoke saw, in running order; the first one decides."""
    spoke: dict[str, Finding] = {}
    for rule in RULES:
        if spoke and rule in ONLY_ALONE:
            continue
        if (found := rule(s)) is not None:
            spoke[rule.__name__] = found
    return spoke


def recommend(
    s: Snapshot, spoke: Mapping[str, Finding], since: Mapping[str, date]
) -> Recommendation:
    """What is open today, and why: `spoke` as `findings` gives it for this snapshot.

    `since` holds the first day of each rule's present spell.
    """
    offer = next(iter(spoke.values())).offer
    hidden = any(found.hides_ceiling for found in spoke.values())
    return Recommendation(
        offer=offer,
        also=(Offer.HOLD,) if offer in _WITH_A_HOLD and s.started else (),
        level=s.level,
        between=s.between,
        ceiling_mg=None if hidden else s.level_mg,
        next_step_on=None if hidden or s.is_last_level else _next_step(s),
        escalations=(*_told_flags(s), *_told_otherwise(s), *_told_rules(spoke, s, since)),
        findings={**spoke, **_ignored_acts(s, offer)},
    )


_WITH_A_HOLD = frozenset({Offer.STEP, Offer.STAY, Offer.STEP_BACK, Offer.REVIEW})


def _next_step(s: Snapshot) -> date:
    """Today plus the days not yet served, counted from the end of any hold that has one."""
    ends = [s.today, s.steadying_until, s.hold.until if s.hold else None]
    free_on = max(day for day in ends if day is not None)
    return free_on + timedelta(days=max(s.days_needed - s.served, 0))


def _told_flags(s: Snapshot) -> list[Escalation]:
    rule = freeze_on_red_flag.__name__
    red = s.red_flags
    return [Escalation(f.name, f.urgency, f.since, rule if f in red else "") for f in s.flags]


def _told_otherwise(s: Snapshot) -> list[Escalation]:
    told: list[Escalation] = []
    if s.safety_declined is not None:
        told.append(Escalation("safety_declined", "same_day", s.safety_declined, ""))
    if s.asked_to_talk is not None:
        told.append(Escalation("asked_to_talk", "routine", s.asked_to_talk, ""))
    return told


def _told_rules(
    spoke: Mapping[str, Finding], s: Snapshot, since: Mapping[str, date]
) -> list[Escalation]:
    return [
        Escalation(rule, found.tells, since.get(rule, s.today), rule)
        for rule, found in spoke.items()
        if found.tells is not None
    ]


def _ignored_acts(s: Snapshot, offer: Offer) -> dict[str, Finding]:
    if not s.ignored:
        return {}
    return {"act_was_not_open": _rests_on(s, "act", offer, s.ignored)}


def _judged(
    offer: Offer,
    seen: Seen,
    limit: Limit,
    tells: Urgency | None = None,
    *,
    hides_ceiling: bool = False,
) -> Finding:
    return Finding(offer, seen, limit.value, limit.source, tells, hides_ceiling)


def _rests_on(
    s: Snapshot,
    source: str,
    offer: Offer,
    seen: Seen,
    tells: Urgency | None = None,
    *,
    hides_ceiling: bool = False,
) -> Finding:
    return Finding(offer, seen, None, s.protocol.sources[source], tells, hides_ceiling)


def _names(flags: tuple[Flag, ...]) -> tuple[str, ...]:
    return tuple(sorted({flag.name for flag in flags}))
