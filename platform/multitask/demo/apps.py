from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "multitask.demo"
    label = "demo"
    verbose_name = "Demo"
