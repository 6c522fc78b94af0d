"""Names of conversations for operators, in Arabic: see `names.py`."""

from __future__ import annotations

MODELS: dict[str, tuple[str, str]] = {
    "messaging.conversation": ("محادثة", "المحادثات"),
    "messaging.message": ("رسالة", "الرسائل"),
    "messaging.participant": ("طرف محادثة", "أطراف المحادثات"),
}

FIELDS: dict[str, str] = {
    "messaging.conversation.high_user_id": "الطرف ذو الرقم الأكبر",
    "messaging.conversation.is_active": "مفتوحة",
    "messaging.conversation.last_message": "آخر رسالة",
    "messaging.conversation.last_message_at": "آخر رسالة في",
    "messaging.conversation.last_message_content": "نص آخر رسالة",
    "messaging.conversation.last_message_sender": "مرسل آخر رسالة",
    "messaging.conversation.low_user_id": "الطرف ذو الرقم الأصغر",
    "messaging.conversation.participants": "الطرفان",
    "messaging.message.attachment": "المرفق",
    "messaging.message.client_id": "اسمها لدى المرسل",
    "messaging.message.code": "سطر النظام",
    "messaging.message.content": "المحتوى",
    "messaging.message.conversation": "المحادثة",
    "messaging.message.message_type": "نوع الرسالة",
    "messaging.message.sender": "المرسل",
    "messaging.participant.conversation": "المحادثة",
    "messaging.participant.delivered_up_to": "وصل إليه حتى",
    "messaging.participant.moved_at": "تحركت في",
    "messaging.participant.read_up_to": "قرأ حتى",
    "messaging.participant.unread_count": "غير المقروء",
}

HELP: dict[str, str] = {
    "messaging.conversation.is_active": "لا متى أُغلق حساب أحد الطرفين: تُقرأ ولا يُكتب فيها.",
    "messaging.conversation.last_message_content": "أول حروفها؛ سطر النظام بالإنجليزية.",
    "messaging.conversation.low_user_id": "الرقم الأصغر من رقمي الطرفين.",
    "messaging.message.client_id": "الاسم نفسه مرتين رسالة واحدة.",
    "messaging.message.code": "أي سطر من أسطر النظام.",
    "messaging.message.content": "سطر النظام بالإنجليزية؛ يُصاغ عند القراءة.",
    "messaging.message.params": "ما يملأ فراغات السطر.",
    "messaging.message.search_text": "كلماتها بتهجئة واحدة، ومن يجدها.",
    "messaging.message.sender": "فارغ في سطر النظام.",
    "messaging.participant.delivered_up_to": "رقم أحدث رسالة وصلت إلى أحد أجهزته.",
    "messaging.participant.moved_at": "متى جدّ فيها شيء آخر مرة: موضعها في القائمة.",
    "messaging.participant.read_up_to": "رقم أحدث رسالة مقروءة.",
    "messaging.participant.unread_count": "رسائل الطرف الآخر بعد ما قُرئ.",
}
