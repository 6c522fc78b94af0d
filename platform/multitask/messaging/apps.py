from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "multitask.messaging"
    label = "messaging"
    verbose_name = "Conversations"

    def ready(self) -> None:
        from multitask.files.readers import let
        from multitask.messaging.personal import register
        from multitask.messaging.selectors.messages import was_attached_for

        register()
        let(was_attached_for)
