"""What each notification says, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from multitask.common.text import Text
from multitask.notifications.models import NotificationType


@dataclass(frozen=True, slots=True)
class Wording:
    title: Text
    message: Text


WORDINGS: dict[str, Wording] = {
    NotificationType.RECOMMENDATION: Wording(
        Text("A new task suits you: {percent}% match", "مهمة جديدة تناسبك: تطابق {percent}%"),
        Text("“{task}” was just posted.", "نُشرت للتو «{task}»."),
    ),
    NotificationType.TASK_APPLICATION: Wording(
        Text("New application for your task", "طلب جديد على مهمتك"),
        Text("{sender} applied to “{task}”.", "تقدّم {sender} إلى «{task}»."),
    ),
    NotificationType.APPLICATION_ACCEPTED: Wording(
        Text("Your application was accepted", "قُبل طلبك"),
        Text("You were chosen for “{task}”.", "تم اختيارك لتنفيذ «{task}»."),
    ),
    NotificationType.APPLICATION_REJECTED: Wording(
        Text("Your application was not chosen", "لم يقع الاختيار على طلبك"),
        Text(
            "Another freelancer was chosen for “{task}”, or it was closed.",
            "اختير مستقل آخر لتنفيذ «{task}» أو أُغلقت.",
        ),
    ),
    NotificationType.TASK_COMPLETED: Wording(
        Text("Task completed", "اكتملت المهمة"),
        Text(
            "“{task}” is complete. You can review each other now.",
            "اكتملت «{task}». يمكنكما الآن تبادل التقييم.",
        ),
    ),
    NotificationType.TASK_CANCELLED: Wording(
        Text("Task cancelled", "أُلغيت المهمة"),
        Text("“{task}” was cancelled.", "أُلغيت «{task}»."),
    ),
    NotificationType.REVIEW_RECEIVED: Wording(
        Text("You have a new review", "لديك تقييم جديد"),
        Text("{sender} reviewed your work together on “{task}”.", "قيّم {sender} عملكما معًا على «{task}»."),
    ),
}
