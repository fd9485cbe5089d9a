"""One act at a time on an episode, each with the next number of its history."""

from django.db.models import F

from stepwell.clinic.care.models import Episode


def lock(episode: Episode) -> Episode:
    """The episode as it is now, locked until the transaction ends.

    What is about to be written may change its cards, so they are to be made anew (`care/filed.py`).
    """
    Episode.objects.filter(pk=episode.pk).update(changes=F("changes") + 1)
    return Episode.objects.get(pk=episode.pk)


def lock_to_look(episode: Episode) -> Episode:
    """The same for what changes no card: that somebody looked."""
    return Episode.objects.select_for_update().get(pk=episode.pk)


def number(locked: Episode) -> int:
    """The next number of a locked episode's history."""
    locked.last_sequence += 1
    locked.save(update_fields=["last_sequence"])
    return locked.last_sequence
