"""The Celery application. PostgreSQL owns the work (see `multitask.outbox`); Celery carries it."""

from __future__ import annotations

from typing import Any

from celery import Celery, signals
from django.conf import settings
from kombu import Queue as KombuQueue

from workers.queues import QUEUES

# What the worker that consumes the queue `chat` is called, before the machine's name.
CHAT_WORKER = "chat@"

app = Celery("multitask")
app.conf.update(
    broker_url=settings.BROKER_URL,
    result_backend=settings.BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": 1200,  # a backstop only: the outbox's lease recovers within a minute
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 30,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 15,
        "global_keyprefix": settings.REDIS_PREFIX,
    },
    result_backend_transport_options={"global_keyprefix": settings.REDIS_PREFIX},
    redis_socket_timeout=5,
    redis_socket_connect_timeout=2,
    task_publish_retry=False,
    result_expires=120,
    task_ignore_result=True,
    task_acks_late=True,
    task_acks_on_failure_or_timeout=True,
    task_reject_on_worker_lost=False,  # the lease runs it again, and counts: a poison job must not run for ever
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_soft_shutdown_timeout=20,
    worker_enable_soft_shutdown_on_idle=False,
    worker_max_tasks_per_child=5000,
    worker_send_task_events=True,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    task_create_missing_queues=False,
    task_default_queue="default",
    task_queues=[KombuQueue(name) for name in QUEUES],
    timezone=settings.TIME_ZONE,
    enable_utc=True,
    # Celery's Django fix-up closes the connection around every job unless told how many may share one.
    CELERY_DB_REUSE_MAX=5000,
    beat_scheduler="workers.schedule:OutboxScheduler",
    beat_max_loop_interval=5,
)


@signals.setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """Django's logging is configured already; Celery must not replace it."""


@signals.celeryd_init.connect
def _as_many_threads_as_set(sender: str = "", conf: Any = None, **_: Any) -> None:
    """The worker of the chat queue waits for the model in threads; the setting says how many."""
    if sender.startswith(CHAT_WORKER):
        conf.worker_concurrency = settings.CHAT_CONCURRENCY


@signals.task_unknown.connect
def _unknown_job(message: Any = None, name: str = "", **_: Any) -> None:
    from workers.base import give_up_unknown

    give_up_unknown(name=name, message=message)


@signals.worker_process_init.connect
def _fresh_connections(**_: Any) -> None:
    """A forked child must not share its parent's database connection."""
    from django.db import connections

    for connection in connections.all():
        connection.connection = None


@app.on_after_finalize.connect
def _load_jobs(**_: Any) -> None:
    import workers.jobs.load  # noqa: F401
