"""Names of mails for operators, in Arabic: see `names.py`."""

from __future__ import annotations

MODELS: dict[str, tuple[str, str]] = {
    "mail.addressstate": ("حال عنوان بريد", "أحوال عناوين البريد"),
    "mail.mailgate": ("خادم البريد", "خادم البريد"),
    "mail.mailreport": ("بلاغ مزود البريد", "بلاغات مزود البريد"),
    "mail.sentmail": ("رسالة بريد", "رسائل البريد"),
}

FIELDS: dict[str, str] = {
    "mail.addressstate.address_key": "بصمة العنوان",
    "mail.addressstate.bounced_at": "ارتد في",
    "mail.addressstate.complained_at": "اشتُكي منها في",
    "mail.addressstate.domain": "النطاق",
    "mail.addressstate.hard_bounced_at": "ارتد نهائيًا في",
    "mail.addressstate.score": "درجة الارتداد",
    "mail.mailgate.closed_until": "متوقف حتى",
    "mail.mailreport.address_key": "بصمة العنوان",
    "mail.mailreport.kind": "نوع البلاغ",
    "mail.mailreport.mail": "الرسالة",
    "mail.mailreport.provider": "المزوّد",
    "mail.mailreport.report_id": "معرّف البلاغ",
    "mail.sentmail.address_key": "بصمة العنوان",
    "mail.sentmail.busy_until": "مشغولة حتى",
    "mail.sentmail.error": "آخر رد من الخادم",
    "mail.sentmail.key": "اسم الرسالة",
    "mail.sentmail.language": "اللغة",
    "mail.sentmail.mail_class": "صنف الرسالة",
    "mail.sentmail.message_id": "معرّف الرسالة",
    "mail.sentmail.provider_id": "معرّفها عند المزوّد",
    "mail.sentmail.reason": "سبب عدم الإرسال",
    "mail.sentmail.state": "الحالة",
}

HELP: dict[str, str] = {
    "mail.addressstate.address_key": "بصمة بمفتاح للعنوان.",
    "mail.addressstate.detail": "آخر ما قيل.",
    "mail.addressstate.score": "الارتداد: المؤقت 1 والنهائي 2، وينقص 0.1 مع كل إرسال ناجح.",
    "mail.mailgate.failures": "متتالية؛ 0 ما دام سليمًا.",
    "mail.mailreport.report_id": "بصمة ما يسميه به المزوّد.",
    "mail.sentmail.address_key": "بصمة بمفتاح للعنوان الذي تذهب إليه.",
    "mail.sentmail.busy_until": "عامل يرسلها الآن، ويُعدّ منتهيًا بعد هذا الوقت.",
    "mail.sentmail.error": "آخر ما قاله الخادم.",
    "mail.sentmail.key": "ما تُعرف به الرسالة، مثل digest:12:2026-10-29.",
    "mail.sentmail.message_id": "المعرّف Message-ID، مأخوذ من الاسم.",
    "mail.sentmail.provider_id": "ما يسميها به المزوّد.",
    "mail.sentmail.reason": "رمز سبب عدم إرسالها.",
}
