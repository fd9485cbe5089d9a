"""JSON in and out, and nowhere else: documents become values here, and answers documents."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from fractions import Fraction
from hashlib import sha256
from typing import Any

from stepwell.engine import contract
from stepwell.engine import decide as door
from stepwell.engine.amounts import AmountRange
from stepwell.engine.case import Case
from stepwell.engine.errors import Fault, InputError
from stepwell.engine.events import Act, CheckIn, Event, Kind, Organ, Safety
from stepwell.engine.plan import Approval, Level, Plan, Supply
from stepwell.engine.planner import Draft, Refusal, Request, Shape, Signed
from stepwell.engine.protocol import Protocol
from stepwell.engine.recommendation import Finding, Recommendation, Seen

SCHEMA_VERSION = 1
SCHEMAS: Mapping[str, contract.Schema] = {"plan": contract.PLAN, "decide": contract.DECIDE}
_DEFAULT_PROTOCOL = "ketamine"

Document = Mapping[str, Any]
Protocols = Mapping[str, Protocol]


# --- the four questions -----------------------------------------------------------------------


def plan(document: Document, protocols: Protocols) -> dict[str, Any]:
    """Answer a plan request: a draft for a clinician to review, or every reason for refusing it."""
    drafted = door.draft(read_request(document, protocols))
    return _draft(drafted) if isinstance(drafted, Draft) else _refused(drafted)


def decide(document: Document, protocols: Protocols) -> dict[str, Any]:
    """Answer a case: what is open on its day, and why."""
    case = read_case(document, protocols)
    return write(door.recommend(case), case.plan.protocol)


def replay(
    document: Document, protocols: Protocols, since: date = date.min
) -> list[dict[str, Any]]:
    """Answer a case day by day from `since` on, each day on what had been told by its end."""
    case = read_case(document, protocols)
    protocol = case.plan.protocol
    return [{"today": str(day), **write(r, protocol)} for day, r in door.replay(case, since)]


def outlook(document: Document, protocols: Protocols) -> list[dict[str, Any]]:
    """The rungs from today on with their earliest dates; no amount while none may be shown."""
    return [
        {
            "level": coming.level,
            "between": coming.between,
            "ceiling_mg": coming.ceiling_mg,
            "times_per_day": coming.times_per_day,
            "days_per_week": coming.days_per_week,
            "from": _text(coming.starts),
        }
        for coming in door.outlook(read_case(document, protocols))
    ]


def dumps(answer: Any) -> str:
    """The one way an answer is written, so that the same answer is the same bytes."""
    return json.dumps(answer, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def digest(document: Any) -> str:
    """The SHA-256 of a document's canonical bytes, in hexadecimal."""
    return sha256(dumps(document).encode()).hexdigest()


# --- in ---------------------------------------------------------------------------------------


def read_request(document: Document, protocols: Protocols) -> Request:
    """Read what `plan` takes. Raises InputError with the path of every fault."""
    _fit(document, contract.PLAN)
    base = document["baseline"]
    fields = {name: document[name] for name in _PLAIN if name in document}
    return Request(
        protocol=_protocol(document.get("protocol"), protocols, "protocol"),
        start=_date(document["start"]),
        baseline=Level(base["amount_mg"], base.get("times_per_day"), base.get("days_per_week")),
        supply=Supply(document.get("supply", Supply.NON_PRESCRIBED)),
        shape=Shape(document.get("shape", Shape.PROPORTIONAL)),
        end_by=_date(document["end_by"]) if "end_by" in document else None,
        levels_mg=tuple(document.get("levels_mg", ())),
        authorised=_signed(document.get("authorised")),
        confirmed=_signed(document.get("confirmed")),
        **fields,
    )


_PLAIN = (
    "goal_mg",
    "goal_times_per_day",
    "goal_days_per_week",
    "percent",
    "steps",
    "days_per_level",
    "smallest_unit_mg",
    "jump_off_mg",
    "d50_mg",
)


