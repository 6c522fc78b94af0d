"""What each notification says, in both languages: by type, or by a wording of its own where a type has several."""

from __future__ import annotations

from dataclasses import dataclass

from multitask.common.text import Plural, Text
from multitask.notifications.models import NotificationType


@dataclass(frozen=True, slots=True)
class Many:
    """What is said of several events of one group: the places are those of the newest, and `{count}`.

    `link` is where it leads when that is not where the newest one leads.
    """

    title: Plural
    message: Plural
    link: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    title: Text
    message: Text
    many: Many | None = None


APPLICATIONS = Many(
    Plural(
        {"other": "{count} new applications for your task"},
        {
            "two": "طلبان جديدان على مهمتك",
            "few": "{count} طلبات جديدة على مهمتك",
            "many": "{count} طلبًا جديدًا على مهمتك",
            "other": "{count} طلب جديد على مهمتك",
        },
    ),
    Plural(
        {"other": "“{task}” has {count} new applications, the newest from {sender}."},
        {
            "two": "وصل إلى «{task}» طلبان جديدان، أحدثهما من {sender}.",
            "few": "وصلت إلى «{task}» {count} طلبات جديدة، أحدثها من {sender}.",
            "many": "وصل إلى «{task}» {count} طلبًا جديدًا، أحدثها من {sender}.",
            "other": "وصل إلى «{task}» {count} طلب جديد، أحدثها من {sender}.",
        },
    ),
)
MATCHES = Many(
    Plural(
        {"other": "{count} new tasks suit you"},
        {
            "two": "مهمتان جديدتان تناسبانك",
            "few": "{count} مهام جديدة تناسبك",
            "many": "{count} مهمة جديدة تناسبك",
            "other": "{count} مهمة جديدة تناسبك",
        },
    ),
    Plural(
        {"other": "The newest: “{task}”, a {percent}% match."},
        {"two": "أحدثهما «{task}» بتطابق {percent}%.", "other": "أحدثها «{task}» بتطابق {percent}%."},
    ),
    link="/recommendations",
)
MESSAGES = Many(
    Plural(
        {"other": "{count} new messages from {sender}"},
        {
            "two": "رسالتان جديدتان من {sender}",
            "few": "{count} رسائل جديدة من {sender}",
            "many": "{count} رسالة جديدة من {sender}",
            "other": "{count} رسالة جديدة من {sender}",
        },
    ),
    Plural(
        {"other": "{sender} wrote, most recently: {text}"},
        {"other": "آخر ما كتبه {sender}: {text}"},
    ),
)


WORDINGS: dict[str, Wording] = {
    NotificationType.RECOMMENDATION: Wording(
        Text("A new task suits you: {percent}% match", "مهمة جديدة تناسبك: تطابق {percent}%"),
        Text("“{task}” was just posted.", "نُشرت للتو «{task}»."),
        MATCHES,
    ),
    NotificationType.NEW_MESSAGE: Wording(
        Text("New message from {sender}", "رسالة جديدة من {sender}"),
        Text("{sender} wrote: {text}", "كتب {sender}: {text}"),
        MESSAGES,
    ),
    NotificationType.TASK_APPLICATION: Wording(
        Text("New application for your task", "طلب جديد على مهمتك"),
        Text("{sender} applied to “{task}”.", "تقدّم {sender} إلى «{task}»."),
        APPLICATIONS,
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
    # Reminders
    "deadline_deliver_soon": Wording(
        Text("Due in less than two hours", "موعد التسليم خلال أقل من ساعتين"),
        Text(
            "“{task}” is due in less than two hours. Deliver it, or write to its client.",
            "موعد تسليم «{task}» خلال أقل من ساعتين. سلّمها أو راسل صاحبها.",
        ),
    ),
    "applications_waiting": Wording(
        Text("Applications wait for your answer: {waiting}", "طلبات تنتظر ردك: {waiting}"),
        Text(
            "Somebody has waited for your answer on “{task}” for more than {days} days. Choose one, or say no.",
            "ينتظر متقدّم ردك على «{task}» منذ أكثر من {days} أيام. اختر واحدًا أو اعتذر.",
        ),
    ),
    "review_write": Wording(
        Text("How was it?", "كيف كانت التجربة؟"),
        Text(
            "“{task}” is complete, and {sender} has no review from you yet. Two sentences help whoever comes next.",
            "اكتملت «{task}» ولم تكتب بعد تقييمًا لـ{sender}. جملتان منك تنفعان من يأتي بعدك.",
        ),
    ),
    "delivery_waiting": Wording(
        Text("A delivery waits for you", "عمل مُسلَّم ينتظرك"),
        Text(
            "{sender} delivered “{task}” more than {days} days ago. Complete it, or ask for changes.",
            "سلّم {sender} «{task}» منذ أكثر من {days} أيام. أكملها أو اطلب تعديلات.",
        ),
    ),
    "task_no_applications": Wording(
        Text("Nobody has applied yet", "لم يتقدّم أحد بعد"),
        Text(
            "“{task}” has no application after {days} days. A clearer description, the skills it needs or another "
            "budget often help.",
            "لم يتقدّم أحد إلى «{task}» بعد {days} أيام. وصف أوضح، أو ذكر المهارات المطلوبة، أو ميزانية أخرى، كثيرًا ما "
            "يساعد.",
        ),
    ),
    "message_unread": Wording(
        Text("A message waits for you", "رسالة تنتظرك"),
        Text("{sender} wrote to you more than a day ago.", "كتب إليك {sender} منذ أكثر من يوم."),
    ),
}
