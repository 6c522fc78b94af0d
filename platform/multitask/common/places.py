"""Cities in rows: found by one key in whatever spelling and language they were written, shown in the caller's."""

from __future__ import annotations

from typing import Any

from django.db import models

from ml.places import city_key, city_name
from multitask.common.text import current_language

# Normalising can make a name longer, and an index takes no value of any length.
CITY_KEY_LIMIT = 100


def city_key_of(city: str) -> str:
    """The key that a row of this city has: at most CITY_KEY_LIMIT characters, empty where there are no words."""
    return city_key(city)[:CITY_KEY_LIMIT].strip()


def city_shown(key: str, *, spelling: str) -> str:
    """The name of the city in the caller's language, or `spelling` where the city is not known."""
    return city_name(key, current_language()) or spelling


class CityKeyField(models.CharField):
    """The key of the model's `city`, set at every save() and bulk_create().

    `update()`, `bulk_update()` and `save(update_fields=…)` with `city` must name it as well, and a change of
    `ml.places` needs a migration that fills it anew.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given: dict[str, Any] = {
            "max_length": CITY_KEY_LIMIT,
            "blank": True,
            "default": "",
            "db_default": "",
            "editable": False,
        }
        super().__init__(*args, **(given | kwargs))

    def pre_save(self, model_instance: Any, add: bool) -> str:
        key = city_key_of(model_instance.city)
        setattr(model_instance, self.attname, key)
        return key


def city_keys_fill(model: Any) -> None:
    """Set the key of every row of `model`, one statement a spelling; for migrations."""
    spellings = model.objects.exclude(city="").order_by().values_list("city", flat=True).distinct()
    for city in list(spellings):
        model.objects.filter(city=city).update(city_key=city_key_of(city))
