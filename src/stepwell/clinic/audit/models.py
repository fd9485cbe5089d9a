"""The trail, and the base of everything that is only ever added to."""

from typing import Any, ClassVar, NoReturn, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class Unchangeable(Exception):
    """An attempt to change or remove what may only be added to."""


class AppendOnlyQuerySet(models.QuerySet[M]):
    """Rows can be added and read. The database's own triggers refuse the rest a second time."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise Unchangeable(f"{self.model.__name__}: rows are added, never changed or removed")

    update = delete = bulk_update = update_or_create = _refuse


class AppendOnly(models.Model):
    """Base of a table whose rows are added and never changed or removed."""

    objects: ClassVar[models.Manager[Any]] = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Unchangeable(f"{type(self).__name__}: rows are added, never changed")
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise Unchangeable(f"{type(self).__name__}: rows are added, never removed")


class Chain(models.Model):
    """How far one chain of lines reaches: its last number and digest.

    Whoever adds a line holds this row, so that a chain has one end.
    """

    id = models.UUIDField(primary_key=True)  # the episode's or service's; zeros for neither
    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64)
    episode_of = models.UUIDField(null=True, help_text="the service, of an episode's chain")
    sealed = models.PositiveBigIntegerField(
        default=0, help_text="up to this number its service's chain stands for it"
    )

    class Meta:
        indexes = [models.Index(fields=["episode_of"])]

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


class Entry(AppendOnly):
    """One act of somebody, as it was: names and role are kept as they were on that day.

    Lines of an episode are a chain: each digest covers the line and the digest before it.
    """

    id = models.BigAutoField(primary_key=True)  # in the order of writing, also within one instant
    at = models.DateTimeField()
    service_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=150)
    actor_role = models.CharField(max_length=20)
    action = models.CharField(max_length=60)
    episode_id = models.UUIDField(null=True)
    subject = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    chain_id = models.UUIDField()
    number = models.PositiveBigIntegerField(help_text="1, 2, … in its chain")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["service_id", "episode_id", "at"])]
        constraints = [
            models.UniqueConstraint(fields=["chain_id", "number"], name="a_chain_has_one_end")
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.subject}"
