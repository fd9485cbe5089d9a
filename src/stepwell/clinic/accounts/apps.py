from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "stepwell.clinic.accounts"
    label = "accounts"
