"""The cards of everybody, made ahead and kept in their order, so that 100,000 people cost no more.

Each act marks its episode (`ledger.lock`); whoever answers a request next makes its cards anew, for
every day ahead on which they differ. So silence is noticed without a timer, and a page asks for
what stands at its instant alone. What is filed is never the record: it can be thrown away.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from stepwell import catalogue
from stepwell.clinic.accounts.models import Role, Service, User
from stepwell.clinic.care import access, beats, duty, folders, reviews, thresholds
from stepwell.clinic.care import lanes as lanes_
from stepwell.clinic.care.days import begins, today
from stepwell.clinic.care.folders import Gathered
from stepwell.clinic.care.lanes import URGENCIES, Card, Reason, Suggested
from stepwell.clinic.care.models import Episode, Escalation, FiledCard, Lane, Review, Urgency

A_LANE, A_PAGE = 20, 50
AT_ONCE = 100  # as many are made anew while somebody waits for a page
EVER, NEVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
_WHOLE = Episode.objects.select_related("service", "person", "keyworker")
_CHANGED = ~Q(filed_changes=F("changes"))


@dataclass(frozen=True, slots=True)
class Day:
    """Who needs this clinician first.

    `lanes` has the first cards of each, `more` the lanes that have others behind them. `unowned`
    are signals that nobody took within the service's promise. `behind` is True where so many
    records changed at once that some cards are from before.
    """

    lanes: dict[Lane, list[Card]]
    more: frozenset[Lane]
    unowned: tuple[Card, ...]
    behind: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the caseload with what waits for them."""

    episode: Episode
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the caseload, by name; `after` asks for the next page, None at the end."""

    rows: tuple[Row, ...]
    after: UUID | None
    behind: bool


# --- reading ------------------------------------------------------------------------------------


def team_day(user: User, at: datetime, *, only: Lane | None = None, skip: int = 0) -> Day:
    """At most one card for a person and lane, some of each lane; or `only` one, behind `skip`.

    The most urgent first, then the longest waiting, then whoever was longest without a human.
    """
    behind, most = catch_up(user.service, at), A_PAGE if only else A_LANE
    shown, wanted = _shown(user, at), [only] if only else list(Lane)
    found = {lane: shown.filter(lane=lane)[skip : skip + most + 1] for lane in wanted}
    cards = {lane: [_card(row, at) for row in rows] for lane, rows in found.items()}
    more = frozenset(lane for lane, of_lane in cards.items() if len(of_lane) > most)
    first = {lane: of_lane[:most] for lane, of_lane in cards.items()}
    return Day(first, more, _unowned(user, at), behind)


def _unowned(user: User, at: datetime) -> tuple[Card, ...]:
    """The first of the signals that have waited for longer than was promised."""
    since = duty.past_the_promise(thresholds.of(user.service), user.service, at)
    late = _shown(user, at).filter(lane=Lane.SAFETY, unowned_since__lte=since) if since else ()
    return tuple(_card(row, at) for row in late[:A_LANE])


def lanes(user: User, at: datetime) -> dict[Lane, list[Card]]:
    """The cards of the day alone."""
    return team_day(user, at).lanes


def of(episode: Episode, at: datetime) -> tuple[Card, ...]:
    """The cards of one person, whom the door has let this user see."""
    catch_up_with(episode, at)
    found = _as_shown(FiledCard.objects.filter(episode=episode), at)
    return _by_lane([_card(row, at) for row in found])


def caseload(
    user: User, at: datetime, *, name: str = "", mine: bool = False, after: UUID | None = None
) -> Page:
    """Everybody open whom this clinician may see, or those with this in their name. NotFound."""
    behind = catch_up(user.service, at)
    open_ = access.caseload_for(user).filter(person=OuterRef("pk"))
    theirs = open_.filter(keyworker=user) if mine else open_
    found = User.objects.filter(Exists(theirs), service=user.service_id, role=Role.PERSON)
    if name:
        found = found.filter(display_name__icontains=name)
    if after:
        found = _behind(found, access.episode_for(user, after).person)
    listed = list(found.order_by("display_name", "pk")[: A_PAGE + 1])
    rows = _rows(listed[:A_PAGE], at)
    return Page(rows, rows[-1].episode.pk if len(listed) > A_PAGE else None, behind)


def _behind(found: "QuerySet[User]", last: User) -> "QuerySet[User]":
    later = found.filter(display_name__gte=last.display_name)
    return later.exclude(display_name=last.display_name, pk__lte=last.pk)


def _rows(people: list[User], at: datetime) -> tuple[Row, ...]:
    """Of people whom the door has let this user see."""
    open_ = Episode.objects.filter(person__in=people, closed_at=None)
    listed = sorted(
        open_.select_related("person", "keyworker"), key=lambda one: people.index(one.person)
    )
    cards: dict[UUID, list[Card]] = {}
    for row in _as_shown(FiledCard.objects.filter(episode__in=listed), at):
        cards.setdefault(row.episode_id, []).append(_card(row, at))
    return tuple(Row(one, _by_lane(cards.get(one.pk, []))) for one in listed)


def _by_lane(cards: list[Card]) -> tuple[Card, ...]:
    return tuple(sorted(cards, key=lambda card: list(Lane).index(card.lane)))


def _shown(user: User, at: datetime) -> "QuerySet[FiledCard]":
    seen = access.about_those_seen_by(user, FiledCard.objects.all())
    return _as_shown(seen, at).order_by("rank", "since", "contacted_at", "id")


def _as_shown(found: "QuerySet[FiledCard]", at: datetime) -> "QuerySet[FiledCard]":
    standing = found.filter(shows_from__lte=at, shows_until__gt=at)
    return standing.select_related("episode__person", "episode__keyworker", "contact__by")


def _card(row: FiledCard, at: datetime) -> Card:
    episode = row.episode
    return Card(
        lane=Lane(row.lane),
        episode_id=episode.pk,
        person=episode.person.display_name,
        reason=Reason(row.reason),
        facts=row.facts,
        suggested=Suggested(row.suggested),
        since=row.since,
        urgency=Urgency(row.urgency) if row.urgency else None,
        last_contact=lanes_.contact_line(row.contact) if row.contact else None,
        owner=episode.keyworker.display_name if episode.keyworker else None,
        opens=row.opens,
        opens_id=row.opens_id,
        on=today(episode, at),
        acknowledged_by=row.acknowledged_by or None,
        unowned_since=row.unowned_since,
    )


# --- filing -------------------------------------------------------------------------------------


def catch_up(service: Service, at: datetime) -> bool:
    """Make anew the cards that an act or time has made old, danger first; True if some are left."""
    mine, most = _WHOLE.filter(service=service), AT_ONCE
    danger = Escalation.objects.filter(episode=OuterRef("pk"), closed_at=None)
    urgent = Exists(danger.exclude(urgency=Urgency.ROUTINE))
    old = list(mine.filter(_CHANGED).order_by(urgent.desc(), "pk")[: most + 1])
    old += mine.exclude(_CHANGED).filter(filed_until__lte=at)[: most + 1 - len(old)]
    make_anew(old[:most], at)
    return len(old) > most


def catch_up_with_all(at: datetime) -> None:
    """Make anew whatever is old, of every service: a host's chore after an upgrade."""
    for service in Service.objects.order_by("pk"):
        while catch_up(service, at):
            pass


