"""Cards made ahead: what is filed is what would be made anew, on every day and after every act."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from stepwell.clinic.accounts.models import ConsentKind, Role, Service, User
from stepwell.clinic.care import (
    acts,
    beats,
    check_ins,
    episodes,
    filed,
    folders,
    lanes,
    ledger,
    messages,
    queries,
    reviews,
    visits,
)
from stepwell.clinic.care.lanes import Card, Reason
from stepwell.clinic.care.models import Answer, Episode, FiledCard, Lane, PlanVersion, VisitHow
from tests.conftest import MONDAY, Tell, days, evening, member, opened_for, share

DAY_ONE = date(2026, 12, 1)


def on_file(user: User, at: datetime) -> list[Card]:
    return [card for cards in queries.lanes(user, at).values() for card in cards]


def anew(episode: Episode, at: datetime) -> list[Card]:
    found = lanes.cards(folder_now(Episode.objects.get(pk=episode.pk), at))
    return sorted(found, key=lambda card: list(Lane).index(card.lane))


def folder_now(episode: Episode, at: datetime) -> folders.Folder:
    """Asked of the engine for this one day, apart from the days that were filed ahead."""
    review, one = reviews.newest([episode]).get(episode.pk), folders.gathered([episode])[episode.pk]
    since = next(reviews.standings_ahead(one.record, review, at, 1)).since
    standing = replace(reviews.standing_of(one.record, review, at), since=since)
    return folders.Folder(one, standing, at)


def each_morning(first: date, count: int) -> Iterator[datetime]:
    return (evening(day) - timedelta(hours=11) for day in days(first, count))


def filings() -> int:
    """How often cards were filed: each time they get numbers of their own."""
    newest = FiledCard.objects.order_by("-id").first()
    return newest.pk if newest else 0


def test_two_weeks_without_a_word_were_all_filed_on_the_last_day_of_words(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, sam: User
) -> None:
    for day in days(DAY_ONE, 9):
        tell(day)
    at = evening(date(2026, 12, 9))
    queries.lanes(sam, at)
    filed_once = filings()
    for morning in each_morning(date(2026, 12, 10), 14):
        assert on_file(sam, morning) == anew(episode, morning), morning
    assert filings() == filed_once
    assert {card.reason for card in on_file(sam, morning)} >= {Reason.SILENT, Reason.HELD}


def test_when_what_was_filed_runs_out_it_is_made_anew(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, sam: User
) -> None:
    tell(DAY_ONE)
    queries.lanes(sam, evening(DAY_ONE))
    filed_once = filings()
    for morning in each_morning(date(2027, 1, 1), 40):
        assert on_file(sam, morning) == anew(episode, morning), morning
    assert filings() > filed_once


def test_a_safety_question_that_is_open_stays_on_file_as_it_would_be_made(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, sam: User, rowan: User
) -> None:
    tell(DAY_ONE)
    at = evening(DAY_ONE)
    episodes.answer_gate(episode, "under_18", Answer.YES, by=rowan, at=at)
    queries.lanes(sam, at)
    for morning in each_morning(date(2026, 12, 2), 20):
        assert on_file(sam, morning) == anew(episode, morning), morning


def test_before_there_is_a_plan_the_days_ahead_are_on_file_too(
    episode: Episode, tell: Tell, sam: User
) -> None:
    assert on_file(sam, MONDAY) == anew(episode, MONDAY)
    for day in days(DAY_ONE, 8):
        tell(day)
    queries.lanes(sam, evening(date(2026, 12, 8)))
    for morning in each_morning(date(2026, 12, 9), 20):
        assert on_file(sam, morning) == anew(episode, morning), morning


def test_an_act_is_on_the_page_that_is_looked_at_next(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, rowan: User, sam: User, dr_osei: User
) -> None:
    """Each kind of act, one after the other: what is on file is never older than the last."""
    at = evening(DAY_ONE)
    later = iter(at + timedelta(minutes=n) for n in range(1, 30))
    acted: list[Any] = [
        lambda when: tell(DAY_ONE, at=when),
        lambda when: tell(DAY_ONE, at=when, event_id="second", flags=["cramps"]),
        lambda when: acts.take(episode, "talk", on=DAY_ONE, by=rowan, at=when),
        lambda when: episodes.log_contact(episode, how="call", note="", by=sam, at=when),
        lambda when: messages.send(episode, "Hello", message_id="1", by=rowan, at=when),
        lambda when: visits.book(
            episode, by=sam, at=when, starts=when + timedelta(days=1), how=VisitHow.PHONE, why="x"
        ),
        lambda when: episodes.close(episode, outcome="Moved away.", by=dr_osei, at=when),
    ]
    for act, when in zip(acted, later, strict=False):
        act(when)
        assert on_file(sam, when) == anew(episode, when)


def test_whoever_has_left_and_waits_for_nobody_is_not_looked_at_again(
    episode: Episode, sam: User, dr_osei: User
) -> None:
    episodes.close(episode, outcome="Moved away.", by=dr_osei, at=MONDAY)
    queries.lanes(sam, MONDAY)
    filed_once = Episode.objects.get(pk=episode.pk).filed_until
    assert (on_file(sam, MONDAY), filed_once) == ([], None)
    assert on_file(sam, MONDAY + timedelta(days=400)) == []


def test_danger_is_filed_before_anything_else(
    service: Service, sam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where more records changed at once than are made anew while somebody waits."""
    monkeypatch.setattr(filed, "AT_ONCE", 3)
    everybody = []
    for number in range(9):
        person = member(service, f"Made Up {number}", Role.PERSON)
        share(person, *ConsentKind)
        everybody.append(opened_for(person, sam))
    last = max(everybody, key=lambda one: one.pk)
    told: dict[str, Any] = {"used": None, "answers": {}, "flags": ["seizure"]}
    check_ins.record(last, told, on=MONDAY.date(), event_id="1", by=last.person, at=MONDAY)
    day = filed.team_day(sam, MONDAY)
    assert day.behind
    assert [card.person for card in day.lanes[Lane.SAFETY]] == [last.person.display_name]
    filed.team_day(sam, MONDAY)
    assert not filed.team_day(sam, MONDAY).behind


