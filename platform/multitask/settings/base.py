"""Settings every environment shares. Each environment variable is declared where it is used (see `env.py`)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from multitask.settings import env
from multitask.settings.logs import logging_config

VERSION = "0.1.0"
BASE_DIR = Path(__file__).resolve().parents[3]
VAR_DIR = Path(
    env.text("MULTITASK_VAR", str(BASE_DIR / "var"), "Folder for what a running instance writes.")
).resolve()

# The secret of development. Production refuses it (`prod.py`).
INSECURE_SECRET_KEY = "insecure-development-only-secret-key-of-multitask"  # noqa: S105
SECRET_KEY = env.text(
    "SECRET_KEY",
    INSECURE_SECRET_KEY,
    "Signs tokens and sessions; 50 random characters.",
    required_in_production=True,
)
DEBUG = False
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"], "Host names served.", required_in_production=True
)
CSRF_TRUSTED_ORIGINS = env.words(
    "CSRF_TRUSTED_ORIGINS", [], "Origins (with scheme) whose forms are accepted."
)
CORS_ALLOWED_ORIGINS = env.words(
    "CORS_ALLOWED_ORIGINS", [], "Origins (with scheme) whose scripts may call the API."
)

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "multitask.common",
    "multitask.accounts",
    "multitask.outbox",
    "multitask.notifications",
    "multitask.tasks",
    "multitask.recommendations",
    "multitask.exchange",
    "multitask.demo",
]

MIDDLEWARE = [
    "multitask.common.middleware.RequestIdMiddleware",
    "multitask.common.middleware.ApiTimeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "multitask.urls"
ASGI_APPLICATION = "multitask.asgi.application"
WSGI_APPLICATION = "multitask.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- Database -----------------------------------------------------------------------------------------------------

DATABASE_URL = env.url(
    "DATABASE_URL",
    "",
    ("postgres", "postgresql"),
    "PostgreSQL 15+ with pgvector 0.7+. Unset, scripts/run starts an embedded one.",
    required_in_production=True,
)
DIRECT_DATABASE_URL = env.url(
    "DIRECT_DATABASE_URL",
    DATABASE_URL,
    ("postgres", "postgresql"),
    "The same database without a transaction pooler: the relay's LISTEN and beat's advisory lock need a session.",
)


def database(address: str) -> dict[str, Any]:
    """Django's settings for one database address; time-outs so that nothing waits for ever.

    Raises ImproperlyConfigured for an address that cannot be read.
    """
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(address)) if address else {}
    except (ValueError, dj_database_url.UnknownSchemeError) as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from error
    config.setdefault("ENGINE", "django.db.backends.postgresql")
    config["CONN_MAX_AGE"] = 0
    config["CONN_HEALTH_CHECKS"] = True
    config["DISABLE_SERVER_SIDE_CURSORS"] = True
    options = config.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", 5)
    options.setdefault(
        "options",
        "-c statement_timeout=15000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=30000",
    )
    return config


DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: broker, results and channel layer, cache apart at least by database number ----------------------------

REDIS_URL = env.url(
    "REDIS_URL",
    "",
    ("redis", "rediss", "unix"),
    "Redis for the broker, the channel layer and the cache. Unset, scripts/run starts an embedded one.",
    required_in_production=True,
)
BROKER_URL = env.url(
    "BROKER_URL", REDIS_URL, ("redis", "rediss", "unix"), "Celery's broker, if it is another Redis."
)
CACHE_URL = env.url("CACHE_URL", REDIS_URL, ("redis", "rediss", "unix"), "The cache, if it is another Redis.")
REDIS_PREFIX = env.text(
    "REDIS_PREFIX", "multitask:", "Prefix of every key, so that instances can share one Redis."
)

if CACHE_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": CACHE_URL,
            "KEY_PREFIX": REDIS_PREFIX + "cache",
            "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- People and passwords -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["multitask.accounts.backends.UsernameOrEmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=24),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "ALGORITHM": "HS256",
    "UPDATE_LAST_LOGIN": False,
}

# --- API ----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["multitask.accounts.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["multitask.common.parsers.BoundedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "multitask.common.pagination.PagePagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "multitask.common.throttles.AnonymousThrottle",
        "multitask.common.throttles.UserThrottle",
        "multitask.common.throttles.ScopeThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.text("THROTTLE_ANON", "100/hour", "Requests of one address without a login."),
        "user": env.text("THROTTLE_USER", "1000/hour", "Requests of one user."),
        "login": env.text("THROTTLE_LOGIN", "20/hour", "Login attempts of one address."),
        "register": env.text("THROTTLE_REGISTER", "20/hour", "Registrations of one address."),
    },
    "EXCEPTION_HANDLER": "multitask.common.errors.exception_handler",
    "NUM_PROXIES": env.integer("NUM_PROXIES", 0, "Reverse proxies in front that append to X-Forwarded-For."),
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
SPECTACULAR_SETTINGS = {
    "TITLE": "Multitask API",
    "DESCRIPTION": "A freelance marketplace for Egypt. Errors are localised by Accept-Language (ar, en).",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums"],
    "ENUM_NAME_OVERRIDES": {
        "UserTypeEnum": "multitask.accounts.models.UserType",
        "RegistrableUserTypeEnum": "multitask.accounts.models.REGISTRABLE_USER_TYPES",
        "TaskStatusEnum": "multitask.tasks.models.TaskStatus",
        "TaskTypeEnum": "multitask.tasks.models.TaskType",
        "ListingTypeEnum": "multitask.tasks.models.ListingType",
        "ProficiencyEnum": "multitask.recommendations.models.Proficiency",
        "NotificationTypeEnum": "multitask.notifications.models.NotificationType",
        "AlgorithmEnum": "multitask.recommendations.models.Algorithm",
    },
}

# --- Language and time --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "ar"
LANGUAGES = [("ar", "العربية"), ("en", "English")]
TIME_ZONE = "Africa/Cairo"
USE_I18N = True
USE_TZ = True

# --- Files --------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "media/"
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(VAR_DIR / "media"), "Folder of uploaded files."))
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# --- The pipeline -------------------------------------------------------------------------------------------------

RECOMMENDATION_MODEL = env.text(
    "RECOMMENDATION_MODEL",
    "all-MiniLM-L6-v2",
    "Sentence encoder, a name or a path. After changing it run `manage.py reindex`; old vectors serve meanwhile.",
)
ENCODER_BATCH = env.integer("ENCODER_BATCH", 32, "Texts the encoder takes at once.", minimum=1)
ENCODER_THREADS = env.integer(
    "ENCODER_THREADS",
    1,
    "Threads of one encoding process; processes are the unit of parallel work.",
    minimum=1,
)
MATCH_NOTIFY_PERCENTAGE = env.integer(
    "MATCH_NOTIFY_PERCENTAGE",
    50,
    "A new task notifies freelancers whose match is at least this many percent.",
)
MATCH_LIST_SIZE = env.integer("MATCH_LIST_SIZE", 200, "Entries kept in one recommendation list.", minimum=10)
MATCH_EXACT_ROWS = env.integer(
    "MATCH_EXACT_ROWS", 20_000, "Up to this many vectors an exact scan is used, above it the HNSW index."
)
OUTBOX_SWEEP_SECONDS = env.integer(
    "OUTBOX_SWEEP_SECONDS", 1, "How often the relay looks without being told.", minimum=1
)
OUTBOX_SENT_LEASE_SECONDS = env.integer(
    "OUTBOX_SENT_LEASE_SECONDS",
    30,
    "A job handed to the broker that has not begun after this long is sent again.",
    minimum=1,
)
OUTBOX_KEEP_DAYS = env.integer("OUTBOX_KEEP_DAYS", 7, "Days that finished outbox events are kept.", minimum=1)
FLOWER_BASIC_AUTH = env.text(
    "FLOWER_BASIC_AUTH",
    "",
    "user:password for Flower; required unless Flower listens on loopback in development.",
)
FLOWER_ADDRESS = env.text("FLOWER_ADDRESS", "127.0.0.1", "Address Flower listens on.")

LOG_FORMAT = env.choice("LOG_FORMAT", "console", ("console", "json"), "json is the default in production.")
LOG_LEVEL = env.choice(
    "LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"), "Least level that is logged."
)
LOGGING = logging_config(LOG_FORMAT, LOG_LEVEL)
