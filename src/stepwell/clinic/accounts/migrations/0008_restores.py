"""Which service came back from a backup, and which clinician lifted the freeze after it."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from stepwell.clinic.audit.triggers import guard


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_sessions_and_failures")]
    operations = [
        migrations.CreateModel(
            name="Restore",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("restored_at", models.DateTimeField()),
                (
                    "backup_made_at",
                    models.DateTimeField(help_text="what came after this is not here"),
                ),
                ("backup_sha256", models.CharField(max_length=64)),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restores",
                        to="accounts.service",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="Lift",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "restore",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lift",
                        to="accounts.restore",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        guard("accounts_restore"),
        guard("accounts_lift"),
    ]
