from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "multitask.tasks"
    label = "tasks"
    verbose_name = "Tasks"

    def ready(self) -> None:
        from multitask.tasks.personal import register

        register()
