"""What holds of one day's rules, whatever the protocol, the scores and the counts.

Proved here: when a step or a step back can be offered at all; that a hold moves the next step by
its length, a held day by one day, and nothing moves it before its time; where the calm line lies;
what is over, unsure or within; and when no amount is shown.

Not proved here: in which order the rules speak, and what many days add up to.
"""

from types import SimpleNamespace
from typing import Any

from prove import scenes
from prove.scenes import ceiling
from prove.theorems import Fault, unless
from prove.values import BOUNDS, Values
from stepwell.engine import history, place, plan, protocol, rules
from stepwell.engine.amounts import AmountRange
from stepwell.engine.events import Kind
from stepwell.engine.history import Ledger, Today
from stepwell.engine.place import Place
from stepwell.engine.plan import Plan
from stepwell.engine.recommendation import Finding, Offer

# --- steps and steps back ---------------------------------------------------------------------


def _highest(limit: str) -> int:
    return BOUNDS[limit]["highest"]


_BACK = "step_back_when_distress_is_severe"


@unless(
    Fault(rules, _BACK, "and s.free_days < limits.step_back_free_days.value", ""),
    Fault(rules, _BACK, "and s.days_since_step <= limits.step_back_within_days.value", ""),
    Fault(rules, _BACK, "s.step_backs < limits", "s.step_backs <= limits"),
    Fault(rules, _BACK, "and s.held_running >= limits.hold_before_step_back_days.value", ""),
    Fault(rules, _BACK, "len(s.scores_running) >= limits.severe_days.value", "s.scores_running"),
)
def a_step_back_is_offered_only_soon_after_a_step(v: Values) -> bool:
    """Offered on hard days running, after a hold, soon after a step, and not once use has stopped.

    The numbers are the highest and lowest that any service may set.
    """
    s = scenes.facts(v)
    found = rules.step_back_when_distress_is_severe(s)
    v.saw(found is not None)
    v.assume(found is not None)
    assert s.days_since_step is not None
    soon = s.days_since_step <= _highest("step_back_within_days")
    used = s.free_days < _highest("step_back_free_days")
    few = s.step_backs < _highest("step_back_limit")
    held = s.held_running >= BOUNDS["hold_before_step_back_days"]["lowest"]
    hard = [n for n in s.scores_running if n >= BOUNDS["severe_score"]["lowest"]]
    return soon and used and few and held and len(hard) >= BOUNDS["severe_days"]["lowest"]


@unless(
    Fault(rules, "review_after_two_step_backs", "s.step_backs >= limit", "s.step_backs > limit"),
    Fault(rules, _BACK, "and s.step_backs < limits.step_back_limit.value", ""),
)
def at_the_limit_of_steps_back_a_clinician_looks(v: Values) -> bool:
    """Steps back are offered up to the limit; from there on there is a review instead."""
    s = scenes.facts(v, scores_running=(10, 10, 10, 10), free_days=0)
    back = rules.step_back_when_distress_is_severe(s)
    review = rules.review_after_two_step_backs(s)
    v.saw(back is not None, review is not None)
    reached = s.step_backs >= s.protocol.limits.step_back_limit.value
    unreviewed = s.step_backs > s.step_backs_reviewed
    return not (reached and (back or unreviewed)) or (back is None and review is not None)


# --- days -------------------------------------------------------------------------------------


@unless(
    Fault(place, "hold", "timedelta(days=act.days)", "timedelta(days=act.days - 1)"),
    Fault(place.Place, "hold_on", "day < h.until", "day <= h.until"),
    Fault(rules, "_next_step", "s.hold.until if s.hold else None", "None"),
)
def a_hold_of_n_days_moves_the_next_step_by_n_days(v: Values) -> bool:
    """A hold stands for as many days as were said, and the next step is that much later."""
    on, days, today = v.plan(), v.whole("days", 1, 366), v.day("today")
    moved = place.hold(scenes.place(v, on, left=None), scenes.act(Kind.HOLD, days=days), today)
    later = v.whole("later", 0, 400, hint=lambda of: days + of.choice((-1, 0)))
    stands = place.Place.hold_on(moved, today + _days(later)) is not None
    known: dict[str, Any] = {"today": today, "steadying_until": None}
    plain = rules._next_step(scenes.facts(v, hold=None, **known))
    held = rules._next_step(scenes.facts(v, hold=moved.hold_on(today), **known))
    v.saw(plain, held)
    return (held - plain).days == days and stands == bool(later < days)


