from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "multitask.recommendations"
    label = "recommendations"
    verbose_name = "Recommendations"

    def ready(self) -> None:
        from multitask.recommendations.personal import register

        register()
