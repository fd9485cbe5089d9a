"""Telling a keyworker that a card of theirs is new: a rung of silence, or a date that is near."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from stepwell.clinic.accounts import ways
from stepwell.clinic.accounts.models import User, Way
from stepwell.clinic.care import access, outbox
from stepwell.clinic.care.lanes import Reason
from stepwell.clinic.care.models import Episode, FiledCard, Lane

_DAY = timedelta(days=1)


def of_cards(at: datetime) -> int:
    """Tell each keyworker of a new rung of silence, and of a review date, once; how many."""
    led = Episode.objects.filter(keyworker=OuterRef("pk"), closed_at=None)
    waiting = User.objects.filter(Exists(led), ways__confirmed_at__isnull=False, is_active=True)
    return sum(_of_their_cards(one, at) for one in waiting.distinct())


def _of_their_cards(keyworker: User, at: datetime) -> int:
    """Of those alone whose person shares with them."""
    standing = FiledCard.objects.filter(shows_from__lte=at, shows_until__gt=at)
    wanted = standing.filter(Q(lane=Lane.QUIET) | Q(reason=Reason.REVIEW_DATE))
    rows = access.about_those_seen_by(keyworker, wanted.filter(episode__keyworker=keyworker))
    used = list(ways.confirmed(keyworker))
    with transaction.atomic():
        return sum(_tell(keyworker, row, used, at) for row in rows.select_related("episode"))


def _tell(keyworker: User, card: FiledCard, used: list[Way], at: datetime) -> int:
    kind = "quiet" if card.lane == Lane.QUIET else "review_date"
    key = f"{kind}:{card.episode_id}:{card.since}:{card.suggested}:{keyworker.pk}"
    about: dict[str, Any] = {"at": at, "episode": card.episode, "until": at + _DAY, "by": used}
    return outbox.post(kind, keyworker, key=key, **about)
