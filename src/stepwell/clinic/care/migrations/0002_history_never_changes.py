"""What was told, answered, approved and decided stays as it was, whoever asks the database."""

from django.db import migrations

from stepwell.clinic.audit.triggers import guard

ADDED_ONLY = ["baseline", "gateanswer", "gateclearance", "event", "decision", "contact", "snooze"]
DRAFTED = [
    "id", "service_id", "episode_id", "version", "request", "levels", "finish", "warnings", "needs",
    "protocol_name", "protocol_version", "usual_score", "usual_items", "person_may", "review_by", "rationale",
    "stop_now_discussed", "authorised_by", "authorised_reason", "drafted_by_id", "drafted_at",
    "drafted_sequence",
]
SIGNED = [
    "approved_by_id", "approved_at", "approved_on", "approved_sequence", "agreed_by_id",
    "agreed_at", "agreed_on", "agreed_sequence", "start", "teach_back", "superseded_at", "withdrawn_at",
]
REVIEWED = [
    "id", "service_id", "episode_id", "plan_version_id", '"on"', "last_sequence", "number", "case_sha256",
    "schema_version", "recommendation", "engine_version", "protocol_version", "made_at",
    "open_since",
]
RAISED = ["id", "service_id", "episode_id", "key", "urgency", "since", "occurrence", "rule", "raised_at"]
ENDED = ["acknowledged_by_id", "acknowledged_at", "closed_by_id", "closed_at", "closed_sequence", "outcome"]


class Migration(migrations.Migration):
    dependencies = [("care", "0001_initial")]
    operations = [
        *[guard(f"care_{name}") for name in ADDED_ONLY],
        guard("care_planversion", DRAFTED, once=SIGNED),
        guard("care_review", REVIEWED),
        guard("care_escalation", RAISED, once=ENDED),
    ]
