from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "multitask.operations"
    label = "operations"
    verbose_name = "Operations"
