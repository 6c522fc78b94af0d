"""Structured logs: one line an event, JSON in production, with the request id on every line of a request or job."""

from __future__ import annotations

import logging
from typing import Any

import structlog


def _processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
    ]


def logging_config(style: str, level: str) -> dict[str, Any]:
    """`logging.config` dictionary for `style` "json" or "console"; also configures structlog."""
    structlog.configure(
        # A trace is made a text here, without the values of variables: among those are tokens.
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _processors(),
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"level": "WARNING"},
            # They log addresses whole, and a socket's holds its ticket.
            "uvicorn": {"level": "WARNING"},
            "uvicorn.error": {"level": "WARNING"},
            "websockets": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            "tornado.access": {"level": "WARNING"},
        },
    }


def get_logger(name: str) -> Any:
    return structlog.stdlib.get_logger(name)


logging.captureWarnings(capture=False)
