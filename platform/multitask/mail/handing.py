"""Hand one mail to a server and know afterwards what became of it: accepted, refused, away, or nobody knows.

`before_end` is called once, right before the server can take the mail: what it commits is there whatever happens then.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

from django.core.mail import EmailMultiAlternatives, get_connection

Fault = Literal["hard", "soft", ""]

# A refusal for who sends, not for whom it is sent to: the address is not to blame.
POLICY = re.compile(
    rb"block|black ?list|\bspam|policy|reputation|\bdmarc|\bspf\b|\bdkim|banned|rate", re.IGNORECASE
)
ENHANCED = re.compile(rb"^\s*([245])\.(\d{1,3})\.(\d{1,3})\b")


class Away(Exception):
    """It was certainly not taken, and may be tried again. `server`: others would not be taken either."""

    def __init__(self, detail: str, *, server: bool) -> None:
        super().__init__(detail)
        self.server = server


class Refused(Exception):
    """It was certainly not taken and never will be. `fault`: what that says of the address."""

    def __init__(self, detail: str, *, reason: str, fault: Fault = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.fault: Fault = fault


class Lost(Exception):
    """It was given over whole, and no answer came: it may have been taken."""


def hand_over(message: EmailMultiAlternatives, *, before_end: Callable[[], None]) -> str:
    """Send one mail by the configured backend. Returns the provider's id of it, "" where there is none.

    Raises Away, Refused, Lost, and what `before_end` raises.
    """
    connection = get_connection()
    careful = getattr(connection, "hand_over", None)
    if careful is not None:
        careful(message, before_end=before_end)
        return ""
    before_end()
    try:
        connection.send_messages([message])
    except Exception as error:
        raise _of_provider(error) from error
    status = getattr(message, "anymail_status", None)
    return str(getattr(status, "message_id", None) or "")[:200]


def answered(stage: str, code: int, reply: bytes | str) -> Away | Refused:
    """What an SMTP server's answer means that is not the one hoped for.

    `stage` is greeting, login, sender, recipient, data or end. RFC 5321 (4.2.1): 4yz may be tried again, 5yz not.
    Before the recipient is named an answer is about us, never about the mail.
    """
    raw = reply if isinstance(reply, bytes) else reply.encode("utf-8", "replace")
    detail = f"{stage}: {code} {raw.decode('utf-8', 'replace')}"
    if stage in {"greeting", "login", "sender"} or code == 421 or code < 400:
        return Away(detail, server=True)
    if code < 500:
        return Away(detail, server=False)
    if stage != "recipient":
        return Refused(detail, reason="content_refused", fault="soft" if _is_full(code, raw) else "")
    return Refused(detail, reason="address_refused", fault=_fault(code, raw))


def _is_full(code: int, reply: bytes) -> bool:
    found = ENHANCED.match(reply)
    return code == 552 or bool(found and (found[2], found[3]) == (b"2", b"2"))


def _fault(code: int, reply: bytes) -> Fault:
    """RFC 3463: x.1 and x.2 are about the address and the mailbox, x.7 about policy."""
    found = ENHANCED.match(reply)
    if (found and found[2] == b"7") or (not found and POLICY.search(reply)):
        return ""
    if _is_full(code, reply):
        return "soft"
    if found:
        return "hard" if found[2] == b"1" or (found[2], found[3]) == (b"2", b"1") else "soft"
    return "hard" if code in {550, 551, 553} else "soft"


def _of_provider(error: Exception) -> Exception:
    """What an error of a backend other than ours means; itself where it is a mistake of ours."""
    from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
    from requests import ConnectionError as NoConnection
    from requests import ConnectTimeout

    detail = f"{type(error).__name__}: {error}"
    if isinstance(error, AnymailRecipientsRefused):
        return Refused(detail, reason="address_refused")
    if isinstance(error, ConnectTimeout) or (isinstance(error, NoConnection) and _never_connected(error)):
        return Away(detail, server=True)
    if isinstance(error, AnymailAPIError):
        return _of_status(getattr(error, "status_code", None), detail)
    if isinstance(error, OSError):
        return Lost(detail)
    return error


def _never_connected(error: Exception) -> bool:
    from urllib3.exceptions import NewConnectionError

    reason: Any = getattr(error.args[0], "reason", None) if error.args else None
    cause = getattr(error.__cause__, "args", ())
    reason = reason or (getattr(cause[0], "reason", None) if cause else None)
    return isinstance(reason, NewConnectionError)


def _of_status(status: int | None, detail: str) -> Exception:
    """A provider's HTTP status. A gateway's (502, 504) does not say whether the provider took it."""
    if status in {401, 403, 404, 408, 409, 425, 429, 500, 503}:
        return Away(detail, server=True)
    if status is None or status >= 500 or status < 400:
        return Lost(detail)
    return Refused(detail, reason="content_refused")