def _days(number: Any) -> Any:
    """A span: with the rules' own `timedelta`, which may be standing in."""
    span: Any = vars(rules)["timedelta"]
    return span(days=number)


@unless(
    Fault(Ledger, "_close", "(started and offer in _SERVED)", "(offer in _SERVED)"),
    Fault(Ledger, "_close", "(started and offer in _SERVED)", "started"),
)
def a_held_day_moves_the_next_step_by_a_day(v: Values) -> bool:
    """A day that is not served moves the next step by one day; one that is leaves it alone."""
    on, offer = v.plan(), list(Offer)[v.choice("offer", len(Offer))]
    there = scenes.place(v, on, left=None, halve_to=None)
    known: dict[str, Any] = {"hold": None, "steadying_until": None, "today": v.day("today")}
    s = scenes.facts(v, served=there.served, approved=True, **known)
    after = _closed(s, there, on, offer)
    v.saw(after.served)
    first = rules._next_step(s)
    tomorrow = known | {"today": s.today + _days(1)}
    second = rules._next_step(scenes.facts(v, served=after.served, **tomorrow))
    is_served = s.started and offer in (Offer.STAY, Offer.STEP)
    still = is_served and s.served < s.days_needed
    return bool(second == first if still else second == first + _days(1))


def _closed(s: Any, there: Place, on: Plan, offer: Offer) -> Place:
    """What a day leaves behind on which the rules made this offer."""
    spoke = {"a_rule": Finding(offer, None, None, "")}
    today = Today(s, spoke, {}, there)
    ledger: Any = SimpleNamespace(plan=on, read=lambda _: today, _told_by=lambda _, told: told)
    return Ledger._close(ledger, s.today)


@unless(
    Fault(rules, "_next_step", "max(s.days_needed - s.served, 0)", "s.days_needed - s.served"),
    Fault(rules, "_next_step", "[s.today, s.steadying_until,", "[s.today,"),
    Fault(rules, "_next_step", "max(day for day", "min(day for day"),
)
def the_next_step_is_never_before_its_time(v: Values) -> bool:
    """It is not before today, nor before a hold ends, nor before the days on the level."""
    s = scenes.facts(v)
    on = rules._next_step(s)
    v.saw(on)
    ends = [s.today, s.steadying_until, s.hold.until if s.hold else None]
    served = on >= s.today + _days(s.days_needed - s.served)
    return bool(served) and all(on >= end for end in ends if end is not None)


@unless(
    Fault(place, "step_back", "day + steadying", "day"),
    Fault(place, "_moved", "served=0", "served=place.served"),
    Fault(rules, "hold_after_a_step_back", "s.today < s", "s.today <= s"),
)
def after_a_step_back_comes_a_hold_and_the_full_time(v: Values) -> bool:
    """The protocol's hold stands first, then all days of the level are still to be served."""
    on, today = v.plan(), v.day("today")
    moved = place.step_back(scenes.after_a_step(v, on), on, today)
    needed, days = place.days_needed(moved, on), on.protocol.limits.steadying_days.value
    known: dict[str, Any] = {"steadying_until": moved.steadying_until, "hold": None}
    known |= {"served": moved.served, "days_needed": needed, "protocol": on.protocol}
    first = rules._next_step(scenes.facts(v, today=today, **known))
    later = v.whole("later", 0, 400, hint=lambda of: days + of.choice((-1, 0)))
    s = scenes.facts(v, today=today + _days(later), **known)
    holds = rules.hold_after_a_step_back(s) is not None
    v.saw(first, holds)
    return (first - today).days == needed + days and holds == bool(later < days)


# --- lines, lapses and what is needed ---------------------------------------------------------


@unless(
    Fault(rules, "calm_line", "min(max(", "max(max("),
    Fault(
        protocol, "_contradictions", "calm_at_most.value >= limits", "calm_at_most.value > limits"
    ),
    Fault(protocol, "_contradictions", '("high_score", "severe_score"),', ""),
)
def calm_is_below_high_and_high_at_most_severe(v: Values) -> bool:
    """For every usual score a person may have, and every protocol."""
    s = scenes.facts(v)
    calm, limits = rules.calm_line(s), s.protocol.limits
    v.saw(calm)
    ordered = calm < limits.high_score.value <= limits.severe_score.value
    return ordered and limits.calm_score.value <= calm <= limits.calm_at_most.value


