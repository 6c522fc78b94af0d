from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "multitask.common"
    label = "common"
    verbose_name = "Common"
