from django.db import migrations

from stepwell.clinic.audit.triggers import guard


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [guard("accounts_consent"), guard("accounts_protocolacceptance")]
