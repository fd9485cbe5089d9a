"""What is kept about one course of care. Everything but a few marks is only ever added to.

One counter per episode, `last_sequence`, numbers everything the engine may see (events, gate
answers, approvals, agreements) in the order it was recorded: "up to 41" always means the same
history, so that an old review can be rebuilt exactly.
"""

import uuid
from enum import StrEnum
from typing import Any

from django.db import models

from stepwell.clinic.accounts.models import Role, Service, User, Way
from stepwell.clinic.audit.models import AppendOnly

# The protocol whose flags and limits count until a plan names one.
DEFAULT_PROTOCOL = "ketamine"


class Supply(StrEnum):
    NON_PRESCRIBED = "non_prescribed"
    PRESCRIBED = "prescribed"


class Goal(StrEnum):
    NONE = "none"
    LESS = "less"
    STOP_NOW = "stop_now"
    NOT_SURE = "not_sure"


class Answer(StrEnum):
    NO = "no"
    YES = "yes"
    NOT_SURE = "not_sure"
    RATHER_NOT_SAY = "rather_not_say"


class PlanStatus(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    AGREED = "agreed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class ReviewStatus(StrEnum):
    OPEN = "open"
    DECIDED = "decided"
    INFORMATIONAL = "informational"
    SUPERSEDED = "superseded"


class Urgency(StrEnum):
    EMERGENCY = "emergency"
    SAME_DAY = "same_day"
    ROUTINE = "routine"


class Lane(StrEnum):
    SAFETY = "safety"
    DECIDE = "decide"
    QUIET = "quiet"
    DUE = "due"


class DecisionKind(StrEnum):
    APPROVE = "approve"
    AMEND = "amend"
    DECLINE = "decline"


class ContactHow(StrEnum):
    CALL = "call"
    MESSAGE = "message"
    VISIT = "visit"
    NOTE = "note"


class ContactOutcome(StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"


def _choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, member.name.replace("_", " ").capitalize()) for member in kind]


def _user(**options: Any) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", **options)


class Episode(models.Model):
    """One course of care of one person, in a time zone of its own that travel does not change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="episodes")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="episodes")
    keyworker = _user(null=True)
    time_zone = models.CharField(max_length=60)
    rollover_hour = models.PositiveSmallIntegerField(default=5)
    supply = models.CharField(max_length=20, choices=_choices(Supply))
    word = models.CharField(max_length=40, blank=True, help_text="the person's own word for it")
    what_matters = models.JSONField(default=list)
    goal = models.CharField(max_length=20, choices=_choices(Goal))
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_outcome = models.TextField(blank=True)
    last_sequence = models.PositiveIntegerField(default=0)
    # Which of its changes the filed cards know, what they were made with, and until when they hold.
    changes = models.PositiveIntegerField(default=1)
    filed_changes = models.PositiveIntegerField(default=0)
    filed_with = models.CharField(max_length=64, blank=True)
    filed_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["service", "closed_at"]),
            models.Index(fields=["service", "filed_until"]),
            models.Index(
                fields=["service"],
                condition=~models.Q(filed_changes=models.F("changes")),
                name="cards_to_be_made_anew",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_episode_per_person",
            ),
            models.CheckConstraint(
                condition=models.Q(rollover_hour__lt=24), name="rollover_hour_is_an_hour"
            ),
        ]

    def __str__(self) -> str:
        return f"episode {self.id}"


class OfEpisode(AppendOnly):
    """A row about one episode, kept for good, in the service's own partition."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="%(class)ss")

    class Meta:
        abstract = True