def catch_up_some(at: datetime) -> int:
    """The same for a short while of the worker's: of each service as many as a page would wait for.

    How many services have others left.
    """
    return sum(catch_up(service, at) for service in Service.objects.order_by("pk"))


def after(episode: Episode, at: datetime) -> None:
    """Somebody told or did something: with danger, or with no worker, their cards are made now.

    Else the worker makes them within seconds, many at once; a page that is opened before that
    makes its own.
    """
    danger = Escalation.objects.filter(episode=episode, closed_at=None)
    if danger.exclude(urgency=Urgency.ROUTINE).exists() or beats.stand_still(at):
        catch_up_with(episode, at)


def catch_up_with(episode: Episode, at: datetime) -> None:
    """Make this one's cards anew, where an act or time has made them old."""
    make_anew(_WHOLE.filter(_CHANGED | Q(filed_until__lte=at), pk=episode.pk), at)


def make_anew(episodes: Iterable[Episode], at: datetime) -> None:
    """File the cards of these episodes, as they were read from the database just now."""
    read = list(episodes)
    if not read:
        return
    newest = reviews.newest(read)
    made = [
        (one.record.episode, list(_spans(one, newest.get(pk), at)))
        for pk, one in folders.gathered(read).items()
    ]
    with transaction.atomic():
        filed = [(episode, cards) for episode, cards in made if _still_so(episode, cards, at)]
        FiledCard.objects.filter(episode__in=[episode for episode, _ in filed]).delete()
        FiledCard.objects.bulk_create(card for _, cards in filed for card in cards)


