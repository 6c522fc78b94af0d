from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "multitask.recommendations"
    label = "recommendations"
    verbose_name = "Recommendations"

    def ready(self) -> None:
        from multitask.accounts.selectors.people import people_by
        from multitask.recommendations.personal import register
        from multitask.recommendations.services.search import people_search, tasks_search
        from multitask.tasks.selectors.search import search_by

        register()
        search_by(tasks_search)
        people_by(people_search)