class Baseline(OfEpisode):
    """The agreed picture of use before day 1; the newest counts."""

    amount_low_mg = models.PositiveIntegerField()
    amount_high_mg = models.PositiveIntegerField()
    times_per_day = models.PositiveSmallIntegerField()
    days_per_week = models.PositiveSmallIntegerField()
    routes = models.JSONField(default=list)
    unit_words = models.CharField(max_length=120, blank=True)
    smallest_unit_mg = models.PositiveIntegerField()
    recorded_by = _user()
    at = models.DateTimeField()
    sequence = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["episode", "sequence"], name="baseline_sequence"),
            models.CheckConstraint(
                condition=models.Q(amount_high_mg__gte=models.F("amount_low_mg")),
                name="baseline_range_is_not_upside_down",
            ),
        ]


class GateAnswer(OfEpisode):
    """What was answered to one safety question; the newest answer to a gate counts."""

    gate = models.CharField(max_length=40)
    answer = models.CharField(max_length=20, choices=_choices(Answer))
    by = _user()
    at = models.DateTimeField()
    sequence = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["episode", "sequence"], name="gate_answer_sequence")
        ]


class GateClearance(OfEpisode):
    """The named role looked at an answer and wrote down why it does not stand in the way."""

    gate = models.CharField(max_length=40)
    by = _user()
    role = models.CharField(max_length=20, choices=_choices(Role))
    reason = models.TextField()
    at = models.DateTimeField()
    sequence = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["episode", "sequence"], name="gate_clearance_sequence")
        ]


class PlanVersion(models.Model):
    """One version of a plan. A draft is never followed; what was approved never changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="plan_versions")
    version = models.PositiveIntegerField()
    request = models.JSONField()
    levels = models.JSONField()
    finish = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    needs = models.JSONField(default=list)
    protocol_name = models.CharField(max_length=60)
    protocol_version = models.CharField(max_length=30)
    usual_score = models.PositiveSmallIntegerField()
    usual_items = models.JSONField(default=list)
    person_may = models.JSONField(default=list)
    review_by = models.DateField()
    rationale = models.TextField()
    stop_now_discussed = models.BooleanField()
    authorised_by = models.CharField(max_length=150, blank=True)
    authorised_reason = models.TextField(blank=True)
    drafted_by = _user()
    drafted_at = models.DateTimeField()
    drafted_sequence = models.PositiveIntegerField()
    approved_by = _user(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_on = models.DateField(null=True)
    approved_sequence = models.PositiveIntegerField(null=True)
    agreed_by = _user(null=True)
    agreed_at = models.DateTimeField(null=True)
    agreed_on = models.DateField(null=True)
    agreed_sequence = models.PositiveIntegerField(null=True)
    start = models.DateField(null=True)
    teach_back = models.JSONField(null=True)
    superseded_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["episode", "version"], name="one_row_per_plan_version"),
            models.CheckConstraint(
                condition=models.Q(agreed_at__isnull=True) | models.Q(approved_at__isnull=False),
                name="nothing_is_agreed_before_it_is_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.version}"

    @property
    def status(self) -> PlanStatus:
        if self.withdrawn_at:
            return PlanStatus.WITHDRAWN
        if self.superseded_at:
            return PlanStatus.SUPERSEDED
        if self.agreed_at:
            return PlanStatus.AGREED
        return PlanStatus.APPROVED if self.approved_at else PlanStatus.DRAFT

    @property
    def supply(self) -> Supply:
        return Supply(self.request.get("supply", Supply.NON_PRESCRIBED))


class Event(OfEpisode):
    """One thing that was told or done: its instant, the zone then, and the local dates."""

    sequence = models.PositiveIntegerField()
    event_id = models.CharField(max_length=80, help_text="the phone's own id for it")
    kind = models.CharField(max_length=20)
    on = models.DateField()
    recorded_on = models.DateField()
    recorded = models.DateTimeField()
    time_zone = models.CharField(max_length=60)
    by_user = _user()
    by = models.CharField(max_length=170)
    body = models.JSONField(default=dict)
    reason = models.TextField(
        blank=True, help_text="why, where it was said; not the engine's to see"
    )
    source = models.CharField(
        max_length=10, null=True, help_text="paper, where the team wrote it down from a sheet"
    )
    set_aside = models.BooleanField(default=False)
    set_aside_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["sequence"]
        indexes = [models.Index(fields=["service", "episode", "on"])]
        constraints = [
            models.UniqueConstraint(fields=["episode", "sequence"], name="event_sequence"),
            models.UniqueConstraint(fields=["episode", "event_id"], name="event_is_told_once"),
        ]


class Review(models.Model):
    """What the engine recommended on one day, and enough to rebuild exactly why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="reviews")
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, null=True)
    on = models.DateField()
    last_sequence = models.PositiveIntegerField()
    number = models.PositiveIntegerField(help_text="1, 2, … for this episode")
    case_sha256 = models.CharField(max_length=64)
    schema_version = models.PositiveSmallIntegerField()
    recommendation = models.JSONField()
    engine_version = models.CharField(max_length=40)
    protocol_version = models.CharField(max_length=30)
    made_at = models.DateTimeField()
    open_since = models.DateTimeField(help_text="since when this same call has stood")
    status = models.CharField(max_length=20, choices=_choices(ReviewStatus))

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["service", "status"])]
        constraints = [
            models.UniqueConstraint(fields=["episode", "number"], name="review_number"),
            models.UniqueConstraint(
                fields=["episode"],
                condition=models.Q(status=ReviewStatus.OPEN.value),
                name="one_open_review_per_episode",
            ),
        ]

    def __str__(self) -> str:
        return f"review of {self.on}"


