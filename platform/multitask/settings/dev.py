"""Development and the embedded stack of scripts/run."""

from __future__ import annotations

import json

from django.core.exceptions import ImproperlyConfigured

from multitask.settings import env
from multitask.settings.base import *  # noqa: F403
from multitask.settings.base import DATABASE_URL, EMAIL_HOST, EMAIL_PROVIDER, REDIS_URL, VAR_DIR, database
from multitask.settings.layers import channel_layers

DEBUG = env.boolean("DEBUG", False, "Django's debug pages; never in production.")

if not DATABASE_URL or not REDIS_URL:
    # A command started beside a running scripts/run finds its services by the file that the stack keeps.
    _services_file = VAR_DIR / "run" / "services.json"
    if _services_file.is_file():
        _services = json.loads(_services_file.read_text(encoding="utf-8"))
        if not DATABASE_URL:
            DATABASE_URL = DIRECT_DATABASE_URL = _services["database_url"]
            DATABASES = {"default": database(DATABASE_URL)}
        if not REDIS_URL:
            REDIS_URL = BROKER_URL = CACHE_URL = _services["redis_url"]
            CHANNEL_LAYERS = channel_layers(REDIS_URL, REDIS_PREFIX, SECRET_KEY)  # noqa: F405
            CACHES["default"]["LOCATION"] = CACHE_URL  # noqa: F405
            CACHES["default"]["BACKEND"] = "django.core.cache.backends.redis.RedisCache"  # noqa: F405
    if not DATABASE_URL or not REDIS_URL:
        raise ImproperlyConfigured(
            "DATABASE_URL and REDIS_URL are not set, and no scripts/run is up in this folder: start scripts/run, "
            "or run this command through scripts/manage, which starts the embedded database for it."
        )

# Mails that are only written to files are shown at /mailbox/.
MAILBOX = EMAIL_PROVIDER == "smtp" and not EMAIL_HOST
