from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "multitask.notifications"
    label = "notifications"
    verbose_name = "Notifications"
