from django.apps import AppConfig
from django.db.models.signals import pre_migrate


class CommonConfig(AppConfig):
    name = "multitask.common"
    label = "common"
    verbose_name = "Common"

    def ready(self) -> None:
        from multitask.common import names
        from multitask.common.operations import check_before_migrating

        names.put_on()
        # Whichever app is announced first: before any migration has run.
        pre_migrate.connect(check_before_migrating, dispatch_uid="pgvector")
