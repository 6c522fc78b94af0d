"""What each notification says, in both languages: by type, or by a wording of its own where a type has several."""

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
    # Several sentences of one type
    "application_rejected_reason": Wording(
        Text("Your application was not chosen", "لم يقع الاختيار على طلبك"),
        Text("The client of “{task}” wrote: {reason}", "كتب صاحب «{task}»: {reason}"),
    ),
    "application_withdrawn": Wording(
        Text("An application was withdrawn", "سُحب طلب على مهمتك"),
        Text("{sender} withdrew the application to “{task}”.", "سحب {sender} طلبه على «{task}»."),
    ),
    "task_delivered": Wording(
        Text("The work was delivered", "سُلّم العمل"),
        Text(
            "{sender} delivered “{task}”. Complete it, or ask for changes.",
            "سلّم {sender} «{task}». أكملها أو اطلب تعديلات.",
        ),
    ),
    "task_changes_requested": Wording(
        Text("Changes were asked for", "طُلبت تعديلات"),
        Text("The client of “{task}” wrote: {reason}", "كتب صاحب «{task}»: {reason}"),
    ),
    "task_cancelled_reason": Wording(
        Text("Task cancelled", "أُلغيت المهمة"),
        Text("“{task}” was cancelled: {reason}", "أُلغيت «{task}»: {reason}"),
    ),
    "task_cancelled_account": Wording(
        Text("Task cancelled", "أُلغيت المهمة"),
        Text(
            "“{task}” was cancelled because the other side's account was closed.",
            "أُلغيت «{task}» لأن حساب الطرف الآخر أُغلق.",
        ),
    ),
    "task_closed_deadline": Wording(
        Text("Closed: the deadline has passed", "أُغلقت: انتهى الموعد النهائي"),
        Text(
            "“{task}” was closed because nobody was chosen before its deadline.",
            "أُغلقت «{task}» لأنه لم يُختر أحد قبل موعدها النهائي.",
        ),
    ),
    "deadline_choose": Wording(
        Text("The deadline is near", "الموعد النهائي قريب"),
        Text(
            "“{task}” closes within a day. Choose somebody, or move the deadline.",
            "تُغلق «{task}» خلال يوم. اختر مستقلًا أو أجّل الموعد النهائي.",
        ),
    ),
    "deadline_deliver": Wording(
        Text("The deadline is near", "الموعد النهائي قريب"),
        Text("“{task}” is due within a day.", "موعد تسليم «{task}» خلال يوم."),
    ),
    "review_waiting": Wording(
        Text("You were reviewed", "كُتب تقييم عنك"),
        Text(
            "{sender} reviewed your work together on “{task}”. Write yours to see it; it is shown in any case {days} "
            "days after completion.",
            "قيّم {sender} عملكما معًا على «{task}». اكتب تقييمك لتراه، وسيظهر على أي حال بعد {days} يومًا من الاكتمال.",
        ),
    ),
    "review_replied": Wording(
        Text("Your review was answered", "رُدّ على تقييمك"),
        Text("{sender} replied to your review of “{task}”.", "ردّ {sender} على تقييمك لـ«{task}»."),
    ),
    "review_removed": Wording(
        Text("Your review was removed", "حُذف تقييمك"),
        Text(
            "Your review of “{task}” was removed by an administrator: {reason}",
            "حذف أحد المديرين تقييمك لـ«{task}»: {reason}",
        ),
    ),
}
