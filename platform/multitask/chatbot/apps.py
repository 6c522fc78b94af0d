from django.apps import AppConfig


class ChatbotConfig(AppConfig):
    name = "multitask.chatbot"
    label = "chatbot"
    verbose_name = "Assistant"

    def ready(self) -> None:
        from multitask.chatbot.personal import register

        register()
