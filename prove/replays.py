"""Ten thousand stored decisions, asked again: every answer is byte for byte what it was.

This proves that nothing changed unnoticed; it does not prove that what was stored is right. An
answer that changed on purpose is stored anew by `write`, under a new version of the engine, and
the changelog has to name it. `prove/corpus/README.md` says what may be typed.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, pairwise, zip_longest
from multiprocessing import Pool
from pathlib import Path
from random import Random
from typing import Any

from prove import cases, corpus
from prove.corpus import Stored, Version
from prove.measures import Measure
from stepwell import catalogue
from stepwell.engine import decide as door
from stepwell.engine import rules
from stepwell.engine.events import Kind
from stepwell.engine.recommendation import Offer

DECISIONS = 10_000
CHANGELOG = Path(__file__).parents[1] / "CHANGELOG.md"
HEADING = "Changes what is recommended"
_PROCESSES = 2
_SHOWN = 10
_BESIDE = {"replay": 50, "plan": 10, "outlook": 50}  # one for so many decisions
_AGAIN = (
    f'If that is meant, raise decide.VERSION, name it in CHANGELOG.md under "{HEADING}", and type\n'
    "python -m prove.replays write"
)


@dataclass(slots=True)
class Tally:
    """What was asked again, what differed, and what the questions show.

    A decision is the answer to one case on one day; a replay has one for each of its days.
    """

    decisions: int = 0
    others: int = 0
    differed: int = 0
    shown: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        self.decisions += other.decisions
        self.others += other.others
        self.differed += other.differed
        self.shown = (self.shown + other.shown)[:_SHOWN]
        self.seen += other.seen


def run(budget: float = 1.0, path: Path = corpus.FILE) -> list[Measure]:
    """Ask every stored question again, or the first of them up to the share the budget names."""
    wanted = int(DECISIONS * min(budget, 1.0))
    tally = compared(path, None if budget >= 1 else wanted)
    for difference in tally.shown:
        sys.stderr.write(f"{difference}\n")
    if tally.differed:
        sys.stderr.write(f"{_AGAIN}\n")
    return [
        *_answers(tally, wanted),
        _shows(tally, to_show() if budget >= 1 else to_speak()),
        _version(corpus.versions(path), CHANGELOG.read_text(encoding="utf-8")),
    ]


def _answers(tally: Tally, wanted: int) -> list[Measure]:
    asked = f"{tally.decisions:,} and {tally.others:,} other answers"
    enough = tally.decisions >= wanted > 0
    return [
        Measure("replays: stored decisions asked again", asked, f"{wanted:,}", enough),
        Measure("replays: answers that differ", f"{tally.differed:,}", "0", tally.differed == 0),
    ]


def _shows(tally: Tally, wanted: set[str]) -> Measure:
    """A corpus in which some rule never speaks would not notice that it changed."""
    missing = sorted(wanted - tally.seen.keys())
    if missing:
        sys.stderr.write(f"shown by no stored decision: {', '.join(missing)}\n")
    measured = f"{len(wanted) - len(missing)} of {len(wanted)}"
    name = "replays: rules, offers, flags, gates and acts shown"
    return Measure(name, measured, "all", not missing)


def _version(versions: list[Version], changelog: str) -> Measure:
    wrong = version_faults(versions, changelog)
    for one in wrong:
        sys.stderr.write(f"{one}\n")
    measured = f"stored under {versions[-1].engine}, {len(wrong)} faults"
    return Measure("replays: version and changelog", measured, "0 faults", not wrong)


# --- asking again -----------------------------------------------------------------------------


def compared(path: Path = corpus.FILE, most: int | None = None) -> Tally:
    """The tally of the stored questions, in two processes; of the first few, in this one."""
    tally = Tally()
    numbered = enumerate(corpus.lines(path, most), 2)
    if most is not None:
        return tallied(numbered)
    with Pool(_PROCESSES) as pool:
        for part in pool.imap_unordered(tallied, _batches(numbered)):
            tally.add(part)
    return tally


def _batches(numbered: Iterator[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    while batch := list(islice(numbered, 200)):
        yield batch


def tallied(numbered: Iterable[tuple[int, bytes]]) -> Tally:
    """Ask some stored questions again; each comes with the number of its line."""
    tally = Tally()
    for number, line in numbered:
        stored = corpus.read(line)
        tally.decisions += _decisions_in(stored)
        tally.others += not _decisions_in(stored)
        tally.seen.update(shown_by(stored))
        if (difference := differs(stored)) is not None:
            tally.differed += 1
            tally.shown = [*tally.shown, f"line {number} ({stored.asks}): {difference}"][:_SHOWN]
    return tally


def _decisions_in(stored: Stored) -> int:
    return len(stored.answer) if stored.asks == "replay" else int(stored.asks == "decide")


def differs(stored: Stored) -> str | None:
    """What the engine here answers otherwise; None when every byte is the same."""
    try:
        now = corpus.answered(stored.asks, stored.given, catalogue.protocols())
    except Exception as error:  # noqa: BLE001 - whatever is raised is a difference
        return f"now raises {error!r}"
    if now.answer == stored.answer:
        return None if now.bytes == stored.bytes else "the same answer, written in other bytes"
    return "; ".join(_changes("", stored.answer, now.answer))


def _changes(path: str, before: Any, now: Any) -> Iterator[str]:
    """Each place where two answers differ, as `place: before -> now`."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in sorted(before.keys() | now.keys()):
            yield from _changes(f"{path}.{name}".lstrip("."), before.get(name), now.get(name))
    elif isinstance(before, list) and isinstance(now, list):
        for number, (old, new) in enumerate(zip_longest(before, now)):
            yield from _changes(f"{path}[{number}]", old, new)
    elif before != now or type(before) is not type(now):
        yield f"{path}: {json.dumps(before)} -> {json.dumps(now)}"


