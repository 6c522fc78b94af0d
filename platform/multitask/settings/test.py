"""Tests: real PostgreSQL and Redis (the pytest plugin starts them), cheap password hashing, throttles off."""

from __future__ import annotations

from multitask.settings.base import *  # noqa: F403
from multitask.settings.base import REDIS_PREFIX, REDIS_URL, REST_FRAMEWORK, STATIC_ROOT, VAR_DIR
from multitask.settings.layers import channel_layers

SECRET_KEY = "test-only-secret-key-that-is-long-enough-for-hs256"  # noqa: S105
# No test asks Google: those about the model give the address of a server of their own.
GEMINI_API_KEY = ""
VAPID_PRIVATE_KEY = "HLGoyJePfEDJOhmhoCUU2u1XGuNIv8xjwvH2e8E7Ucw"
CHANNEL_LAYERS = channel_layers(REDIS_URL, REDIS_PREFIX, SECRET_KEY)
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

# Whether somebody has built the application must not change what a test sees.
FRONTEND_DIST = VAR_DIR / "no-frontend"
WHITENOISE_ROOT = None
