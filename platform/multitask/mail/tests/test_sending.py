"""The one place that sends: once for a key, only what may go, nothing of ours or theirs in the wrong place."""

from __future__ import annotations

import email
from datetime import timedelta
from email.policy import default
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import User
from multitask.common.text import Text
from multitask.mail.addresses import address_key
from multitask.mail.letters import Letter, Paragraph
from multitask.mail.models import AddressState, MailClass, MailState, SentMail
from multitask.mail.selectors.addresses import UNASKED
from multitask.mail.services.addresses import address_bounced, address_clear, address_complained
from multitask.mail.services.pruning import mails_prune
from multitask.mail.services.sending import MailAway, Outcome, mail_send, message_id
from multitask.mail.wire import mail_bytes
from multitask.testing.concurrency import at_once

pytestmark = pytest.mark.django_db
LINK = "https://multitask.example/api/notifications/unsubscribe/token/"
LETTER = Letter(
    subject=Text("{name} applied to {title}", "تقدّم {name} إلى {title}"),
    heading=Text("A new application", "طلب جديد"),
    paragraphs=(Text("{name} applied.", "تقدّم {name}."),),
    params={"name": "Sara", "title": "A logo"},
)


def proved(**more: Any) -> User:
    return ClientFactory(is_verified=True, **more)


def send(
    user: User, key: str = "k:1", mail_class: MailClass = MailClass.NOTIFICATION, **more: Any
) -> Outcome:
    return mail_send(
        **{
            "key": key,
            "to": user.email,
            "user_id": user.pk,
            "mail_class": mail_class,
            "letter": LETTER,
            "language": "en",
            "unsubscribe_url": LINK if mail_class in UNASKED else "",
        }
        | more
    )


def test_a_key_is_mailed_once_for_ever() -> None:
    user = proved()
    assert send(user) == Outcome("sent")
    for _ in range(3):
        assert send(user) == Outcome("already")
    assert len(mail.outbox) == 1
    row = SentMail.objects.get()
    assert (row.state, row.attempts, row.user_id, row.message_id) == ("sent", 1, user.pk, message_id("k:1"))


@pytest.mark.django_db(transaction=True)
def test_of_four_workers_with_one_mail_one_sends_it() -> None:
    user = proved()

    def once() -> str:
        try:
            return send(user).state
        except MailAway:
            return "away"

    outcomes = at_once([once] * 4)
    assert len(mail.outbox) == 1
    assert outcomes.count("sent") == 1
    assert set(outcomes) <= {"sent", "already", "away"}


def test_the_message_id_is_made_from_the_key_and_tells_nothing() -> None:
    assert message_id("digest:12:2026-10-29") == message_id("digest:12:2026-10-29")
    assert message_id("digest:12:2026-10-29") != message_id("digest:13:2026-10-29")
    assert "12" not in message_id("digest:12:2026-10-29").split("@")[1]
    assert message_id("k").startswith("<")
    assert message_id("k").endswith("@localhost>")


@pytest.mark.parametrize("found", [MailState.HANDING_OVER, MailState.SENDING])
def test_what_a_killed_worker_left_is_uncertain_once_it_was_being_handed_over(found: MailState) -> None:
    user = proved()
    send(user)
    mail.outbox.clear()
    ago = timezone.now() - timedelta(seconds=1)
    SentMail.objects.update(state=found, busy_until=ago, settled_at=None)
    was_handed = found == MailState.HANDING_OVER
    assert send(user) == (Outcome("uncertain", "no_answer") if was_handed else Outcome("sent"))
    assert len(mail.outbox) == (0 if was_handed else 1)


@pytest.mark.parametrize("found", [MailState.HANDING_OVER, MailState.SENDING])
def test_a_mail_that_another_worker_is_sending_is_left_to_it(found: MailState) -> None:
    user = proved()
    send(user)
    mail.outbox.clear()
    SentMail.objects.update(state=found, busy_until=timezone.now() + timedelta(seconds=30), settled_at=None)
    with pytest.raises(MailAway) as away:
        send(user)
    assert 25 < away.value.retry_after <= 30
    assert not mail.outbox


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_never_sent_inside_another_transaction() -> None:
    user = proved()
    with pytest.raises(RuntimeError), transaction.atomic():
        send(user)
    assert not mail.outbox


# --- who gets what --------------------------------------------------------------------------------------------------

ALL = set(MailClass)
ASKED = {MailClass.CRITICAL, MailClass.TRANSACTIONAL}


def _classes_that_go(user: User, **more: Any) -> set[MailClass]:
    return {
        mail_class
        for mail_class in MailClass
        if send(user, f"{mail_class}:{timezone.now().timestamp()}", mail_class, **more).state == "sent"
    }


def test_a_proved_address_gets_every_class() -> None:
    assert _classes_that_go(proved()) == ALL