@unless(
    Fault(rules, "_high_scores", "n > calm and n >= high", "n >= high"),
    Fault(rules, "_high_scores", "min(limits.high_score.value, s.usual_score", "(s.usual_score"),
)
def no_score_is_both_calm_and_high(v: Values) -> bool:
    """A score that counts as high is above the calm line; a severe one always counts as high."""
    score = v.real("score", 0, 10)
    s = scenes.facts(v, last_scores=(score,))
    high, calm = bool(rules._high_scores(s)), bool(score <= rules.calm_line(s))
    v.saw(high)
    severe = score >= s.protocol.limits.severe_score.value
    return not (high and calm) and (high or not severe)


_COUNTED = "not all(day.counted for day in s.recent) or"


@unless(
    Fault(rules, "step_when_settled", "s.is_last_level or", ""),
    Fault(rules, "step_when_settled", "or s.served < s.days_needed", ""),
    Fault(rules, "_settled_mean", _COUNTED, ""),
    Fault(rules, "_settled_mean", "mean <= calm_line(s)", "mean < calm_line(s) + 1"),
    Fault(rules, "_mean", "_WORST if day.score is None", "Fraction(0) if day.score is None"),
    Fault(rules, "_is_sharp", "told >= limit", "told > limit"),
)
def a_step_is_offered_only_when_served_and_calm(v: Values) -> bool:
    """Not on the last level, not before the days are served, on known calm days and no others."""
    s = scenes.facts(v)
    found = rules.step_when_settled(s)
    v.saw(found is not None)
    v.assume(found is not None)
    limits = s.protocol.limits
    known = all(day.counted for day in s.recent) and len(s.recent) == limits.calm_days.value
    worst = [10 if day.score is None else day.score for day in s.recent]
    calm = sum(worst) <= limits.calm_at_most.value * len(worst)
    sharp = [n for item, n in s.recent[0].core.items() if item not in s.usual_items]
    mild = all(n < limits.sharp_item.value for n in sharp)
    return not s.is_last_level and s.served >= s.days_needed and known and calm and mild


@unless(Fault(rules, "_mean", "score.numerator * ", "(10 - score.numerator) * "))
def worse_days_never_open_a_step(v: Values) -> bool:
    """Days that are worse in score open no step that was shut."""
    calm_days = v.choice("calm_days", 3) + 3
    better, worse = (_scored(v, name, calm_days) for name in ("better", "worse"))
    for good, bad in zip(better, worse, strict=True):
        v.assume(good.score <= bad.score)
    step, other = (rules.step_when_settled(scenes.facts(v, recent=r)) for r in (worse, better))
    v.saw(step is not None, other is not None)
    return step is None or other is not None


def _scored(v: Values, name: str, number: int) -> list[Any]:
    scores = [v.real(f"{name}_{n}", 0, 10) for n in range(number)]
    return [SimpleNamespace(counted=True, score=score, core={}) for score in scores]


@unless(
    Fault(rules, "_lapse_days", "+ s.days_off", "- s.days_off"),
    Fault(Plan, "days_off", "0 if using is None else DAYS_IN_A_WEEK - using", "using or 0"),
)
def a_lapse_comes_after_the_days_off_and_no_later_than_that(v: Values) -> bool:
    """A ceiling lapses after the protocol's days beyond the level's own days off."""
    on = v.plan("days_per_week")
    number = v.whole("level", 0, on.last_level)
    using = on.levels[number].days_per_week
    v.assume(using is None or using <= plan.DAYS_IN_A_WEEK)  # as the wire makes sure of
    s = scenes.facts(v, days_off=on.days_off(number))
    lapse = rules._lapse_days(s)
    v.saw(lapse)
    off = 0 if using is None else plan.DAYS_IN_A_WEEK - using
    least = BOUNDS["lapse_free_days"]["lowest"] + off
    return bool(least <= lapse <= _highest("lapse_free_days") + off)


_FREE = "s.free_days_since_act >= _lapse_days(s) and s.started"