def test_what_was_told_while_cards_were_made_is_not_lost(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, sam: User
) -> None:
    """A check-in arrives after the record was read and before its cards were filed."""
    read_before = list(Episode.objects.filter(pk=episode.pk))
    tell(DAY_ONE, flags=["jaundice"])
    filed.make_anew(read_before, evening(DAY_ONE))
    assert on_file(sam, evening(DAY_ONE))[0].lane == Lane.SAFETY


def test_a_lane_goes_on_behind_its_first_cards(
    service: Service, sam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filed, "A_LANE", 2)
    monkeypatch.setattr(filed, "A_PAGE", 3)
    for number in range(5):
        person = member(service, f"Made Up {number}", Role.PERSON)
        share(person, *ConsentKind)
        opened_for(person, sam)
    later = MONDAY + timedelta(days=8)
    first = filed.team_day(sam, later)
    assert (len(first.lanes[Lane.QUIET]), Lane.QUIET in first.more) == (2, True)
    pages = [filed.team_day(sam, later, only=Lane.QUIET, skip=skip) for skip in (0, 3)]
    named = [card.person for page in pages for card in page.lanes[Lane.QUIET]]
    assert sorted(named) == [f"Made Up {number}" for number in range(5)]
    assert [bool(page.more) for page in pages] == [True, False]


def test_the_caseload_goes_on_where_its_last_page_ended(
    service: Service, sam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people of one name are two people."""
    monkeypatch.setattr(filed, "A_PAGE", 2)
    for number, name in enumerate(["Ali", "Bo", "Bo", "Bo", "Cy"]):
        person = member(service, f"p{number}", Role.PERSON)
        User.objects.filter(pk=person.pk).update(display_name=name)
        share(person, *ConsentKind)
        opened_for(person, sam)
    pages, after = [], None
    while page := filed.caseload(sam, MONDAY, after=after):
        pages.append([row.episode.person.display_name for row in page.rows])
        if (after := page.after) is None:
            break
    assert pages == [["Ali", "Bo"], ["Bo", "Bo"], ["Cy"]]


def test_every_act_on_an_episode_makes_its_cards_old(episode: Episode) -> None:
    before = Episode.objects.get(pk=episode.pk).changes
    ledger.lock(episode)
    assert Episode.objects.get(pk=episode.pk).changes == before + 1
    ledger.lock_to_look(episode)
    assert Episode.objects.get(pk=episode.pk).changes == before + 1


def test_looking_twice_asks_the_engine_once(
    agreed_plan: PlanVersion, tell: Tell, sam: User
) -> None:
    tell(DAY_ONE)
    queries.lanes(sam, evening(DAY_ONE))
    with CaptureQueriesContext(connection) as asked:
        queries.lanes(sam, evening(DAY_ONE))
    assert not [query for query in asked.captured_queries if "care_event" in query["sql"]]


def test_other_data_than_the_cards_were_made_with_asks_for_all_anew(
    episode: Episode, sam: User
) -> None:
    queries.lanes(sam, MONDAY)
    filed.mark_all()
    assert not Episode.objects.filter(filed._CHANGED).exists()
    Episode.objects.update(filed_with="an older version")
    filed.mark_all()
    assert Episode.objects.filter(filed._CHANGED).count() == 1


def test_where_a_worker_runs_it_makes_the_cards_and_a_look_before_that_makes_its_own(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, sam: User
) -> None:
    at = evening(DAY_ONE)
    for name in ("alerts", "notices"):
        beats.beat(name, timedelta(0), at)
    queries.lanes(sam, at)
    filed_before = filings()
    tell(date(2026, 12, 2), at=at + timedelta(hours=12))
    beats.beat("alerts", timedelta(0), at + timedelta(hours=12))
    beats.beat("notices", timedelta(0), at + timedelta(hours=12))
    later = at + timedelta(hours=12, seconds=1)
    filed.after(episode, later)
    assert Episode.objects.filter(pk=episode.pk, filed_changes=F("changes")).count() == 0
    assert filed.catch_up_some(later) == 0
    assert Episode.objects.filter(pk=episode.pk, filed_changes=F("changes")).count() == 1
    assert filings() >= filed_before


def test_danger_is_filed_with_the_act_whoever_else_may_do_it(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    at = evening(DAY_ONE)
    for name in ("alerts", "notices"):
        beats.beat(name, timedelta(0), at)
    tell(DAY_ONE, at=at, flags=["seizure"])
    filed.after(episode, at)
    assert FiledCard.objects.filter(episode=episode, lane=Lane.SAFETY).exists()


def test_without_a_worker_every_act_files_its_own(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    tell(DAY_ONE)
    filed.after(episode, evening(DAY_ONE))
    assert Episode.objects.filter(pk=episode.pk, filed_changes=F("changes")).exists()
