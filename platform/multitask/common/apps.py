from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "multitask.common"
    label = "common"
    verbose_name = "Common"

    def ready(self) -> None:
        from multitask.common import names

        names.put_on()
