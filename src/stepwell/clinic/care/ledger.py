"""One act at a time on an episode, each with the next number of its history."""

from stepwell.clinic.care.models import Episode


def lock(episode: Episode) -> Episode:
    """The episode as it is now, locked until the transaction ends."""
    return Episode.objects.select_for_update().get(pk=episode.pk)


def number(locked: Episode) -> int:
    """The next number of a locked episode's history."""
    locked.last_sequence += 1
    locked.save(update_fields=["last_sequence"])
    return locked.last_sequence
