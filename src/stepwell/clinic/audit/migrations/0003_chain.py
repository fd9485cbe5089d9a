from typing import Any

from django.db import migrations, models

from stepwell.clinic.audit import chain
from stepwell.clinic.audit.triggers import guard, unguard


def number_what_is_there(apps: Any, _editor: Any) -> None:
    chain.rebuild(apps.get_model("audit", "Entry").objects, apps.get_model("audit", "Chain").objects)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_entries_never_change")]
    operations = [
        migrations.CreateModel(
            name="Chain",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("number", models.PositiveBigIntegerField(default=0)),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        unguard("audit_entry"),
        migrations.AddField("entry", "chain_id", models.UUIDField(null=True)),
        migrations.AddField("entry", "number", models.PositiveBigIntegerField(null=True)),
        migrations.AddField("entry", "digest", models.CharField(max_length=64, null=True)),
        migrations.RunPython(number_what_is_there, migrations.RunPython.noop),
        migrations.AlterField("entry", "chain_id", models.UUIDField()),
        migrations.AlterField(
            "entry",
            "number",
            models.PositiveBigIntegerField(help_text="1, 2, … in its chain"),
        ),
        migrations.AlterField("entry", "digest", models.CharField(max_length=64)),
        migrations.AddConstraint(
            "entry",
            models.UniqueConstraint(fields=["chain_id", "number"], name="a_chain_has_one_end"),
        ),
        guard("audit_entry"),
    ]