# --- what the questions show ------------------------------------------------------------------


def to_speak() -> set[str]:
    """Every rule and offer; rules that can decide also as deciding ones."""
    never_first = {rules.review_when_every_day_is_unsure}  # it explains the review before it
    return {
        *(f"rule {rule.__name__}" for rule in rules.RULES),
        *(f"decided by {rule.__name__}" for rule in rules.RULES if rule not in never_first),
        *(f"offer {offer.value}" for offer in Offer),
    }


def to_show() -> set[str]:
    """Every rule, offer, flag, gate and act, and what else a case may be."""
    protocol = catalogue.protocols()["ketamine"]
    return {
        *to_speak(),
        *(f"flag {flag}" for flag in protocol.flags),
        *(f"gate {gate}" for gate in (*protocol.gates, *protocol.flags)),
        *(f"{kind.value} by {by}" for kind in Kind for by in ("person", "clinician")),
        *_OTHERWISE,
    } - {"check_in by clinician"}


_OTHERWISE = frozenset(
    {
        "rule act_was_not_open",
        "a level put between",
        "prescribed",
        "an event twice",
        "an event told late",
        "a plan accepted",
        "a plan refused",
    }
)


def shown_by(stored: Stored) -> Iterator[str]:
    """What one stored question shows."""
    if stored.asks == "plan":
        yield "a plan accepted" if stored.answer["accepted"] else "a plan refused"
    if stored.asks == "decide":
        yield from _shown_by_answer(stored.answer)
        yield from _shown_by_case(stored.given)


def _shown_by_answer(answer: Mapping[str, Any]) -> Iterator[str]:
    spoke = [found["rule"] for found in answer["findings"]]
    yield f"offer {answer['offer']}"
    yield f"decided by {spoke[0]}"
    yield from (f"rule {rule}" for rule in spoke)
    if answer.get("between"):
        yield "a level put between"


def _shown_by_case(case: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"gate {gate}" for gate in case["plan"].get("gates", ()))
    if case["plan"].get("supply") == "prescribed":
        yield "prescribed"
    events = case["events"]
    if len({event["id"] for event in events}) < len(events):
        yield "an event twice"
    for event in events:
        yield f"{event['kind']} by {event['by'].partition(':')[0]}"
        yield from (f"flag {flag}" for flag in event.get("flags", ()))
        if event.get("recorded_on", event["on"]) > event["on"]:
            yield "an event told late"


# --- versions and the changelog ---------------------------------------------------------------


def version_faults(versions: list[Version], changelog: str) -> list[str]:
    """Why these versions, the engine here and the changelog do not agree; nothing when they do."""
    return [
        *_not_this_engine(versions[-1]),
        *_not_raised(versions),
        *_not_named(versions, changelog),
    ]


def here() -> Version:
    """The engine and the protocols that answer now."""
    found = catalogue.protocols()
    return Version(door.VERSION, {name: one.version for name, one in found.items()})


def _not_this_engine(newest: Version) -> Iterator[str]:
    now = here()
    if (newest.engine, newest.protocols) != (now.engine, now.protocols):
        yield f"stored under {newest}, this is {now}: type python -m prove.replays write"


def _not_raised(versions: list[Version]) -> Iterator[str]:
    for before, after in pairwise(versions):
        if after.changed and not may_change(before, after):
            yield f"{after.changed} answers changed from {before} to {after}: raise a first number"


def may_change(before: Version, after: Version) -> bool:
    """An answer may change under a higher major version, or under another protocol version."""
    return _numbers(after.engine)[0] > _numbers(before.engine)[0] or _new_protocols(before, after)


