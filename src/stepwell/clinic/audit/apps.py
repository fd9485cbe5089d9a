from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "stepwell.clinic.audit"
    label = "audit"