def _still_so(episode: Episode, cards: list[FiledCard], at: datetime) -> bool:
    """Unless something was told in the meantime: then whoever told it files the cards.

    What is closed, and waits for nobody, is not looked at again until somebody does something.
    """
    unchanged = Episode.objects.filter(pk=episode.pk, changes=episode.changes)
    ends = begins(episode, today(episode, at)) + folders.AHEAD
    until = None if episode.closed_at and not cards else ends
    return bool(
        unchanged.update(filed_changes=episode.changes, filed_with=made_with(), filed_until=until)
    )


def mark_all(service: Service | None = None) -> None:
    """Ask for all cards anew: of a service whose rules changed, or those other data had made."""
    of_all = Episode.objects.exclude(filed_with=made_with())
    marked = Episode.objects.filter(service=service) if service else of_all
    marked.update(changes=F("changes") + 1)


@cache
def made_with() -> str:
    """The fingerprint of the data that cards are made with."""
    protocols = {name: catalogue.document("protocols", f"{name}.json") for name in _PROTOCOLS}
    return reviews.fingerprint({**protocols, "lanes": thresholds.settings()})


_PROTOCOLS = tuple(catalogue.names("protocols"))


def _spans(one: Gathered, review: Review | None, at: datetime) -> Iterator[FiledCard]:
    """Each card once for the days in a row on which it stands."""
    coming = [(folder.at, lanes_.cards(folder)) for folder in folders.ahead(one, review, at)]
    for lane in Lane:
        told = [
            (begun, next((c for c in cards if c.lane == lane), None)) for begun, cards in coming
        ]
        spans = [(next(group)[0], card) for card, group in groupby(told, key=lambda day: day[1])]
        ends = [*(begun for begun, _ in spans[1:]), NEVER]
        for (begun, card), until in zip(spans, ends, strict=True):
            if card:
                yield _row(one, card, EVER if begun == coming[0][0] else begun, until)


def _of(lane: Lane, cards: Iterable[Card]) -> Card | None:
    return next((card for card in cards if card.lane == lane), None)


def _row(one: Gathered, card: Card, begun: datetime, until: datetime) -> FiledCard:
    episode = one.record.episode
    return FiledCard(
        service_id=episode.service_id,
        episode=episode,
        lane=card.lane,
        rank=URGENCIES.index(card.urgency or Urgency.ROUTINE),
        since=card.since,
        contacted_at=one.contact.at if one.contact else episode.opened_at,
        shows_from=begun,
        shows_until=until,
        reason=card.reason,
        facts=dict(card.facts),
        suggested=card.suggested,
        urgency=card.urgency or "",
        opens=card.opens,
        opens_id=card.opens_id,
        acknowledged_by=card.acknowledged_by or "",
        unowned_since=card.unowned_since,
        contact=one.contact,
    )