def read_case(document: Document, protocols: Protocols) -> Case:
    """Read a case. Raises InputError with the path of every fault."""
    _fit(document, contract.DECIDE)
    given = document["plan"]
    protocol = _protocol(given.get("protocol"), protocols, "plan.protocol")
    faults = list(_untrue(document, protocol))
    if faults:
        raise InputError(faults)
    events = tuple(_event(event) for event in document["events"])
    return Case(_checked_plan(given, protocol), events, _date(document["today"]))


def _fit(document: Any, schema: contract.Schema) -> None:
    faults = contract.faults(document, schema)
    if faults:
        raise InputError(faults)


def _protocol(name: str | None, protocols: Protocols, path: str) -> Protocol:
    wanted = name or _DEFAULT_PROTOCOL
    if wanted not in protocols:
        raise InputError.at(path, f"there is no protocol {wanted!r} here")
    return protocols[wanted]


def _untrue(document: Document, protocol: Protocol) -> Iterator[Fault]:
    """What fits the schema and cannot be true."""
    known_gates = {*protocol.gates, *protocol.flags}
    for number, gate in enumerate(document["plan"].get("gates", ())):
        if gate not in known_gates:
            yield Fault(f"plan.gates[{number}]", f"there is no gate {gate!r}")
    for number, event in enumerate(document["events"]):
        yield from _untrue_event(event, f"events[{number}]", protocol)


def _untrue_event(event: Document, path: str, protocol: Protocol) -> Iterator[Fault]:
    for number, flag in enumerate(event.get("flags", ())):
        if flag not in protocol.flags:
            yield Fault(f"{path}.flags[{number}]", f"there is no flag {flag!r}")
    low, high = _ends(event.get("amount_mg"))
    if low > high:
        yield Fault(f"{path}.amount_mg", "is upside down: the smaller amount comes first")
    if high > protocol.limits.amount_max_mg.value:
        most = protocol.limits.amount_max_mg.value
        yield Fault(f"{path}.amount_mg", f"is above {most} mg, more than was ever reported")
    if event.get("used") is False and (high or event.get("times")):
        yield Fault(f"{path}.used", "says none, yet an amount or times are given")


def _ends(amount: Any) -> tuple[int, int]:
    low, high = amount if isinstance(amount, list) else (amount or 0, amount or 0)
    return low, high


def _checked_plan(given: Document, protocol: Protocol) -> Plan:
    try:
        return _plan(given, protocol)
    except InputError as error:
        raise error.under("plan") from error


def _plan(given: Document, protocol: Protocol) -> Plan:
    levels = tuple(_level(level) for level in given["levels"])
    limits = protocol.limits
    return Plan(
        version=given.get("version", 1),
        levels=levels,
        protocol=protocol,
        days_per_level=given.get("days_per_level", limits.level_days.value),
        smallest_unit_mg=given.get("smallest_unit_mg", limits.smallest_unit_mg.value),
        usual_score=given.get("usual_score", limits.usual_score.value),
        goal_mg=given.get("goal_mg", levels[-1].ceiling_mg),
        supply=Supply(given.get("supply", Supply.NON_PRESCRIBED)),
        start=_maybe_date(given.get("start")),
        review_by=_maybe_date(given.get("review_by")),
        approved=_approval(given.get("approved")),
        person_may=frozenset(given.get("person_may", ("hold", "step"))),
        gates=tuple(given.get("gates", ())),
    )


def _level(given: Document) -> Level:
    return Level(
        ceiling_mg=given["ceiling_mg"],
        times_per_day=given.get("times_per_day"),
        days_per_week=given.get("days_per_week"),
        days=given.get("days"),
    )


def _approval(given: Document | None) -> Approval | None:
    if given is None:
        return None
    return Approval(given["by"], _date(given["on"]), frozenset(given.get("usual_items", ())))


