"""The mails of an account, each in its reader's language, as text and as simple HTML."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.html import format_html

from multitask.accounts.models import User
from multitask.accounts.services.passwords import reset_credentials
from multitask.accounts.services.verification import verification_key
from multitask.common.text import Text

GREETING = Text("Hello {name},", "مرحبًا {name}،")
SIGNATURE = Text("The Multitask team", "فريق Multitask")
NOT_YOU = Text(
    "If you did not ask for this, ignore this mail: nothing has changed.",
    "إذا لم تطلب ذلك فتجاهل هذه الرسالة: لم يتغير شيء.",
)


@dataclass(frozen=True, slots=True)
class Letter:
    """`button` is the link's label; `closing` stands below it."""

    subject: Text
    body: Text
    button: Text
    closing: Text


VERIFICATION = Letter(
    Text("Confirm your e-mail address", "أكّد بريدك الإلكتروني"),
    Text(
        "Confirm that this address is yours. The link works for three days.",
        "أكّد أن هذا البريد يخصك. الرابط صالح ثلاثة أيام.",
    ),
    Text("Confirm the address", "تأكيد البريد"),
    NOT_YOU,
)
RESET = Letter(
    Text("Set a new password", "تعيين كلمة مرور جديدة"),
    Text(
        "Set a new password for your account {username}. The link works once, for two hours.",
        "عيّن كلمة مرور جديدة لحسابك {username}. الرابط صالح لمرة واحدة خلال ساعتين.",
    ),
    Text("Set a new password", "تعيين كلمة المرور"),
    NOT_YOU,
)
CHANGED = Letter(
    Text("Your password was changed", "تم تغيير كلمة مرورك"),
    Text(
        "The password of your account {username} was changed, and every other device was logged out.",
        "تم تغيير كلمة مرور حسابك {username} وتسجيل الخروج من كل الأجهزة الأخرى.",
    ),
    Text("That was not me: set another password", "لم أكن أنا: عيّن كلمة مرور أخرى"),
    Text("If that was you, there is nothing to do.", "إذا كنت أنت من غيّرها فلا داعي لفعل شيء."),
)


def verification_send(*, user_id: int) -> None:
    """Ask to prove the address, where the account is there and has not done so yet."""
    user = User.objects.filter(pk=user_id, is_active=True, is_verified=False).first()
    if user is not None:
        _send(user, VERIFICATION, _link("verify-email", key=verification_key(user=user)))


def reset_send(*, user_id: int) -> None:
    """Send a link for a new password, where the account is there."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        uid, token = reset_credentials(user=user)
        _send(user, RESET, _link("reset-password", uid=uid, token=token))


def password_changed_send(*, user_id: int) -> None:
    """Tell that the password is another one now."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        _send(user, CHANGED, _link("forgot-password"))


def _link(page: str, **query: str) -> str:
    address = f"{settings.FRONTEND_URL}/{page}"
    return f"{address}?{urlencode(query)}" if query else address


def _send(user: User, letter: Letter, link: str) -> None:
    language = user.language
    direction = "rtl" if language == "ar" else "ltr"
    greeting = GREETING.show(language, name=user.first_name or user.username)
    body = letter.body.show(language, username=user.username)
    closing = letter.closing.show(language)
    signature = SIGNATURE.show(language)
    mail = EmailMultiAlternatives(
        subject=letter.subject.show(language),
        body=f"{greeting}\n\n{body}\n\n{link}\n\n{closing}\n\n{signature}\n",
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated", "Content-Language": language},
    )
    mail.attach_alternative(
        format_html(
            '<!doctype html><html lang="{}" dir="{}"><body style="font-family:sans-serif;line-height:1.6">'
            '<p>{}</p><p>{}</p><p><a href="{}">{}</a></p><p dir="ltr"><small>{}</small></p><p>{}</p><p>{}</p>'
            "</body></html>",
            language,
            direction,
            greeting,
            body,
            link,
            letter.button.show(language),
            link,
            closing,
            signature,
        ),
        "text/html",
    )
    mail.send()
