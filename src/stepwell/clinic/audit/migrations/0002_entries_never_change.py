from django.db import migrations

from stepwell.clinic.audit.triggers import guard


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [guard("audit_entry")]
