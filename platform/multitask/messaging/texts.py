"""What the platform itself writes into a conversation, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multitask.common.text import Text

LINES: dict[str, Text] = {
    "accepted": Text(
        "“{task}” was given to the freelancer. You can agree on everything else here.",
        "أُسندت «{task}» إلى المستقل. يمكنكما الاتفاق على كل التفاصيل هنا.",
    ),
    "delivered": Text(
        "The work on “{task}” was delivered. The client completes it or asks for changes.",
        "سُلّم العمل على «{task}». على العميل أن يكملها أو يطلب تعديلات.",
    ),
    "changes_requested": Text(
        "The client asked for changes to “{task}”: {reason}", "طلب العميل تعديلات على «{task}»: {reason}"
    ),
    "completed": Text(
        "“{task}” is complete. You can review each other now.",
        "اكتملت «{task}». يمكنكما الآن تبادل التقييم.",
    ),
    "cancelled": Text("“{task}” was cancelled.", "أُلغيت «{task}»."),
    "cancelled_reason": Text("“{task}” was cancelled: {reason}", "أُلغيت «{task}»: {reason}"),
    "cancelled_account": Text(
        "“{task}” was cancelled because one side's account was closed.",
        "أُلغيت «{task}» لأن حساب أحد الطرفين أُغلق.",
    ),
    "cancelled_deadline": Text(
        "“{task}” was closed because nobody was chosen before its deadline.",
        "أُغلقت «{task}» لأنه لم يُختر أحد قبل موعدها النهائي.",
    ),
}


def line(code: str, params: Mapping[str, Any], language: str | None = None) -> str:
    """A system line in `language` (the active one by default); "" for a code that no version knows any more."""
    text = LINES.get(code)
    return text.show(language, **params) if text else ""
