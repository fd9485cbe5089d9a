from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "stepwell.clinic.care"
    label = "care"
