from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "multitask.realtime"
    verbose_name = "Live events"

    def ready(self) -> None:
        from multitask.realtime.personal import register

        register()
