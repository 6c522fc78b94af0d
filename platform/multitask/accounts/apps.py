from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "multitask.accounts"
    label = "accounts"
    verbose_name = "Accounts"