def _new_protocols(before: Version, after: Version) -> bool:
    return any(
        _numbers(version) > _numbers(before.protocols.get(name, "0"))
        for name, version in after.protocols.items()
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def _not_named(versions: list[Version], changelog: str) -> Iterator[str]:
    for number, version in enumerate(versions):
        if (version.changed or number == 0) and named_in(changelog, version) is None:
            yield f'CHANGELOG.md names no "{_name(version)}" under "{HEADING}"'


def named_in(changelog: str, version: Version) -> str | None:
    """The release whose part on recommendations names an engine version and its protocols."""
    for release in re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]:
        parts = re.split(r"^### ", release, flags=re.MULTILINE)
        said = next((part for part in parts if part.startswith(HEADING)), "")
        if _name(version) in said:
            return release.partition("\n")[0].strip()
    return None


def _name(version: Version) -> str:
    protocols = ", ".join(f"`{name}` {number}" for name, number in version.protocols.items())
    return f"Engine {version.engine} with protocol {protocols}"


# --- writing ----------------------------------------------------------------------------------


def write(path: Path = corpus.FILE, changelog: Path = CHANGELOG) -> str:
    """Store this engine's answers to the same questions, unless that would hide a change."""
    stored = [corpus.read(line) for line in corpus.lines(path)]
    protocols = catalogue.protocols()
    now = [corpus.answered(one.asks, one.given, protocols) for one in stored]
    changed = sum(_unstamped(a) != _unstamped(b) for a, b in zip(stored, now, strict=True))
    versions = _next_versions(corpus.versions(path), changed, changelog.read_text(encoding="utf-8"))
    corpus.write(now, versions, path)
    return f"{len(now):,} answers stored, {changed:,} of them changed"


def _unstamped(stored: Stored) -> str:
    """An answer without the versions that gave it."""
    text = json.dumps(stored.answer, sort_keys=True)
    return re.sub(r'"(engine|version)": "[0-9.]+"', "", text)


def _next_versions(versions: list[Version], changed: int, changelog: str) -> list[Version]:
    *older, newest = versions
    now = here()
    if (newest.engine, newest.protocols) != (now.engine, now.protocols):
        now = Version(now.engine, now.protocols, changed)
        return _kept([*versions, now], changed == 0 or may_change(newest, now))
    unreleased = named_in(changelog, newest) == "Unreleased"
    again = Version(now.engine, now.protocols, newest.changed + (changed if older else 0))
    return _kept([*older, again], changed == 0 or unreleased)


def _kept(versions: list[Version], allowed: bool) -> list[Version]:
    if not allowed:
        raise SystemExit(f"not written: answers changed under {versions[-1]}. {_AGAIN}")
    return versions


def draw(path: Path = corpus.FILE, number: int = DECISIONS) -> str:
    """Store other questions, drawn from the seeds 0, 1, 2 … once every stored one is unchanged."""
    versions = corpus.versions(path) if path.exists() else [here()]
    if path.exists() and compared(path).differed:
        raise SystemExit(f"not drawn: stored answers changed. {_AGAIN}")
    days, plans, ways = (others(asks, number // share) for asks, share in _BESIDE.items())
    # Days one by one are the quickest to ask again, so they stand first.
    corpus.write([*days, *decisions(number), *plans, *ways], versions, path)
    return f"{number:,} decisions drawn"


def decisions(number: int) -> list[Stored]:
    """Decided cases, from four times as many, so that every rule decides as many as there are."""
    with Pool(_PROCESSES) as pool:
        found = pool.map(_drawn, range(number * 4), chunksize=200)
    by_rule: dict[str, list[Stored]] = {}
    for one in found:
        by_rule.setdefault(one.answer["findings"][0]["rule"], []).append(one)
    in_turn = zip_longest(*(by_rule[rule] for rule in sorted(by_rule)))
    return list(islice((one for turn in in_turn for one in turn if one), number))


def _drawn(seed: int) -> Stored:
    protocols = catalogue.protocols()
    given = cases.drawn(Random(seed), protocols["ketamine"])
    return corpus.answered("decide", given, protocols)


def others(asks: str, number: int) -> Iterator[Stored]:
    """Plans, days one by one, or ways ahead: a few beside the decisions."""
    protocols = catalogue.protocols()
    for seed in range(number):
        chance = Random(f"{asks} {seed}")
        request = asks == "plan"
        given = cases.request(chance) if request else cases.drawn(chance, protocols["ketamine"])
        yield corpus.answered(asks, given, protocols)


def show(number: int, path: Path = corpus.FILE) -> str:
    """One line as it is stored, and what the engine here answers."""
    stored = corpus.read(next(islice(corpus.lines(path), number - 2, None)))
    now = differs(stored) or "the same"
    return json.dumps([stored.given, stored.answer], indent=1) + f"\nnow: {now}"


def main(words: list[str]) -> int:
    """`run`, `show LINE`, `write` or `draw`; exit 1 when a measure is short."""
    if words[:1] == ["run"]:
        measures = run()
        sys.stdout.writelines(f"{measure}\n" for measure in measures)
        return int(not all(measure.met for measure in measures))
    told = {"show": lambda: show(int(words[1])), "write": write, "draw": draw}[words[0]]()
    sys.stdout.write(f"{told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
