from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "multitask.outbox"
    label = "outbox"
    verbose_name = "Outbox"