class Decision(OfEpisode):
    """What a named clinician decided on one review, and why. One per review."""

    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="decision")
    kind = models.CharField(max_length=10, choices=_choices(DecisionKind))
    by = _user()
    reason = models.TextField()
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()


class Escalation(models.Model):
    """A signal that a human must end, with an outcome; nothing else ever closes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="escalations")
    key = models.CharField(max_length=120)
    urgency = models.CharField(max_length=20, choices=_choices(Urgency))
    since = models.DateField()
    occurrence = models.PositiveSmallIntegerField(
        default=1, help_text="2 and on: told again on the same day after it had been closed"
    )
    rule = models.CharField(max_length=120)
    raised_at = models.DateTimeField()
    acknowledged_by = _user(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    closed_by = _user(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_sequence = models.PositiveIntegerField(null=True)
    outcome = models.TextField(null=True)  # no outcome is not an empty one
    rung = models.PositiveSmallIntegerField(null=True, help_text="of the alert that comes next")
    climbs_at = models.DateTimeField(null=True, help_text="when it comes, if nobody acts")

    class Meta:
        ordering = ["raised_at"]
        indexes = [
            models.Index(fields=["service", "closed_at"]),
            models.Index(
                fields=["climbs_at"],
                condition=models.Q(climbs_at__isnull=False),
                name="signals_that_climb",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "key", "since", "occurrence"],
                name="each_signal_is_raised_once",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True)
                | (models.Q(closed_by__isnull=False) & models.Q(outcome__isnull=False)),
                name="only_a_human_with_an_outcome_closes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.urgency} {self.key} since {self.since}"


class Contact(OfEpisode):
    """Somebody of the team reached out."""

    by = _user()
    at = models.DateTimeField()
    how = models.CharField(max_length=10, choices=_choices(ContactHow))
    note = models.TextField(blank=True)
    outcome = models.CharField(
        max_length=20,
        choices=_choices(ContactOutcome),
        null=True,  # so that the table, and what guards it, stays as it is
        help_text="empty of the time before this was asked: reached",
    )

    @property
    def reached(self) -> bool:
        return self.outcome in (None, ContactOutcome.REACHED)


class Snooze(OfEpisode):
    """A card was put off until a day, with a reason. Never in the safety lane."""

    lane = models.CharField(max_length=10, choices=_choices(Lane))
    by = _user()
    until = models.DateField()
    reason = models.TextField()
    at = models.DateTimeField()


class FiledCard(models.Model):
    """One card of the team's day, as it stands from one instant to another if nothing more is told.

    Made from the record and made anew from it at any time; only `care/filed.py` writes it.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+", db_index=False)
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="+")
    lane = models.CharField(max_length=10, choices=_choices(Lane))
    rank = models.PositiveSmallIntegerField(help_text="0 the most urgent")
    since = models.DateField()
    contacted_at = models.DateTimeField(help_text="or opened, where nobody reached out yet")
    shows_from = models.DateTimeField()
    shows_until = models.DateTimeField()
    reason = models.CharField(max_length=40)
    facts = models.JSONField()
    suggested = models.CharField(max_length=40)
    urgency = models.CharField(max_length=20, blank=True)
    opens = models.CharField(max_length=20)
    opens_id = models.UUIDField()
    acknowledged_by = models.CharField(max_length=150, blank=True)
    unowned_since = models.DateTimeField(null=True, help_text="a safety signal nobody has taken")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(
                fields=["service", "lane", "rank", "since", "contacted_at", "id"],
                name="cards_in_their_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.lane}: {self.reason}"


class ErasureRequest(OfEpisode):
    """The person asked for their record to be deleted; `keeps` is what they were told stays."""

    by = _user()
    at = models.DateTimeField()
    keeps = models.TextField()


class CardNote(OfEpisode):
    """What the person wrote on their card for A&E or a GP; the newest counts."""

    medicines = models.TextField(blank=True)
    allergies = models.TextField(blank=True)
    contact = models.TextField(blank=True)
    by = _user()
    at = models.DateTimeField()


class ReachNote(OfEpisode):
    """How the person wants to be reached, in their own words; the newest counts."""

    first = models.CharField(max_length=200, blank=True)
    second = models.CharField(max_length=200, blank=True)
    times = models.CharField(max_length=200, blank=True)
    say = models.CharField(max_length=200, blank=True)
    never = models.CharField(max_length=200, blank=True)
    by = _user()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["episode", "at"])]


