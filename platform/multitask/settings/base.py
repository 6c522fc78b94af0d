"""Settings every environment shares. Each environment variable is declared where it is used (see `env.py`)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from corsheaders.defaults import default_headers
from django.core.exceptions import ImproperlyConfigured

from multitask.settings import env
from multitask.settings.layers import channel_layers
from multitask.settings.logs import logging_config
from multitask.settings.mail import PROVIDERS, anymail_config, mail_backend
from multitask.settings.media import storages_config
from multitask.settings.push import push_config

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
# The refresh token's cookie; only to the origins above, and only to /api/auth/.
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = (*default_headers, "idempotency-key", "x-request-id")
CORS_EXPOSE_HEADERS = ("X-Request-ID", "Idempotency-Replayed", "Retry-After", "X-Search-Mode")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "multitask.common",
    "multitask.accounts",
    "multitask.outbox",
    "multitask.files",
    "multitask.mail",
    "multitask.realtime",
    "multitask.notifications",
    "multitask.tasks",
    "multitask.recommendations",
    "multitask.messaging",
    "multitask.chatbot",
    "multitask.exchange",
    "multitask.operations",
    "multitask.demo",
]

MIDDLEWARE = [
    "multitask.common.middleware.RequestIdMiddleware",
    "multitask.common.middleware.ApiTimeMiddleware",
    "multitask.common.security.ContentPolicyMiddleware",
    "multitask.operations.http.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "multitask.common.middleware.BodyMiddleware",
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
        # Before the admin's own, which they extend.
        "DIRS": [Path(__file__).resolve().parents[1] / "common" / "templates"],
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
CHANNEL_LAYERS = channel_layers(REDIS_URL, REDIS_PREFIX, SECRET_KEY)

# --- WebSockets ---------------------------------------------------------------------------------------------------

SOCKETS_PER_USER = env.integer(
    "SOCKETS_PER_USER", 10, "Sockets one user may have open on one stream, over all web processes.", minimum=1
)
SOCKET_FRAMES_PER_SECOND = env.integer(
    "SOCKET_FRAMES_PER_SECOND", 30, "Frames a socket may send in a second, in the long run.", minimum=1
)
SOCKET_FRAMES_BURST = env.integer(
    "SOCKET_FRAMES_BURST", 60, "Frames it may send at once before that counts.", minimum=1
)
SOCKET_BAD_FRAMES = 20
SOCKET_MAX_SECONDS = env.integer(
    "SOCKET_MAX_SECONDS", 43_200, "Seconds after which a socket is closed, to be opened anew.", minimum=1
)
SOCKET_DATABASE_THREADS = env.integer(
    "SOCKET_DATABASE_THREADS",
    6,
    "Threads of a web process for what sockets ask for; each keeps a database connection, and 3 more are kept.",
    minimum=1,
)
EVENT_KEEP_DAYS = env.integer(
    "EVENT_KEEP_DAYS", 7, "Days for which a client that was away can be sent what it missed.", minimum=1
)

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
    "ALGORITHM": "HS256",
    "UPDATE_LAST_LOGIN": False,
}

REFRESH_GRACE_SECONDS = env.integer(
    "REFRESH_GRACE_SECONDS",
    30,
    "How long a rotated refresh token still gives its successor, for a second tab.",
)
REFRESH_COOKIE_SECURE = False
LOGIN_WINDOW_SECONDS = env.integer(
    "LOGIN_WINDOW_SECONDS", 900, "Failed logins are counted over this long.", minimum=1
)
LOGIN_ACCOUNT_FAILURES = env.integer(
    "LOGIN_ACCOUNT_FAILURES", 5, "Failed logins under one name before it is locked for a while.", minimum=1
)
LOGIN_ADDRESS_FAILURES = env.integer(
    "LOGIN_ADDRESS_FAILURES", 20, "Failed logins of one address before it is locked for a while.", minimum=1
)
PASSWORD_RESET_TIMEOUT = 2 * 60 * 60
EMAIL_VERIFY_SECONDS = 3 * 24 * 60 * 60
FRONTEND_URL = env.url(
    "FRONTEND_URL",
    "http://127.0.0.1:8000",
    ("http", "https"),
    "Where people use the site: links in mails begin with it.",
    required_in_production=True,
).rstrip("/")

GOOGLE_CLIENT_ID = env.text(
    "GOOGLE_CLIENT_ID", "", "OAuth client of the login with Google. Unset, that login is off."
)
GOOGLE_CLIENT_SECRET = env.text("GOOGLE_CLIENT_SECRET", "", "Secret of that OAuth client.")
GOOGLE_REDIRECT_URIS = env.words(
    "GOOGLE_REDIRECT_URIS",
    [],
    "Further addresses that an application of ours may name as redirect_uri; those below FRONTEND_URL always may.",
)
GOOGLE_AUTHORIZE_URL = "https://accounts.google.com/o/oauth2/v2/auth"
GOOGLE_TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105  (an address)
GOOGLE_JWKS_URL = "https://www.googleapis.com/oauth2/v3/certs"
GOOGLE_ISSUERS = ["https://accounts.google.com", "accounts.google.com"]

# --- Mail ---------------------------------------------------------------------------------------------------------

EMAIL_PROVIDER = env.choice(
    "EMAIL_PROVIDER",
    "smtp",
    PROVIDERS,
    "How mails are sent: by the SMTP server EMAIL_HOST, or by the interface of a provider.",
)
EMAIL_PROVIDER_KEY = env.text(
    "EMAIL_PROVIDER_KEY", "", "The provider's key (API key, server token, access key)."
)
EMAIL_PROVIDER_SECRET = env.text(
    "EMAIL_PROVIDER_SECRET", "", "What belongs to that key, where the provider has two (amazon_ses, mailjet)."
)
EMAIL_PROVIDER_REGION = env.text(
    "EMAIL_PROVIDER_REGION", "", "Region of amazon_ses, such as eu-central-1; eu for mailgun in Europe."
)
EMAIL_HOST = env.text(
    "EMAIL_HOST",
    "",
    "SMTP server. Unset, mails are written to files in MULTITASK_VAR/mail, which /mailbox/ shows. "
    "Not read where EMAIL_PROVIDER is another than smtp.",
    required_in_production=EMAIL_PROVIDER == "smtp",
)
EMAIL_PORT = env.integer("EMAIL_PORT", 587, "Port of the SMTP server.", minimum=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "", "Login at the SMTP server.")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "", "Password of that login.")
EMAIL_SECURITY = env.choice(
    "EMAIL_SECURITY",
    "starttls",
    ("starttls", "tls", "none"),
    "How the connection to the SMTP server is kept.",
)
EMAIL_USE_TLS = EMAIL_SECURITY == "starttls"
EMAIL_USE_SSL = EMAIL_SECURITY == "tls"
# Seconds: one answer; all before the mail is given over; the answer to that. Together below the limit of the queue.
EMAIL_TIMEOUT = env.integer(
    "EMAIL_TIMEOUT", 8, "Seconds that one answer of the SMTP server is waited for, 8 at most.", minimum=1
)
EMAIL_TIMEOUT = min(EMAIL_TIMEOUT, 8)
EMAIL_SESSION_TIMEOUT = EMAIL_TIMEOUT * 3 // 2
EMAIL_END_TIMEOUT = EMAIL_SESSION_TIMEOUT
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_BACKEND = mail_backend(EMAIL_PROVIDER, EMAIL_HOST)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Multitask <no-reply@localhost>", "Sender of every mail.")
MAILS_PER_DAY = env.integer(
    "MAILS_PER_DAY",
    100,
    "Mails one user gets in 24 hours before notifications and digests are kept back.",
    minimum=1,
)
MAIL_KEEP_DAYS = env.integer(
    "MAIL_KEEP_DAYS",
    400,
    "Days for which it is known which mails were sent, so that none goes twice.",
    minimum=30,
)
MAIL_WEBHOOK_SECRET = env.text(
    "MAIL_WEBHOOK_SECRET",
    "",
    "user:password that the provider's reports of bounces and complaints bring; unset, /webhooks/mail/ is not there.",
)
MAIL_WEBHOOK_SIGNING_KEY = env.text(
    "MAIL_WEBHOOK_SIGNING_KEY",
    "",
    "Key with which the provider signs those reports (mailgun, mailersend, resend).",
)
ANYMAIL = anymail_config(
    EMAIL_PROVIDER,
    key=EMAIL_PROVIDER_KEY,
    secret=EMAIL_PROVIDER_SECRET,
    region=EMAIL_PROVIDER_REGION,
    webhook_secret=MAIL_WEBHOOK_SECRET,
    signing_key=MAIL_WEBHOOK_SIGNING_KEY,
)
# Shows what development has written to files; production has no such page.
MAILBOX = False

# --- Web push -----------------------------------------------------------------------------------------------------

_push = push_config(FRONTEND_URL)
VAPID_PRIVATE_KEY, VAPID_SUBJECT, PUSH_HOSTS = _push.private_key, _push.subject, _push.hosts
PUSH_TIMEOUT_SECONDS = 5.0
PUSH_SUBSCRIPTIONS_PER_USER = 20

# --- API ----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["multitask.accounts.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["multitask.common.parsers.BoundedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "multitask.common.pagination.PagePagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "multitask.common.schema.ApiSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "multitask.common.throttles.AnonymousThrottle",
        "multitask.common.throttles.UserThrottle",
        "multitask.common.throttles.ScopeThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.text(
            "THROTTLE_ANON",
            "300/minute",
            "Requests of one address without a login: a page makes up to five, and a network may hide many guests.",
        ),
        "user": env.text("THROTTLE_USER", "1000/hour", "Requests of one user."),
        "login": env.text("THROTTLE_LOGIN", "20/hour", "Login attempts of one address."),
        "register": env.text("THROTTLE_REGISTER", "20/hour", "Registrations of one address."),
        "uploads": env.text("THROTTLE_UPLOADS", "60/hour", "Files one user sends."),
        "account_mail": env.text(
            "THROTTLE_ACCOUNT_MAIL", "20/hour", "Password resets and verifications asked for by one address."
        ),
        "export": env.text("THROTTLE_EXPORT", "10/hour", "Exports of one user's data."),
        "suggestions": env.text(
            "THROTTLE_SUGGESTIONS", "120/minute", "Suggestions one address or user is given."
        ),
        "writing": env.text(
            "THROTTLE_WRITING", "60/minute", "Suggestions for what one user is writing: a listing, a profile."
        ),
        "push": env.text(
            "THROTTLE_PUSH", "60/hour", "Browsers registered for push, and test pushes, of one user."
        ),
        "ws_ticket": env.text("THROTTLE_WS_TICKET", "60/minute", "WebSocket tickets of one user."),
        "chatbot": env.text("THROTTLE_CHATBOT", "60/minute", "Messages of one user to the assistant."),
    },
    "EXCEPTION_HANDLER": "multitask.common.errors.exception_handler",
    "NUM_PROXIES": env.integer("NUM_PROXIES", 0, "Reverse proxies in front that append to X-Forwarded-For."),
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# A form with a file of 10 MB and the fields beside it.
MULTIPART_MAX_SIZE = 16_000_000
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
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "multitask.common.schema.add_error_responses",
    ],
    "ENUM_NAME_OVERRIDES": {
        "UserTypeEnum": "multitask.accounts.models.UserType",
        "RegistrableUserTypeEnum": "multitask.accounts.models.REGISTRABLE_USER_TYPES",
        "TaskStatusEnum": "multitask.tasks.models.TaskStatus",
        "TaskTypeEnum": "multitask.tasks.models.TaskType",
        "ListingTypeEnum": "multitask.tasks.models.ListingType",
        "ProficiencyEnum": "multitask.recommendations.models.Proficiency",
        "NotificationTypeEnum": "multitask.notifications.models.NotificationType",
        "AlgorithmEnum": "multitask.recommendations.models.Algorithm",
        "MessageTypeEnum": "multitask.messaging.models.MessageType",
        "WritableMessageTypeEnum": "multitask.messaging.models.WRITABLE",
        "ChatSessionTypeEnum": "multitask.chatbot.models.SessionType",
        "ChatSenderEnum": "multitask.chatbot.models.Sender",
        "ChatIntentEnum": "multitask.chatbot.models.Intent",
        "ChatStateEnum": "multitask.chatbot.models.MessageState",
    },
}

# --- The assistant ------------------------------------------------------------------------------------------------

GEMINI_API_KEY = env.text(
    "GEMINI_API_KEY",
    "",
    "Key of Google's Gemini, for the assistant's free conversation. Unset, the help answers.",
)
GEMINI_MODEL = env.text("GEMINI_MODEL", "gemini-2.5-flash", "The model that is asked.")
GEMINI_LIBRARY = env.choice(
    "GEMINI_LIBRARY",
    "google-generativeai",
    ("google-generativeai", "google-genai"),
    "The library that asks it: of the extra `chat`, or of `chat-genai`.",
)
GEMINI_ENDPOINT = env.url(
    "GEMINI_ENDPOINT",
    "",
    ("http", "https"),
    "Another address of the service, such as a proxy. Unset: Google's own.",
)
GEMINI_SECONDS = env.integer(
    "GEMINI_SECONDS",
    15,
    "How long one answer may take as a whole; the job's own limit is 25 seconds.",
    minimum=1,
)
GEMINI_CALLS_PER_MINUTE = env.integer(
    "GEMINI_CALLS_PER_MINUTE", 60, "How often all workers together ask it in any minute; 0 is no limit."
)
CHAT_CONCURRENCY = env.integer(
    "CHAT_CONCURRENCY",
    16,
    "Answers of the model that one worker-chat waits for at a time: a thread and a database connection each.",
    minimum=1,
)
CHAT_PROMPT_TOKENS = env.integer(
    "CHAT_PROMPT_TOKENS",
    3000,
    "How much of a conversation is sent along, in tokens with the instructions (estimated); the newest is kept.",
    minimum=500,
)
CHAT_DAILY_MESSAGES = env.integer(
    "CHAT_DAILY_MESSAGES", 100, "Messages of one user that the model answers on one day; 0 is no limit."
)
CHAT_DAILY_TOKENS = env.integer(
    "CHAT_DAILY_TOKENS", 200000, "Tokens that one user's messages may cost on one day; 0 is no limit."
)

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
UPLOADS_ROOT = Path(env.text("MEDIA_ROOT", str(VAR_DIR / "media"), "Folder of uploaded files."))
# What anyone may see lies apart from what a permission check guards, so that no address can reach from one to the other.
MEDIA_ROOT = UPLOADS_ROOT / "public"
MEDIA_STORAGE = env.choice(
    "MEDIA_STORAGE",
    "local",
    ("local", "s3"),
    "Where uploaded files are kept: MEDIA_ROOT, or an S3-compatible object store (needs the extra `s3`).",
)
ACCEL_REDIRECT = env.text(
    "ACCEL_REDIRECT",
    "",
    "Internal location of the reverse proxy for MEDIA_ROOT, e.g. /protected: it sends the files. Empty: this process.",
)
STORAGES = storages_config(MEDIA_STORAGE, UPLOADS_ROOT)
FILE_UPLOAD_HANDLERS = [
    "multitask.files.handlers.BoundedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# Without a mode of their own, large uploads would keep that of a temporary file, which a proxy cannot read.
FILE_UPLOAD_PERMISSIONS = 0o644
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
# The built application: its files lie at the root of the site, its shell answers every address that is nobody else's.
FRONTEND_DIST = Path(
    env.text("FRONTEND_DIST", str(BASE_DIR / "frontend" / "dist"), "Folder of the built application.")
)
WHITENOISE_ROOT = FRONTEND_DIST if FRONTEND_DIST.is_dir() else None
# Names below assets/ carry a hash of what is in them.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/(?:assets/|static/.+\.[0-9a-f]{12}\.)"

# --- The pipeline -------------------------------------------------------------------------------------------------

RECOMMENDATION_MODEL = env.text(
    "RECOMMENDATION_MODEL",
    "multitask-bilingual",
    "Sentence encoder, a name or a path: multitask-bilingual, all-MiniLM-L6-v2 or any sentence-transformer. After changing it run `manage.py reindex`; old vectors serve meanwhile.",
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
SEARCH_VECTOR_MS = env.integer(
    "SEARCH_VECTOR_MS",
    150,
    "How long a search waits for the vector of its words before the words answer alone.",
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
METRICS_TOKEN = env.text(
    "METRICS_TOKEN",
    "",
    "Who sends `Authorization: Bearer` with it may read /metrics, from anywhere; 20 characters or more.",
)
METRICS_ALLOW = env.words(
    "METRICS_ALLOW",
    [],
    "Networks that may read /metrics without a token, when they ask directly: not through a proxy.",
)

# --- Rules of the marketplace -------------------------------------------------------------------------------------

APPLICATIONS_PER_DAY = env.integer(
    "APPLICATIONS_PER_DAY", 20, "Applications one freelancer may send in a day (Cairo's).", minimum=1
)
APPLICATIONS_PER_TASK = env.integer(
    "APPLICATIONS_PER_TASK", 100, "Applications one task takes; the withdrawn do not count.", minimum=1
)
REVIEW_HIDDEN_DAYS = env.integer(
    "REVIEW_HIDDEN_DAYS", 14, "A review without its counterpart is shown this many days after completion."
)
REVIEW_EDIT_HOURS = env.integer("REVIEW_EDIT_HOURS", 48, "Hours in which a review may be changed.")
MESSAGES_PER_MINUTE = env.integer(
    "MESSAGES_PER_MINUTE", 20, "Messages one user may send in any minute.", minimum=1
)
CONVERSATIONS_PER_HOUR = env.integer(
    "CONVERSATIONS_PER_HOUR", 5, "Conversations one user may begin in any hour.", minimum=1
)
MESSAGE_MAIL_SECONDS = env.integer(
    "MESSAGE_MAIL_SECONDS",
    120,
    "A mail about messages waits this long, takes along what is written meanwhile, and is dropped if that is read.",
)
GROUP_MAIL_SECONDS = env.integer(
    "GROUP_MAIL_SECONDS",
    3600,
    "Mails about one thing that keeps happening, such as applications for a task, are at least this far apart.",
)
DELIVERY_KEEP_DAYS = env.integer(
    "DELIVERY_KEEP_DAYS",
    90,
    "Days in which users can read why a mail or push did or did not reach them.",
    minimum=1,
)
FACETS_CACHE_SECONDS = env.integer(
    "FACETS_CACHE_SECONDS", 30, "How old the counts beside long lists of tasks may be; 0 counts every time."
)

LOG_FORMAT = env.choice("LOG_FORMAT", "console", ("console", "json"), "json is the default in production.")
LOG_LEVEL = env.choice(
    "LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"), "Least level that is logged."
)
LOGGING = logging_config(LOG_FORMAT, LOG_LEVEL)
