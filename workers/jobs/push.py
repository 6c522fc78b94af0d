"""Push to people's browsers."""

from __future__ import annotations

from multitask.notifications.channels.push.deliver import deliver, deliver_again, deliver_test
from multitask.notifications.services.subscriptions import subscriptions_prune
from multitask.settings.logs import get_logger
from workers.base import Run, job

log = get_logger(__name__)


@job("push.deliver", queue="push")
def push_deliver(run: Run) -> None:
    """What is open of one line of somebody's list."""
    deliver(int(run.one.payload["notification"]))


@job("push.deliver_again", queue="push")
def push_deliver_again(run: Run) -> None:
    """The same for those browsers whose service could not take it."""
    payload = run.one.payload
    deliver_again(
        int(payload["notification"]),
        subscription_ids=[int(pk) for pk in payload["subscriptions"]],
        tries=int(payload["tries"]),
    )


@job("push.test", queue="push")
def push_test(run: Run) -> None:
    deliver_test(int(run.one.payload["user"]))


@job("push.prune", queue="default")
def push_prune(run: Run) -> None:
    """Browsers that have not shown themselves for long."""
    with run.finish():
        number = subscriptions_prune()
    log.info("push_subscriptions_pruned", number=number)
