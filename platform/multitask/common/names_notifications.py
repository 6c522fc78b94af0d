"""Names of what notifications keep, for operators, in Arabic; put on by `names.py`."""

from __future__ import annotations

MODELS: dict[str, tuple[str, str]] = {
    "notifications.inbox": ("صندوق إشعارات", "صناديق الإشعارات"),
    "notifications.notificationdelivery": ("تسليم إشعار", "تسليمات الإشعارات"),
}

FIELDS: dict[str, str] = {
    "notifications.inbox.changed_at": "تغيّر في",
    "notifications.notification.bumped_at": "أحدث ما فيه",
    "notifications.notification.conversation_id": "رقم المحادثة",
    "notifications.notification.count": "العدد",
    "notifications.notification.group_key": "المجموعة",
    "notifications.notification.is_open": "ينضم إليه غيره",
    "notifications.notification.shown": "يظهر في التطبيق",
    "notifications.notificationdelivery.batch": "أُرسل ضمن",
    "notifications.notificationdelivery.channel": "القناة",
    "notifications.notificationdelivery.due_at": "لا يُرسل قبل",
    "notifications.notificationdelivery.notification": "الإشعار",
    "notifications.notificationdelivery.recipient": "المستلم",
    "notifications.notificationpreference.digest": "الموجز",
    "notifications.notificationpreference.digest_hour": "ساعة الموجز",
    "notifications.notificationpreference.digest_weekday": "يوم الموجز",
    "notifications.notificationpreference.overrides": "ما اختاره",
    "notifications.notificationpreference.quiet_from": "الهدوء من",
    "notifications.notificationpreference.quiet_to": "الهدوء إلى",
}

HELP: dict[str, str] = {
    "notifications.notification.bumped_at": "متى جاء أحدث حدث فيه: مكانه في القائمة.",
    "notifications.notification.count": "كم حدثًا يخبر به.",
    "notifications.notification.dedupe_key": "مفتاح الحدث الذي بدأ به.",
    "notifications.notification.group_key": "ما يتبع من المجموعة نفسها ينضم إليه ما دام غير مقروء.",
    "notifications.notification.is_open": "هل ينضم إليه ما يتبع من مجموعته.",
    "notifications.notification.link": "مسار في هذا الموقع.",
    "notifications.notification.shown": "لا، حين لا يريد المستخدم هذا النوع داخل التطبيق.",
    "notifications.notificationdelivery.batch": "ما له الرقم نفسه يُرسل معًا باسم واحد.",
    "notifications.notificationdelivery.dedupe_key": "ما حدث: المفتاح نفسه للمستلم نفسه يُبلَّغ مرة واحدة.",
    "notifications.notificationdelivery.due_at": "لا يُرسل قبل هذا الوقت.",
    "notifications.notificationdelivery.reason": "لماذا هو في هذه الحالة، رمزًا.",
    "notifications.notificationpreference.digest_hour": "من 0 إلى 23، بتوقيت القاهرة.",
    "notifications.notificationpreference.digest_weekday": "للموجز الأسبوعي: 0 الاثنين، 6 الأحد.",
    "notifications.notificationpreference.overrides": "{النوع: {القناة: نعم أو لا}}، ما اختير خلافًا للافتراضي.",
    "notifications.notificationpreference.quiet_from": "بتوقيت القاهرة؛ لا بريد ولا تنبيه منذ ذلك الوقت،",
    "notifications.notificationpreference.quiet_to": "حتى هذا الوقت. الوقت نفسه مرتين: بلا هدوء.",
}