class WellHow(StrEnum):
    STEADY = "steady"
    WOBBLY = "wobbly"
    HARD = "hard"


class WellUse(StrEnum):
    NO = "no"
    YES = "yes"
    RATHER_NOT_SAY = "rather_not_say"


class WellPlan(OfEpisode):
    """The person's own early signs and their plan for hard days; the newest counts."""

    signs = models.TextField(blank=True)
    hard_days = models.TextField(blank=True)
    by = _user()
    at = models.DateTimeField()


class WellCheck(OfEpisode):
    """One light check-in after the end: how it goes, use, and whether they would like a call."""

    number = models.PositiveSmallIntegerField(help_text="1, 2, … weekly, then monthly")
    on = models.DateField()
    how = models.CharField(max_length=10, choices=_choices(WellHow))
    used = models.CharField(max_length=20, choices=_choices(WellUse))
    wants_call = models.BooleanField()
    by = _user()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "number"], name="each_well_check_is_told_once"
            )
        ]


class Message(OfEpisode):
    """What the person or their team wrote to the other; `message_id` is the sender's own."""

    number = models.PositiveIntegerField(help_text="1, 2, … in the order they were kept")
    message_id = models.CharField(max_length=80)
    text = models.TextField()
    by = _user()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "by", "message_id"], name="each_message_is_kept_once"
            ),
            models.UniqueConstraint(fields=["episode", "number"], name="messages_have_an_order"),
        ]


class MessagesRead(OfEpisode):
    """Somebody had every message before them that was there at this instant."""

    by = _user()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "times messages were read"
        indexes = [models.Index(fields=["episode", "at"])]


class VisitChange(StrEnum):
    BOOKED = "booked"
    MOVED = "moved"
    CALLED_OFF = "called_off"
    CANNOT_COME = "cannot_come"
    KEPT = "kept"
    NOT_ATTENDED = "not_attended"


class VisitHow(StrEnum):
    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"


