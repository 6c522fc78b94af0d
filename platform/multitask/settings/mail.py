"""How mail leaves: an SMTP server, files in development, or the interface of a provider."""

from __future__ import annotations

from typing import Any

PROVIDERS = (
    "smtp",
    "amazon_ses",
    "brevo",
    "mailersend",
    "mailgun",
    "mailjet",
    "postmark",
    "resend",
    "sparkpost",
)
# What django-anymail calls the key of each.
KEYS = {
    "brevo": "BREVO_API_KEY",
    "mailersend": "MAILERSEND_API_TOKEN",
    "mailgun": "MAILGUN_API_KEY",
    "mailjet": "MAILJET_API_KEY",
    "postmark": "POSTMARK_SERVER_TOKEN",
    "resend": "RESEND_API_KEY",
    "sparkpost": "SPARKPOST_API_KEY",
}
SIGNING_KEYS = {
    "mailersend": "MAILERSEND_SIGNING_SECRET",
    "mailgun": "MAILGUN_WEBHOOK_SIGNING_KEY",
    "resend": "RESEND_SIGNING_SECRET",
}
# Seconds for a connection and for an answer: a provider that hangs holds a worker no longer than an SMTP server.
REQUESTS_TIMEOUT = (5, 20)


def mail_backend(provider: str, host: str) -> str:
    """The path of Django's backend: files where there is neither a provider nor a server."""
    if provider != "smtp":
        return f"anymail.backends.{provider}.EmailBackend"
    return f"multitask.mail.backends.{'smtp' if host else 'files'}.EmailBackend"


def anymail_config(
    provider: str, *, key: str, secret: str, region: str, webhook_secret: str, signing_key: str
) -> dict[str, Any]:
    """django-anymail's settings for `provider`; without what is empty."""
    config: dict[str, Any] = {"REQUESTS_TIMEOUT": REQUESTS_TIMEOUT}
    if webhook_secret:
        config["WEBHOOK_SECRET"] = webhook_secret
    if provider == "amazon_ses":
        session = {"aws_access_key_id": key, "aws_secret_access_key": secret, "region_name": region}
        config["AMAZON_SES_SESSION_PARAMS"] = {name: value for name, value in session.items() if value}
        # A confirmation would follow an address that anybody may send.
        config["AMAZON_SES_AUTO_CONFIRM_SNS_SUBSCRIPTIONS"] = bool(webhook_secret)
    if key and provider in KEYS:
        config[KEYS[provider]] = key
    if secret and provider == "mailjet":
        config["MAILJET_SECRET_KEY"] = secret
    if provider == "mailgun" and region == "eu":
        config["MAILGUN_API_URL"] = "https://api.eu.mailgun.net/v3"
    if signing_key and provider in SIGNING_KEYS:
        config[SIGNING_KEYS[provider]] = signing_key
    return config
