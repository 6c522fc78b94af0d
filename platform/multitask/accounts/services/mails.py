"""The mails of an account, each in its reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings

from multitask.accounts.models import FormerAddress, User
from multitask.accounts.selectors.addresses import owner_of
from multitask.accounts.services.passwords import reset_credentials
from multitask.accounts.services.verification import verification_key
from multitask.common.text import Text
from multitask.mail.letters import Button, Letter
from multitask.mail.services.sending import MailClass, mail_send

GREETING = Text("Hello {name},", "مرحبًا {name}،")
REASON = Text(
    "You get this mail because it is about the safety of your Multitask account. Mails of this kind cannot be switched "
    "off.",
    "تصلك هذه الرسالة لأنها عن أمان حسابك في Multitask، ولا يمكن إيقاف رسائل من هذا النوع.",
)
ASKED = Text(
    "You get this mail because somebody asked for it with your address at Multitask.",
    "تصلك هذه الرسالة لأن شخصًا طلبها ببريدك في Multitask.",
)
NOT_YOU = Text(
    "If you did not ask for this, ignore this mail: nothing has changed.",
    "إذا لم تطلب ذلك فتجاهل هذه الرسالة: لم يتغير شيء.",
)


@dataclass(frozen=True, slots=True)
class Words:
    """`button` is the link's label; `closing` stands below it."""

    subject: Text
    body: Text
    button: Text
    closing: Text
    mail_class: MailClass = MailClass.CRITICAL
    reason: Text = REASON

    def letter(self, user: User, link: str) -> Letter:
        """The letter to `user`, with a button to `link`."""
        return Letter(
            subject=self.subject,
            heading=self.subject,
            greeting=GREETING,
            paragraphs=(self.body,),
            button=Button(self.button, link),
            closing=self.closing,
            params={"name": user.first_name or user.username, "username": user.username},
            reason=self.reason,
        )


VERIFICATION = Words(
    Text("Confirm your e-mail address", "أكّد بريدك الإلكتروني"),
    Text(
        "Confirm that this is the address of your account {username}. The link works for three days.",
        "أكّد أن هذا هو بريد حسابك {username}. الرابط صالح ثلاثة أيام.",
    ),
    Text("Confirm the address", "تأكيد البريد"),
    NOT_YOU,
    MailClass.TRANSACTIONAL,
    ASKED,
)
TAKEN = Words(
    Text("You already have an account", "لديك حساب بالفعل"),
    Text(
        "Somebody tried to register with your e-mail address, or to move an account to it. You already have an account "
        "with this address: log in, or set a new password if you have forgotten yours.",
        "حاول شخص ما التسجيل ببريدك الإلكتروني أو نقل حساب إليه. لديك حساب بهذا البريد بالفعل: سجّل الدخول، أو عيّن كلمة "
        "مرور جديدة إن نسيت كلمتك.",
    ),
    Text("Set a new password", "تعيين كلمة مرور جديدة"),
    Text(
        "If that was not you, there is nothing to do: your account is as it was.",
        "إن لم تكن أنت فلا داعي لفعل شيء: حسابك كما كان.",
    ),
)
CHANGING = Words(
    Text("Your e-mail address is being changed", "يجري تغيير بريدك الإلكتروني"),
    Text(
        "Somebody who is logged in to your account {username} asked to replace this e-mail address. It stays yours until "
        "the new one is confirmed.",
        "طلب شخص مسجّل الدخول إلى حسابك {username} استبدال هذا البريد الإلكتروني. يبقى بريدك حتى يُؤكَّد البريد الجديد.",
    ),
    Text("That was not me: stop it and set another password", "لم أكن أنا: أوقف التغيير وعيّن كلمة مرور أخرى"),
    Text(
        "If that was you, there is nothing to do. If it was not, set another password by mail: that stops the change "
        "and logs everybody out.",
        "إن كنت أنت فلا داعي لفعل شيء. وإن لم تكن أنت فعيّن كلمة مرور أخرى عبر البريد: هذا يوقف التغيير ويُخرج الجميع.",
    ),
)
REPLACED = Words(
    Text("Your e-mail address was changed", "تم تغيير بريدك الإلكتروني"),
    Text(
        "The e-mail address of your account {username} is another one now. Mails no longer come here.",
        "أصبح لحسابك {username} بريد إلكتروني آخر، ولن تصل الرسائل إلى هنا بعد الآن.",
    ),
    Text("Log in", "تسجيل الدخول"),
    Text(
        "If that was you, there is nothing to do. If it was not, log in with your user name, change the password and the "
        "address, and tell us at once if you cannot.",
        "إن كنت أنت فلا داعي لفعل شيء. وإن لم تكن أنت فسجّل الدخول باسم المستخدم وغيّر كلمة المرور والبريد، وأخبرنا فورًا "
        "إن تعذّر ذلك.",
    ),
)
RESET = Words(
    Text("Set a new password", "تعيين كلمة مرور جديدة"),
    Text(
        "Set a new password for your account {username}. The link works once, for two hours.",
        "عيّن كلمة مرور جديدة لحسابك {username}. الرابط صالح لمرة واحدة خلال ساعتين.",
    ),
    Text("Set a new password", "تعيين كلمة المرور"),
    NOT_YOU,
    MailClass.TRANSACTIONAL,
    ASKED,
)
CHANGED = Words(
    Text("Your password was changed", "تم تغيير كلمة مرورك"),
    Text(
        "The password of your account {username} was changed, and every other device was logged out.",
        "تم تغيير كلمة مرور حسابك {username} وتسجيل الخروج من كل الأجهزة الأخرى.",
    ),
    Text("That was not me: set another password", "لم أكن أنا: عيّن كلمة مرور أخرى"),
    Text("If that was you, there is nothing to do.", "إذا كنت أنت من غيّرها فلا داعي لفعل شيء."),
)


