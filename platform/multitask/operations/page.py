"""`/admin/pipeline/`: the pipeline at a glance, and sending dead letters again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from multitask.chatbot.models import MessageState, Outcome
from multitask.chatbot.selectors.gates import ModelFigures, RecentAnswers
from multitask.common.admin import record
from multitask.common.health import needed_parts
from multitask.mail.models import MailClass, MailState
from multitask.notifications.models import Channel, DeliveryState
from multitask.operations import texts
from multitask.operations.charts import Chart, chart
from multitask.operations.selectors import pipeline
from multitask.operations.selectors.attention import attention
from multitask.operations.selectors.figures import Figures, figures
from multitask.operations.selectors.history import dead_deliveries, history, hour_ago
from multitask.operations.selectors.outcomes import Deliveries, Mails
from multitask.operations.services.dead_letters import dead_letter_retry, dead_letters_retry
from multitask.operations.services.samples import queue_figures
from multitask.outbox.status import FRESH_SECONDS, QUEUES
from multitask.recommendations.selectors.freshness import ListsFreshness, Missing

MAY_LOOK = "outbox.view_outboxdelivery"
MAY_RETRY = "outbox.change_outboxdelivery"
DEAD_SHOWN = 20
MAILS_SHOWN = (
    MailState.SENT,
    MailState.WAITING,
    MailState.UNCERTAIN,
    MailState.REFUSED,
    MailState.SUPPRESSED,
)
DELIVERIES_SHOWN = (
    DeliveryState.SENT,
    DeliveryState.MERGED,
    DeliveryState.SUPPRESSED,
    DeliveryState.UNCERTAIN,
    DeliveryState.FAILED,
    DeliveryState.PENDING,
    DeliveryState.DEFERRED,
)


@require_http_methods(["GET", "HEAD", "POST"])
def pipeline_page(request: HttpRequest) -> HttpResponse:
    """Behind `admin_view`: for staff. Raises PermissionDenied for those without the right to see or to send again."""
    user: Any = request.user
    if not user.has_perm(MAY_LOOK):
        raise PermissionDenied
    if request.method == "POST":
        if not user.has_perm(MAY_RETRY):
            raise PermissionDenied
        return _retry(request)
    found = figures(fresh=True)
    context = admin.site.each_context(request) | {
        "title": texts.TITLE.show(),
        "now": timezone.localtime(),
        "attention": attention(found),
        "database": found.database,
        "may_retry": user.has_perm(MAY_RETRY),
    }
    if found.database:
        if not (broker := needed_parts()["broker"])["ok"]:
            context["attention"] = [texts.BROKER_AWAY.show(), *context["attention"]]
        context |= {
            "parts": _parts(found, broker_ok=bool(broker["ok"])),
            "queues": _queues(found),
            "dead": found.get("dead", list[pipeline.DeadLetters]()),
            "dead_newest": list(dead_deliveries(limit=DEAD_SHOWN)),
            "charts": _charts(),
            "lists": found.get("lists", ListsFreshness(0, 0, 0.0)),
            "lists_age": texts.duration(found.get("lists", ListsFreshness(0, 0, 0.0)).oldest_seconds),
            "vectors": found.get("vectors", Missing(0, 0)),
            "words": found.get("words", Missing(0, 0)),
            "mails": _mails(found),
            "mail_states": [state.label for state in MAILS_SHOWN],
            "deliveries": _deliveries(found),
            "delivery_states": [state.label for state in DELIVERIES_SHOWN],
            "model": _model(found),
            "answers": _answers(found),
        }
    request.current_app = admin.site.name
    return render(request, "operations/pipeline.html", context)


def _retry(request: HttpRequest) -> HttpResponse:
    """Send one dead letter again, or all of a handler; who did it is kept with each."""
    one = request.POST.get("delivery", "")
    handler = request.POST.get("handler", "")
    if one.isdecimal() and len(one) < 19:
        sent = dead_letter_retry(delivery_id=int(one))
    else:
        sent = dead_letters_retry(handler=handler)
    if sent:
        record(request, sent, texts.RETRIED.show(number=1))
        messages.success(request, texts.RETRIED.show(number=len(sent)))
    else:
        messages.warning(request, texts.RETRIED_NONE.show())
    return HttpResponseRedirect(reverse("pipeline"))


def _parts(found: Figures, *, broker_ok: bool) -> list[dict[str, Any]]:
    ages: dict[str, float] = found.get("heartbeats", {})
    parts = [
        {"name": "PostgreSQL", "ok": True, "ago": ""},
        {"name": "Redis", "ok": broker_ok, "ago": ""},
    ]
    return parts + [
        {
            "name": texts.part_name(part),
            "ok": ages.get(part, float("inf")) <= limit,
            "ago": texts.duration(ages.get(part, float("inf"))),
        }
        for part, limit in FRESH_SECONDS.items()
    ]


def _queues(found: Figures) -> list[dict[str, Any]]:
    """A row for each queue: its states, its oldest, and what the last hour did."""
    states: list[pipeline.QueueState] = found.get("queues", [])
    tallies: list[pipeline.Tally] = found.get("tallies", [])
    totals = queue_figures(states, tallies, found.get("dead", []))
    sample = hour_ago()
    names = [*QUEUES, *sorted(set(totals) - set(QUEUES))]
    rows = []
    for name in names:
        now = totals.get(name, {"oldest": 0.0, "done": 0, "failed": 0, "dead": 0})
        before = sample.queues.get(name, {}) if sample is not None else None
        counts = dict.fromkeys(pipeline.STATES, 0)
        counts |= {row.state: row.number for row in states if row.queue == name}
        rows.append(
            {
                "name": name,
                "counts": counts,
                "oldest": texts.duration(now["oldest"]) if now["oldest"] else "",
                "done": None if before is None else max(0, now["done"] - before.get("done", 0)),
                "failed": None if before is None else max(0, now["failed"] - before.get("failed", 0)),
                "dead": now["dead"],
            }
        )
    return rows


def _charts() -> list[Chart]:
    found = history()
    return [
        chart(
            texts.DONE_AND_FAILED.show(),
            found,
            [("done", "good", texts.DONE.show()), ("failed", "bad", texts.FAILED.show())],
        ),
        chart(texts.WAITING.show(), found, [("waiting", "plain", texts.WAITING.show())]),
        chart(texts.OLDEST.show(), found, [("oldest", "plain", texts.OLDEST.show())], least=10.0),
        chart(texts.STALE.show(), found, [("stale", "plain", texts.STALE.show())], least=5.0),
        chart(texts.DEAD.show(), found, [("dead", "bad", texts.DEAD.show())]),
    ]


def _mails(found: Figures) -> list[dict[str, Any]]:
    recent = found.get("mails", Mails({}, 0, 0.0)).recent
    return [
        {"name": kind.label, "counts": [recent.get((kind.value, state.value), 0) for state in MAILS_SHOWN]}
        for kind in MailClass
    ]


def _model(found: Figures) -> dict[str, Any]:
    model = found.get("model", ModelFigures())
    return {"figures": model, "state": texts.BREAKER[model.state].show()}


def _answers(found: Figures) -> dict[str, Any]:
    """(name, number) of the answers of the last hour, and the tokens they took."""
    recent = found.get("answers", RecentAnswers({}, {}))
    shown = (*Outcome, MessageState.PENDING, MessageState.FAILED)
    return {
        "counts": [(one.label, recent.by_outcome.get(one.value, 0)) for one in shown],
        "tokens_in": recent.tokens_in,
        "tokens_out": recent.tokens_out,
    }


def _deliveries(found: Figures) -> list[dict[str, Any]]:
    deliveries = found.get("deliveries", Deliveries({}, {}, {}))
    counts = deliveries.settled | deliveries.waiting
    return [
        {
            "name": channel.label,
            "counts": [counts.get((channel.value, state.value), 0) for state in DELIVERIES_SHOWN],
        }
        for channel in Channel
    ]
