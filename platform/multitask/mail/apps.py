from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "multitask.mail"
    label = "mail"
    verbose_name = "Mail"

    def ready(self) -> None:
        from anymail.signals import tracking

        from multitask.mail.webhooks import tracking_received

        tracking.connect(tracking_received, dispatch_uid="multitask.mail.tracking")
