"""Why a delivery is in its state: codes, and what they say to the user who asks."""

from __future__ import annotations

from django.db import models

from multitask.common.text import Text
from multitask.notifications.models import DeliveryState, NotificationDelivery


class Reason(models.TextChoices):
    """Codes that this package sets; the places that send mails and pushes have further ones."""

    # Waiting
    GATHERING = "gathering"
    QUIET_HOURS = "quiet_hours"
    SERVER_AWAY = "server_away"
    # Not sent
    PREFERENCE = "preference"
    READ = "read"
    ACCOUNT_CLOSED = "account_closed"
    NO_ADDRESS = "no_address"
    ADDRESS_UNVERIFIED = "address_unverified"
    NO_SUBSCRIPTION = "no_subscription"
    PUSH_OFF = "push_off"
    # Failed
    GAVE_UP = "gave_up"
    PUSH_REFUSED = "push_refused"
    SUBSCRIPTION_GONE = "subscription_gone"
    TOO_LARGE = "too_large"


STATES: dict[str, Text] = {
    DeliveryState.PENDING: Text("It is on its way.", "في طريقه إليك."),
    DeliveryState.DEFERRED: Text("It was put off.", "أُجّل إرساله."),
    DeliveryState.SENT: Text("It was sent.", "أُرسل."),
    DeliveryState.MERGED: Text("It was told together with others.", "أُبلغ مع غيره في إشعار واحد."),
    DeliveryState.SUPPRESSED: Text("It was not sent.", "لم يُرسل."),
    DeliveryState.UNCERTAIN: Text("It may have arrived or not.", "قد يكون وصل أو لم يصل."),
    DeliveryState.FAILED: Text("It could not be sent.", "تعذّر إرساله."),
}

EXPLANATIONS: dict[str, Text] = {
    Reason.GATHERING: Text(
        "It waits a little, to be told together with what may follow.", "ينتظر قليلًا ليُبلغ مع ما قد يتبعه."
    ),
    Reason.QUIET_HOURS: Text(
        "It came in your quiet hours, and is sent when they end.", "وصل في ساعات الهدوء، ويُرسل عند انتهائها."
    ),
    Reason.SERVER_AWAY: Text(
        "The server that takes it could not be reached.", "تعذّر الوصول إلى خادم الإرسال."
    ),
    Reason.PREFERENCE: Text(
        "You have switched this kind off for this way. Your notification settings can change that.",
        "أوقفت هذا النوع على هذه القناة. يمكنك تغيير ذلك من إعدادات الإشعارات.",
    ),
    Reason.READ: Text(
        "You had read it in the application before it was sent.", "قرأته في التطبيق قبل إرساله."
    ),
    Reason.ACCOUNT_CLOSED: Text("The account was closed before it was sent.", "أُغلق الحساب قبل إرساله."),
    Reason.NO_ADDRESS: Text(
        "Your account has no e-mail address. Add one to your profile.",
        "لا يوجد بريد إلكتروني في حسابك. أضف بريدًا إلى ملفك.",
    ),
    Reason.ADDRESS_UNVERIFIED: Text(
        "Your e-mail address is not confirmed. Open the link in the mail we sent you, or ask for a new one.",
        "لم يُؤكَّد بريدك الإلكتروني. افتح الرابط في الرسالة التي أرسلناها، أو اطلب رسالة جديدة.",
    ),
    Reason.NO_SUBSCRIPTION: Text(
        "No browser of yours takes push notifications. Allow them in your notification settings.",
        "لا يستقبل أي متصفح لك التنبيهات. اسمح بها من إعدادات الإشعارات.",
    ),
    Reason.PUSH_OFF: Text("Push notifications are not set up here.", "التنبيهات غير مفعّلة هنا."),
    Reason.PUSH_REFUSED: Text(
        "The push service of your browser refused it. Switch push notifications off and on again in that browser.",
        "رفضته خدمة التنبيهات لمتصفحك. أوقف التنبيهات في ذلك المتصفح ثم فعّلها من جديد.",
    ),
    Reason.SUBSCRIPTION_GONE: Text(
        "The browser that took push notifications takes none any more. Allow them again in your notification settings.",
        "المتصفح الذي كان يستقبل التنبيهات لم يعد يستقبلها. اسمح بها من جديد من إعدادات الإشعارات.",
    ),
    Reason.TOO_LARGE: Text(
        "It was too large for the push service of your browser.", "كان أكبر مما تقبله خدمة التنبيهات لمتصفحك."
    ),
    # Of a mail
    "no_answer": Text(
        "The mail server broke off while it took it: it may have arrived or not, and is not sent twice.",
        "انقطع الاتصال بخادم البريد أثناء تسليمه: قد يكون وصل أو لم يصل، ولا يُرسل مرتين.",
    ),
    "address_refused": Text(
        "The server of your address refused it. Check the address in your profile.",
        "رفضه خادم بريدك. تحقق من العنوان في ملفك.",
    ),
    "content_refused": Text(
        "The server of your address did not take this mail.", "لم يقبل خادم بريدك هذه الرسالة."
    ),
    "address_invalid": Text(
        "Your e-mail address is not one that mail can be sent to. Correct it in your profile.",
        "لا يمكن الإرسال إلى بريدك الإلكتروني. صحّحه في ملفك.",
    ),
    "address_bounced": Text(
        "Too many mails to your address came back. Check the address in your profile.",
        "عادت رسائل كثيرة من بريدك. تحقق من العنوان في ملفك.",
    ),
    "address_complained": Text(
        "A mail of ours was reported as unwanted from your address, so none of this kind is sent there.",
        "أُبلغ من بريدك عن رسالة لنا بأنها غير مرغوب فيها، فلا نرسل إليه رسائل من هذا النوع.",
    ),
    "daily_limit": Text(
        "You had as many mails within a day as we send to anybody.",
        "بلغت أكبر عدد من الرسائل نرسله إلى أي شخص في يوم واحد.",
    ),
    Reason.GAVE_UP: Text("It was tried for too long, and was given up.", "طالت محاولات إرساله فأُلغي."),
}


def explanation_of(row: NotificationDelivery) -> Text:
    """The state and its reason as a sentence, for the user."""
    return EXPLANATIONS.get(row.reason) or STATES[row.state]