class VisitNote(OfEpisode):
    """What became of an appointment; the newest row of one `visit_id` is how it stands."""

    visit_id = models.UUIDField(default=uuid.uuid4)
    number = models.PositiveIntegerField(help_text="1, 2, … within one appointment")
    change = models.CharField(max_length=20, choices=_choices(VisitChange))
    starts = models.DateTimeField()
    how = models.CharField(max_length=20, choices=_choices(VisitHow))
    why = models.CharField(max_length=200)
    bring = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=200, blank=True)
    by = _user()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visit_id", "number"], name="changes_of_a_visit_have_an_order"
            )
        ]


class QuestionnaireAnswer(OfEpisode):
    """One questionnaire as it was filled in; an item that was left out is null."""

    name = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    answers = models.JSONField()
    on = models.DateField()
    sent_id = models.CharField(max_length=80)
    by = _user()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["service", "episode", "at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "sent_id"], name="each_questionnaire_is_kept_once"
            )
        ]


class DayDetail(OfEpisode):
    """What was added to one day; the newest of a day counts."""

    on = models.DateField()
    routes = models.JSONField()
    mixed = models.JSONField()
    new_bag = models.BooleanField(null=True)
    note = models.CharField(max_length=500, blank=True)
    sent_id = models.CharField(max_length=80)
    by = _user()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["service", "episode", "on"])]
        constraints = [
            models.UniqueConstraint(fields=["episode", "sent_id"], name="each_detail_is_kept_once")
        ]


class Measurement(OfEpisode):
    """One value of a test; the newest row of a day counts."""

    name = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=12, decimal_places=3)
    unit = models.CharField(max_length=20)
    on = models.DateField()
    sent_id = models.CharField(max_length=80)
    by = _user()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["service", "episode", "on"])]
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "sent_id", "name"], name="each_value_is_kept_once"
            )
        ]


class BladderEntry(OfEpisode):
    """One line of a bladder diary; a row that takes another out leaves both on record."""

    kind = models.CharField(max_length=10)
    happened = models.DateTimeField()
    ml = models.PositiveIntegerField(null=True)
    leaked = models.BooleanField(null=True)
    blood = models.BooleanField(null=True)
    pain = models.PositiveSmallIntegerField(null=True)
    takes_out = models.UUIDField(null=True)
    sent_id = models.CharField(max_length=80)
    by = _user()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["service", "episode", "happened"])]
        constraints = [
            models.UniqueConstraint(fields=["episode", "sent_id"], name="each_entry_is_kept_once")
        ]


class Letter(OfEpisode):
    """One letter as it was written; `parts` has each line with what it rests on."""

    kind = models.CharField(max_length=20)
    to = models.CharField(max_length=200)
    parts = models.JSONField()
    note = models.TextField(blank=True)
    reason = models.CharField(max_length=300, blank=True)
    by = _user()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["service", "episode", "at"])]


class Profile(OfEpisode):
    """One outcomes profile as it was confirmed with the person; a correction is a new one."""

    stage = models.CharField(max_length=20)
    on = models.DateField()
    parts = models.JSONField(help_text="each line with what it rests on")
    rows = models.JSONField(help_text="the same as figures: name, value, whether at least, unit")
    sent_id = models.CharField(max_length=80)
    by = _user()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["service", "episode", "at"])]
        constraints = [
            models.UniqueConstraint(fields=["episode", "sent_id"], name="each_profile_is_kept_once")
        ]


class LetterSeen(OfEpisode):
    """The person saw a letter, on their phone or together with somebody of the team."""

    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, related_name="+")
    by = _user()
    at = models.DateTimeField()


class DirectoryChange(StrEnum):
    ADDED = "added"
    RANG = "rang"
    FAILED = "failed"
    RETIRED = "retired"


