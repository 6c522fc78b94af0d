"""Mails of accounts, and what is cleared away of their logins."""

from __future__ import annotations

from multitask.accounts.services import mails
from multitask.accounts.services.attempts import attempts_prune
from multitask.accounts.services.external import states_prune
from multitask.accounts.services.leaving import accounts_resweep
from multitask.accounts.services.tokens import tokens_prune
from multitask.accounts.services.verification import former_addresses_prune
from multitask.settings.logs import get_logger
from workers.base import Run, job, mail_key

log = get_logger(__name__)


@job("accounts.send_verification", queue="mail")
def send_verification(run: Run) -> None:
    mails.verification_send(user_id=int(run.one.payload["user"]), key=mail_key(run))


@job("accounts.send_reset", queue="mail")
def send_reset(run: Run) -> None:
    mails.reset_send(user_id=int(run.one.payload["user"]), key=mail_key(run))


@job("accounts.send_password_changed", queue="mail")
def send_password_changed(run: Run) -> None:
    mails.password_changed_send(user_id=int(run.one.payload["user"]), key=mail_key(run))


@job("accounts.send_email_changing", queue="mail")
def send_email_changing(run: Run) -> None:
    mails.email_changing_send(user_id=int(run.one.payload["user"]), key=mail_key(run))


@job("accounts.send_email_changed", queue="mail")
def send_email_changed(run: Run) -> None:
    mails.email_changed_send(former_id=int(run.one.payload["former"]), key=mail_key(run))


@job("accounts.prune", queue="default")
def prune(run: Run) -> None:
    with run.finish():
        tokens = tokens_prune()
        attempts = attempts_prune()
        states = states_prune()
        addresses = former_addresses_prune()
        accounts_resweep()
    log.info("logins_pruned", tokens=tokens, attempts=attempts, states=states, addresses=addresses)
