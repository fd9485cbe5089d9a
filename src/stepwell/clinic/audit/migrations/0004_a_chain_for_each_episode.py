from django.db import migrations, models


class Migration(migrations.Migration):
    """What was written before stays in its service's chain; each episode begins one of its own."""

    dependencies = [("audit", "0003_chain")]
    operations = [
        migrations.AddField(
            "chain",
            "episode_of",
            models.UUIDField(null=True, help_text="the service, of an episode's chain"),
        ),
        migrations.AddField(
            "chain",
            "sealed",
            models.PositiveBigIntegerField(
                default=0, help_text="up to this number its service's chain stands for it"
            ),
        ),
        migrations.AddIndex(
            "chain", models.Index(fields=["episode_of"], name="audit_chain_episode_bcbf1b_idx")
        ),
    ]
