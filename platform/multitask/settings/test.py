"""Tests: real PostgreSQL and Redis (the pytest plugin starts them), cheap password hashing, throttles off."""

from __future__ import annotations

from multitask.settings.base import *  # noqa: F403
from multitask.settings.base import REST_FRAMEWORK, STATIC_ROOT

SECRET_KEY = "test-only-secret-key-that-is-long-enough-for-hs256"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = dict.fromkeys(REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], None)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "private": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LOG_LEVEL = "WARNING"
# WhiteNoise warns where nothing was collected yet, and a fresh checkout has collected nothing.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