def verification_send(*, user_id: int, key: str) -> None:
    """Ask to prove the address given last, where the account is there and has not done so yet.

    If it is another account's, tell that one's owner instead: no key, and no word of who claims it. `key` names the
    mail, here and below: one mail for one event, however often its job runs. All raise MailAway.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or user.address_is_proved:
        return
    owner = owner_of(user.pending_email).exclude(pk=user.pk).first()
    if owner is not None:
        _send(owner, TAKEN, _link("forgot-password"), to=owner.email, key=key)
    else:
        link = _link("verify-email", key=verification_key(user=user))
        _send(user, VERIFICATION, link, to=user.address, key=key)


def email_changing_send(*, user_id: int, key: str) -> None:
    """Tell the proved address that another is to take its place, while that is so."""
    user = User.objects.filter(pk=user_id, is_active=True, is_verified=True).exclude(pending_email="").first()
    if user is not None:
        _send(user, CHANGING, _link("forgot-password"), to=user.email, key=key)


def email_changed_send(*, former_id: int, key: str) -> None:
    """Tell an address that another has taken its place."""
    former = FormerAddress.objects.select_related("user").filter(pk=former_id, user__is_active=True).first()
    if former is not None:
        _send(former.user, REPLACED, _link("login"), to=former.email, key=key)


def reset_send(*, user_id: int, key: str) -> None:
    """Send a link for a new password, where the account is there."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        uid, token = reset_credentials(user=user)
        _send(user, RESET, _link("reset-password", uid=uid, token=token), to=user.email, key=key)


def password_changed_send(*, user_id: int, key: str) -> None:
    """Tell that the password is another one now."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        _send(user, CHANGED, _link("forgot-password"), to=user.email, key=key)


def _link(page: str, **query: str) -> str:
    address = f"{settings.FRONTEND_URL}/{page}"
    return f"{address}?{urlencode(query)}" if query else address


def _send(user: User, words: Words, link: str, *, to: str, key: str) -> None:
    if not to:
        return  # it owns no address: what is only claimed may be somebody else's
    mail_send(
        key=key,
        to=to,
        user_id=user.pk,
        mail_class=words.mail_class,
        letter=words.letter(user, link),
        language=user.language,
    )