class DirectoryNote(AppendOnly):
    """What a service did with one number of its directory; the newest row of a `key` counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=120)
    change = models.CharField(max_length=20, choices=_choices(DirectoryChange))
    name = models.CharField(max_length=120, blank=True)
    number = models.CharField(max_length=60, blank=True)
    how = models.CharField(max_length=10, blank=True)
    what_for = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=200, blank=True)
    by = _user()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["service", "at"])]


class RulesChange(AppendOnly):
    """The rules of a service from this instant on, all of them, and why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(help_text="1, 2, … of this service")
    values = models.JSONField()
    reason = models.TextField()
    by = _user()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "number"], name="rules_have_an_order")
        ]


class Duty(AppendOnly):
    """Who is on duty from one instant until another; the newest row counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    who = _user()
    until = models.DateTimeField()
    by = _user()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "duties"
        indexes = [models.Index(fields=["service", "at"])]


class PersonTold(StrEnum):
    FIRST = "first"
    AFTER = "after"
    NOT_TOLD = "not_told"


class SafeguardingNote(OfEpisode):
    """A restricted note, as its author wrote it. It exists by duty, whatever is shared."""

    concerns = models.JSONField()
    seen = models.TextField(help_text="what was seen or said")
    done = models.TextField()
    who_told = models.TextField()
    person_told = models.CharField(max_length=20, choices=_choices(PersonTold))
    why_not = models.TextField(blank=True, help_text="why the person was not told")
    sent_id = models.CharField(max_length=80)
    by = _user()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["service", "episode", "at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "sent_id"], name="each_safeguarding_note_is_kept_once"
            )
        ]


class SafeguardingAddition(OfEpisode):
    """What was put right or done later, beside the note that it belongs to."""

    note = models.ForeignKey(SafeguardingNote, on_delete=models.PROTECT, related_name="additions")
    text = models.TextField()
    by = _user()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]


class GlassBroken(OfEpisode):
    """Somebody opened the restricted notes of a person for themselves, until a time."""

    reason = models.TextField()
    until = models.DateTimeField()
    by = _user()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "times the glass was broken"
        indexes = [models.Index(fields=["service", "episode", "by", "until"])]


class GlassLookedAt(OfEpisode):
    """The safeguarding lead looked at one breaking of the glass."""

    glass = models.OneToOneField(GlassBroken, on_delete=models.PROTECT, related_name="look")
    text = models.TextField(blank=True)
    by = _user()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "looks at a broken glass"


class NoticeEnd(StrEnum):
    SENT = "sent"
    MOOT = "moot"  # somebody had looked before it went out
    TOO_LATE = "too_late"
    REFUSED = "refused"


class Notice(models.Model):
    """One thing to be sent to one address: written with the act that it is about, sent after it.

    It says that there is something to look at, never what. The worker that holds it has until
    `held_until`; then another may take it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, null=True, related_name="+")
    escalation = models.ForeignKey(
        Escalation, on_delete=models.PROTECT, null=True, related_name="notices"
    )
    to = _user()
    way = models.ForeignKey(Way, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    code = models.CharField(max_length=10, blank=True, help_text="to confirm an address with")
    key = models.CharField(max_length=200, unique=True, help_text="so that it is written once")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="the next try is not before this")
    until = models.DateTimeField(null=True, help_text="after this it helps nobody")
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=80, blank=True, help_text="the kind of the last failure")
    held_by = models.UUIDField(null=True)
    held_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=10, choices=_choices(NoticeEnd), blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(ended_at=None),
                name="notices_that_wait",
            ),
            models.Index(fields=["service", "made_at"]),
        ]


class Reminder(models.Model):
    """What a person wants to be sent, if anything: both are off until they ask for them."""

    person = models.OneToOneField(User, on_delete=models.PROTECT, related_name="reminder")
    daily_at = models.TimeField(null=True, help_text="on the clock where they are")
    messages = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="en")
    next_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.daily_at} {self.next_at}"


class Beat(models.Model):
    """When the worker last went round: if it stands still, pages and checks say so."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at}"
