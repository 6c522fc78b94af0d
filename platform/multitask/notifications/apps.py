from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "multitask.notifications"
    label = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        from multitask.notifications.personal import register

        register()