@unless(
    Fault(rules, "_lapse", "hides_ceiling=True", "hides_ceiling=False"),
    Fault(rules, "review_when_tolerance_has_fallen", "is None", "is not None"),
    Fault(rules, "_ceiling_has_lapsed", _FREE, "s.free_days_since_act > 99 and s.started"),
)
def no_amount_is_shown_after_days_without(v: Values) -> bool:
    """Once the ketamine-free days are reached, or the lapse stands, the ceiling is hidden.

    The rule that hides it comes before every change of level, and those speak only alone.
    """
    s = scenes.facts(v, approved=True)
    lapsed = rules.finish_when_ketamine_free(s) or rules.review_when_tolerance_has_fallen(s)
    v.saw(lapsed is not None)
    reached = s.free_days_since_act >= _highest("lapse_free_days") + s.days_off and s.started
    seen = s.level_mg == 0 and s.free_days_since_act < s.free_days  # nothing left to lapse
    due = bool(s.standing) or (reached and not seen)
    return not due or (lapsed is not None and lapsed.hides_ceiling)


@unless(
    Fault(history, "_free_days", "+ 1, 0", "+ 2, 0"),
    Fault(history, "_free_days", "max(told.free_since, since)", "since"),
)
def a_clinicians_act_never_lengthens_a_run(v: Values) -> bool:
    """Ketamine-free days after an act are no more than all of the run, and none up to its day."""
    since = v.day("free_since")
    told = place.Told(free_since=since, free_until=since + _days(v.whole("more", 0)))
    act = v.day("act")
    whole, after = history._free_days(told, None), history._free_days(told, act + _days(1))
    v.saw(whole, after)
    assert told.free_until is not None
    last = (told.free_until - act).days
    return bool(0 <= after <= whole == (told.free_until - since).days + 1) and after <= max(last, 0)


@unless(
    Fault(Ledger, "_is_over", "amount.low_mg > level", "amount.high_mg > level"),
    Fault(
        Ledger, "_is_unsure", "is_split_by(level.ceiling_mg)", "is_split_by(level.ceiling_mg - 1)"
    ),
)
def an_amount_is_over_unsure_or_within(v: Values) -> bool:
    """Over only from its low end, within only from its high end, and unsure in between."""
    on = v.plan()
    there = scenes.place(v, on, left=None, since=v.day("since"))
    low, more = v.whole("low_mg", 0), v.whole("more_mg", 0)
    told = _amount(low, low + more)
    check_in: Any = SimpleNamespace(amount=told, times=None, used=True)
    ledger: Any = SimpleNamespace(plan=on, _uses_too_often=lambda *_: False)
    over, unsure = (
        Ledger._is_over(ledger, check_in, there),
        Ledger._is_unsure(ledger, check_in, there),
    )
    v.saw(over, unsure)
    most = ceiling(there.rung, on)
    return bool(over) == bool(low > most) and bool(unsure) == bool(low <= most < low + more)


def _amount(low_mg: Any, high_mg: Any) -> AmountRange:
    """An amount that its own constructor would not let be other than plain numbers."""
    made = object.__new__(AmountRange)
    for name, value in (("low_mg", low_mg), ("high_mg", high_mg)):
        object.__setattr__(made, name, value)
    return made


# --- what is shown, and the last gate ---------------------------------------------------------


@unless(
    Fault(rules, "recommend", "None if hidden or s.is_last_level else", "None if hidden else"),
    Fault(rules, "recommend", "None if hidden else s.level_mg", "s.level_mg"),
    Fault(rules, "recommend", "any(found.hides_ceiling", "all(found.hides_ceiling"),
)
def what_is_shown_is_the_level_or_nothing(v: Values) -> bool:
    """One rule that hides the ceiling is enough, and then no next step is named either."""
    s = scenes.facts(v, flags=(), ignored=())
    hides = [v.yes("first_hides"), v.yes("second_hides")]
    spoke = {f"rule_{n}": Finding(Offer.STAY, 0, 0, "", None, hide) for n, hide in enumerate(hides)}
    shown = rules.recommend(s, spoke, {})
    v.saw(shown.ceiling_mg, shown.next_step_on, shown.also)
    if any(hides):
        return shown.ceiling_mg is None and shown.next_step_on is None
    return bool(shown.ceiling_mg == s.level_mg) and s.is_last_level == (shown.next_step_on is None)