def _event(given: Document) -> Event:
    kind = Kind(given["kind"])
    common = {
        "id": given["id"],
        "kind": kind,
        "on": _date(given["on"]),
        "recorded_on": _date(given.get("recorded_on", given["on"])),
        "recorded": datetime.fromisoformat(given["recorded"]),
        "by": given["by"],
    }
    return _check_in(given, common) if kind is Kind.CHECK_IN else _act(given, common)


def _check_in(given: Document, common: dict[str, Any]) -> CheckIn:
    amount, safety = given.get("amount_mg"), given.get("safety")
    answers = {item: told for item, told in given.get("answers", {}).items() if told is not None}
    return CheckIn(
        **common,
        used=given.get("used"),
        amount=None if amount is None else AmountRange(*_ends(amount)),
        times=given.get("times"),
        answers=answers,
        flags=frozenset(given.get("flags", ())),
        safety=None if safety is None else Safety(safety),
    )


def _act(given: Document, common: dict[str, Any]) -> Act:
    organ = given.get("organ")
    return Act(
        **common,
        days=given.get("days"),
        level=given.get("level"),
        organ=None if organ is None else Organ(organ),
        worse=given.get("worse", False),
    )


def _signed(given: Document | None) -> Signed | None:
    return None if given is None else Signed(given["by"], given["reason"])


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _maybe_date(text: str | None) -> date | None:
    return None if text is None else _date(text)


# --- out --------------------------------------------------------------------------------------


def write(r: Recommendation, protocol: Protocol) -> dict[str, Any]:
    """A recommendation as the contract has it."""
    between = {"between": True} if r.between else {}
    return {
        "offer": r.offer.value,
        "also": [offer.value for offer in r.also],
        "level": r.level,
        **between,
        "ceiling_mg": r.ceiling_mg,
        "next_step_on": _text(r.next_step_on),
        "escalations": [
            {"key": e.key, "urgency": e.urgency, "since": str(e.since)} for e in r.escalations
        ],
        "findings": [_finding(rule, found) for rule, found in r.findings.items()],
        "engine": door.VERSION,
        "protocol": _name(protocol),
    }


def _finding(rule: str, found: Finding) -> dict[str, Any]:
    return {
        "rule": rule,
        "offer": found.offer.value,
        "seen": _seen(found.seen),
        "limit": found.limit,
        "source": found.source,
    }


def _seen(seen: Seen) -> Any:
    if isinstance(seen, Fraction):
        return int(seen) if seen.denominator == 1 else round(float(seen), 2)
    if isinstance(seen, date):
        return str(seen)
    return list(seen) if isinstance(seen, tuple) else seen


def _draft(drafted: Draft) -> dict[str, Any]:
    return {
        "accepted": True,
        "status": "draft",
        "protocol": _name(drafted.request.protocol),
        "levels": [
            {
                "level": number,
                "ceiling_mg": level.ceiling_mg,
                "times_per_day": level.times_per_day,
                "days_per_week": level.days_per_week,
                "from": _text(starts),
                "days": level.days,
            }
            for number, (level, starts) in enumerate(
                zip(drafted.levels, drafted.dates, strict=True)
            )
        ],
        "finish": {"earliest": str(drafted.earliest), "usual": str(drafted.usual)},
        "warnings": [
            {"rule": rule, "text": notice.text, "source": notice.source}
            for rule, notice in drafted.warnings
        ],
        "needs": list(drafted.needs),
    }


def _refused(refusals: tuple[Refusal, ...]) -> dict[str, Any]:
    reasons = [{"rule": r.rule, "path": r.path, "text": r.text} for r in refusals]
    return {"accepted": False, "refusals": reasons}


def _name(protocol: Protocol) -> dict[str, str]:
    return {"name": protocol.name, "version": protocol.version}


def _text(day: date | None) -> str | None:
    return None if day is None else str(day)


__all__ = [
    "SCHEMAS",
    "SCHEMA_VERSION",
    "decide",
    "digest",
    "dumps",
    "outlook",
    "plan",
    "read_case",
    "read_request",
    "replay",
    "write",
]