def test_an_unproved_address_gets_only_what_was_asked_for() -> None:
    user = ClientFactory(is_verified=False)
    assert _classes_that_go(user) == ASKED
    assert send(user, "n") == Outcome("suppressed", "address_unverified")


def test_an_address_that_is_not_the_users_own_gets_only_what_was_asked_for() -> None:
    assert _classes_that_go(proved(), to="other@example.com") == ASKED
    assert send(proved(), "n", user_id=None) == Outcome("suppressed", "account_closed")


def test_a_closed_account_gets_no_notification() -> None:
    assert send(proved(is_active=False)) == Outcome("suppressed", "account_closed")


def test_a_complaint_stops_notifications_and_digests_at_once_until_it_is_cleared() -> None:
    user = proved()
    address_complained(address=user.email.upper(), detail="spam")
    assert _classes_that_go(user) == ASKED
    assert send(user, "n") == Outcome("suppressed", "address_complained")
    address_clear(state_id=AddressState.objects.get().pk)
    assert _classes_that_go(user) == ALL


def test_soft_bounces_stop_what_nobody_asked_for_and_hard_ones_everything() -> None:
    soft, hard = proved(), proved()
    for _ in range(3):
        address_bounced(address=soft.email, fault="soft", detail="full")
    assert _classes_that_go(soft) == ALL
    for _ in range(2):
        # What went between them has taken 0.4 away.
        address_bounced(address=soft.email, fault="soft", detail="full")
    assert _classes_that_go(soft) == ASKED
    for _ in range(2):
        address_bounced(address=hard.email, fault="hard", detail="unknown")
    assert _classes_that_go(hard) == set()
    assert send(hard, "c", MailClass.CRITICAL) == Outcome("suppressed", "address_bounced")


def test_a_good_send_takes_a_tenth_away_and_never_goes_below_nothing() -> None:
    user = proved()
    address_bounced(address=user.email, fault="soft", detail="")
    for number in range(12):
        send(user, f"k:{number}")
    assert AddressState.objects.get().score == 0


@pytest.mark.django_db(transaction=True)
def test_bounces_at_once_all_count() -> None:
    at_once([lambda: address_bounced(address="a@example.com", fault="soft", detail="")] * 4)
    assert AddressState.objects.get().score == 4


def test_a_user_gets_so_many_mails_a_day_and_safety_mails_beyond_that(settings: Any) -> None:
    settings.MAILS_PER_DAY = 5
    user, other = proved(), proved()
    outcomes = [send(user, f"k:{number}").state for number in range(7)]
    assert outcomes == ["sent"] * 5 + ["suppressed"] * 2
    assert SentMail.objects.get(key="k:6").reason == "daily_limit"
    assert send(user, "c", MailClass.CRITICAL).state == "sent"
    assert send(user, "t", MailClass.TRANSACTIONAL).state == "sent"
    assert send(user, "b", MailClass.BULK).reason == "daily_limit"
    assert send(other, "o").state == "sent"
    SentMail.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert send(user, "tomorrow").state == "sent"


@pytest.mark.django_db(transaction=True)
def test_the_days_last_place_is_taken_by_one_of_many_at_once(settings: Any) -> None:
    settings.MAILS_PER_DAY = 3
    user = proved()
    outcomes = at_once([lambda n=n: send(user, f"k:{n}").state for n in range(8)])
    assert sorted(outcomes) == ["sent"] * 3 + ["suppressed"] * 5


@pytest.mark.parametrize("to", ["", "nobody", "a@b", "a b@example.com", "a@example.com\r\nBcc: x@example.com",
                                "a@example.com,b@example.com", "منى@example.com"])  # fmt: skip
def test_what_is_no_address_gets_no_mail(to: str) -> None:
    assert send(proved(), mail_class=MailClass.CRITICAL, to=to) == Outcome("suppressed", "address_invalid")
    assert not mail.outbox


# --- headers --------------------------------------------------------------------------------------------------------


def sent() -> Any:
    """The last mail as it goes over the wire, read again."""
    raw = mail_bytes(mail.outbox[-1], linesep="\n")
    return email.message_from_bytes(raw, policy=default)


@pytest.mark.parametrize("mail_class", sorted(UNASKED))
def test_notifications_and_digests_can_be_unsubscribed_with_one_click(mail_class: MailClass) -> None:
    send(proved(), mail_class=mail_class)
    message = sent()
    assert message["List-Unsubscribe"] == f"<{LINK}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert LINK in message.get_body(("plain",)).get_content()
    assert LINK in message.get_body(("html",)).get_content()


