"""Answers of the engine as a person reads them in a terminal: tables and a small chart."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stepwell import catalogue

_BARS = "▁▂▃▄▅▆▇█"
Answer = Mapping[str, Any]


def show_plan(answer: Answer, console: Console) -> None:
    """A draft with its levels, finish and warnings; or every reason why there is none."""
    if not answer["accepted"]:
        console.print("[bold]No plan.[/]")
        for refusal in answer["refusals"]:
            _line(console, refusal["path"], refusal["text"])
        return
    protocol = catalogue.protocols()[answer["protocol"]["name"]]
    console.print(f"[bold]{protocol.notices['draft'].text}[/]\n")
    console.print(_levels(answer["levels"]))
    console.print(_chart([level["ceiling_mg"] for level in answer["levels"]]))
    finish = answer["finish"]
    console.print(f"Finish: {finish['earliest']} without a hold, {finish['usual']} with the usual.")
    for warning in answer["warnings"]:
        _line(console, warning["text"], warning["source"])
    for need in answer["needs"]:
        console.print(f"[bold]Needs {need} by a named clinician before it can be approved.[/]")


def show_recommendation(answer: Answer, console: Console) -> None:
    """The offer, the ceiling and every finding with its source."""
    console.print(f"[bold]{_offer(answer)}[/]")
    console.print(f"Level {_level(answer)} · ceiling {_amount(answer['ceiling_mg'])}")
    console.print(f"Next step: {answer['next_step_on'] or 'no date'}")
    for told in answer["escalations"]:
        console.print(f"Tell the team ({told['urgency']}): {told['key']}, since {told['since']}")
    table = Table("why", "seen", "limit", "source", box=None, pad_edge=False)
    for found in answer["findings"]:
        table.add_row(
            _words(found["rule"]), _seen(found["seen"]), _seen(found["limit"]), found["source"]
        )
    console.print(table)


def show_replay(days: list[dict[str, Any]], console: Console) -> None:
    """One line a day: the offer, the level, the ceiling and the rule that decided."""
    table = Table("day", "offer", "level", "ceiling", "next step", "decided by", box=None)
    for day in days:
        decided = day["findings"][0]["rule"]
        step_on, ceiling = day["next_step_on"] or "", _amount(day["ceiling_mg"])
        table.add_row(day["today"], _offer(day), _level(day), ceiling, step_on, decided)
    console.print(table)
    console.print(_chart([day["ceiling_mg"] or 0 for day in days]))


def _levels(levels: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("level", "at most", "times a day", "days a week", "from", "days"):
        table.add_column(heading, justify="right")
    for level in levels:
        limits = (level["times_per_day"], level["days_per_week"])
        starts = level["from"] or "baseline"
        ceiling = _amount(level["ceiling_mg"])
        table.add_row(str(level["level"]), ceiling, *map(_seen, limits), starts, str(level["days"]))
    return table


def _chart(amounts: list[int]) -> Text:
    """The way down as one line of bars, a level or day each."""
    top = max([*amounts, 1])
    bars = [_BARS[mg * (len(_BARS) - 1) // top] if mg else " " for mg in amounts]
    return Text("".join(bars) + "|\n")


def _offer(answer: Answer) -> str:
    return str(answer["offer"]).replace("_", " ")


def _level(answer: Answer) -> str:
    return f"{answer['level']}{'½' if answer.get('between') else ''}"


def _amount(mg: int | None) -> str:
    if mg is None:
        return "not shown"
    # Plain digits: a separator would be a decimal point somewhere.
    return "none" if mg == 0 else f"{mg} mg"


def _seen(seen: Any) -> str:
    if seen is None:
        return ""
    return ", ".join(map(str, seen)) if isinstance(seen, list) else str(seen)


def _words(rule: str) -> str:
    entry = _wording().get(rule)
    return str(entry["team"]) if entry else rule.replace("_", " ")


@cache
def _wording() -> dict[str, Any]:
    rules: dict[str, Any] = catalogue.document("wording", "en.json")["rules"]
    return rules


def _line(console: Console, first: str, then: str) -> None:
    console.print(Text(f"· {first}"), Text(f"({then})", style="dim"))
