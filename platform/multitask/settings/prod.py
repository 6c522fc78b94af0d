"""Production. Refuses to start with a default secret or without what it must be told."""

from __future__ import annotations

import os
from ipaddress import ip_network

from django.core.exceptions import ImproperlyConfigured

from multitask.settings import env
from multitask.settings.base import *  # noqa: F403
from multitask.settings.base import (
    ALLOWED_HOSTS,
    EMAIL_PROVIDER,
    EMAIL_PROVIDER_KEY,
    FLOWER_ADDRESS,
    FLOWER_BASIC_AUTH,
    INSECURE_SECRET_KEY,
    LOG_LEVEL,
    MAIL_WEBHOOK_SECRET,
    METRICS_ALLOW,
    METRICS_TOKEN,
    SECRET_KEY,
)
from multitask.settings.logs import logging_config

_missing = [
    variable.name
    for variable in env.DECLARED.values()
    if variable.required_in_production and not os.environ.get(variable.name, "").strip()
]
if _missing:
    raise ImproperlyConfigured(
        f"Production needs these environment variables: {', '.join(sorted(_missing))}. See docs/environment.md."
    )
if SECRET_KEY == INSECURE_SECRET_KEY or len(SECRET_KEY) < 32:
    raise ImproperlyConfigured(
        "SECRET_KEY is the development default or shorter than 32 characters: set a random one."
    )
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name hosts in production, not '*'.")
if FLOWER_BASIC_AUTH and len(FLOWER_BASIC_AUTH.partition(":")[2]) < 12:
    raise ImproperlyConfigured(
        "FLOWER_BASIC_AUTH is user:password with a password of at least 12 characters."
    )
if not FLOWER_BASIC_AUTH and FLOWER_ADDRESS not in {"127.0.0.1", "localhost", "::1"}:
    raise ImproperlyConfigured("Flower listens beyond loopback: set FLOWER_BASIC_AUTH=user:password.")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("METRICS_TOKEN has fewer than 20 characters: set a random one, or none.")
try:
    _open = [name for name in METRICS_ALLOW if ip_network(name, strict=False).is_global]
except ValueError as error:
    raise ImproperlyConfigured(f"METRICS_ALLOW names networks such as 10.0.0.0/8: {error}.") from error
if _open:
    raise ImproperlyConfigured(
        f"METRICS_ALLOW would show /metrics to the public: {', '.join(_open)}. Use METRICS_TOKEN."
    )
if MAIL_WEBHOOK_SECRET and len(MAIL_WEBHOOK_SECRET.partition(":")[2]) < 12:
    raise ImproperlyConfigured(
        "MAIL_WEBHOOK_SECRET is user:password with a password of at least 12 characters."
    )
if EMAIL_PROVIDER not in {"smtp", "amazon_ses"} and not EMAIL_PROVIDER_KEY:
    raise ImproperlyConfigured(
        f"EMAIL_PROVIDER is {EMAIL_PROVIDER}: set EMAIL_PROVIDER_KEY, the provider's key."
    )

DEBUG = False
SECURE_SSL_REDIRECT = env.boolean("SECURE_SSL_REDIRECT", True, "Send plain HTTP to HTTPS.")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 31_536_000, "Strict-Transport-Security, in seconds.")
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = env.boolean("SECURE_HSTS_PRELOAD", True, "Ask browsers to know the site as HTTPS only.")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
REFRESH_COOKIE_SECURE = True
LOGGING = logging_config(os.environ.get("LOG_FORMAT") or "json", LOG_LEVEL)