@pytest.mark.parametrize("mail_class", sorted(UNASKED))
@pytest.mark.parametrize(
    "link",
    ["", "/api/x/", "http://multitask.example/x/", "javascript:alert(1)", "https://", f"{LINK}>\r\nBcc: a@b.c",
     "https://multitask.example/x y", "mailto:x@example.com"],
)  # fmt: skip
def test_one_that_cannot_be_unsubscribed_does_not_go(mail_class: MailClass, link: str) -> None:
    with pytest.raises(ValueError, match="unsubscribe_url"):
        send(proved(), mail_class=mail_class, unsubscribe_url=link)
    assert not SentMail.objects.exists()


def test_a_mail_says_that_a_program_sent_it_and_in_which_language() -> None:
    send(proved(), language="ar")
    message = sent()
    assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", "ar")
    assert message["Message-ID"] == message_id("k:1")
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    "evil",
    [
        "Logo\r\nBcc: victim@example.com",
        "Logo\nSubject: Other",
        "Logo\r\n\r\n<h1>Body</h1>",
        "Logo\x0b\x0cBcc: x@example.com",
        "Logo\u2028Bcc: x@example.com\u0085To: y@example.com",
        "Logo\x00Bcc: x@example.com",
        "\udcffLogo Bcc: x@example.com",
        "=?utf-8?q?=0D=0ABcc:_x@example.com?=",
    ],
)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_title_or_name_cannot_add_a_header_or_a_body(evil: str, language: str) -> None:
    user = proved()
    letter = Letter(LETTER.subject, LETTER.heading, LETTER.paragraphs, params={"name": evil, "title": evil})
    assert send(user, letter=letter, language=language).state == "sent"
    raw = mail_bytes(mail.outbox[-1], linesep="\n")
    head = raw.partition(b"\n\n")[0].decode()
    names = [line.partition(":")[0] for line in head.splitlines() if line[:1] not in {" ", "\t"}]
    assert sorted(names) == sorted(
        ["Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted",
         "Content-Language", "List-Unsubscribe", "List-Unsubscribe-Post"]
    )  # fmt: skip
    assert sent()["To"] == user.email


def test_arabic_subjects_and_odd_names_are_read_as_they_were_written() -> None:
    user = proved()
    title = "تصميم هوية بصرية كاملة لمطعم مأكولات بحرية في الإسكندرية مع قائمة طعام — «عاجل» 😀 & <b>ü</b>"
    letter = Letter(LETTER.subject, LETTER.heading, LETTER.paragraphs, params={"name": "Zoë", "title": title})
    send(user, letter=letter, language="ar")
    raw = mail_bytes(mail.outbox[-1], linesep="\n")
    head = raw.partition(b"\n\n")[0]
    assert head.isascii()
    assert all(len(line) <= 78 for line in head.splitlines() if line.startswith((b"Subject", b" =?")))
    # RFC 2047: a word that is encoded holds whole characters.
    assert email.header.decode_header(
        " ".join(head.decode().split("Subject: ")[1].split("\nFrom")[0].split())
    )
    assert sent()["Subject"] == f"تقدّم Zoë إلى {title}"


def test_what_others_wrote_is_text_in_the_html_too() -> None:
    user = proved()
    evil = '<script>alert(1)</script><a href="https://evil.example">x</a>{{ 7 }}{% now "Y" %}{name}{0}'
    letter = Letter(
        LETTER.subject,
        LETTER.heading,
        (Text("{name} wrote:", "كتب {name}:"), Paragraph(evil, "quote")),
        params={"name": evil, "title": evil},
    )
    send(user, letter=letter)
    html = sent().get_body(("html",)).get_content()
    assert "<script>" not in html
    assert 'href="https://evil.example"' not in html
    assert html.count("{{ 7 }}") >= 2
    assert "{name}{0}" in html
    assert evil in sent().get_body(("plain",)).get_content()


# --- what is kept ---------------------------------------------------------------------------------------------------


def test_no_table_keeps_an_address() -> None:
    user = proved(email="salma.private@example.com")
    send(user)
    address_bounced(address=user.email, fault="soft", detail="")
    kept = [*SentMail.objects.values(), *AddressState.objects.values()]
    assert "salma.private" not in str(kept)
    assert SentMail.objects.get().address_key == address_key(" Salma.Private@EXAMPLE.com ")


def test_mails_are_forgotten_after_the_days_for_which_they_are_kept() -> None:
    user = proved()
    for number in range(3):
        send(user, f"k:{number}")
    SentMail.objects.filter(key="k:0").update(created_at=timezone.now() - timedelta(days=401))
    assert mails_prune(keep_days=400) == (1, 0)
    assert SentMail.objects.count() == 2


def test_a_mail_costs_a_fixed_number_of_queries(django_assert_max_num_queries: Any) -> None:
    user = proved()
    send(user, "k:0")
    with django_assert_max_num_queries(18):
        send(user, "k:1")
