"""What the page of the pipeline says, in both languages."""

from __future__ import annotations

import math

from multitask.common.text import Text

SECONDS = Text("{number} s", "{number} ث")
MINUTES = Text("{number} min", "{number} د")
HOURS = Text("{number} h", "{number} س")
DAYS = Text("{number} d", "{number} ي")
NEVER = Text("never", "لم يحدث بعد")

DATABASE_AWAY = Text(
    "The database does not answer, so there is nothing to show. Requests fail too: see its log first.",
    "قاعدة البيانات لا تجيب، فلا شيء يُعرض. الطلبات تفشل أيضًا: انظر سجلها أولًا.",
)
UNREAD = Text(
    "These figures could not be read in time: {parts}. The database is slow, or a table has grown beyond them.",
    "تعذرت قراءة هذه الأرقام في وقتها: {parts}. قاعدة البيانات بطيئة، أو كبر أحد الجداول.",
)
PART_SILENT = Text(
    "{part} was last seen {ago} ago. Look at its process and log.",
    "آخر ظهور لـ {part} قبل {ago}. انظر عمليته وسجله.",
)
PART_NEVER = Text(
    "{part} has not been seen yet. Is its process running?", "لم يظهر {part} بعد. هل تعمل عمليته؟"
)
BROKER_AWAY = Text(
    "Redis does not answer. Requests are served; jobs wait and go on by themselves when it is back.",
    "Redis لا يجيب. الطلبات تُخدم، والأعمال تنتظر وتستأنف من نفسها عند عودته.",
)
QUEUE_LATE = Text(
    "The oldest job of the queue {queue} has been due for {age}. More work than workers, or a worker that hangs.",
    "أقدم عمل في طابور {queue} مستحق منذ {age}. العمل أكثر من العمال، أو عامل متوقف.",
)
EVENTS_LATE = Text(
    "{number} events wait for the relay, the oldest for {age}. Look at the relay.",
    "{number} حدثًا ينتظر الموزّع، أقدمها منذ {age}. انظر الموزّع.",
)
DEAD_WAIT = Text(
    "Dead letters: {number}. Read the error below, mend the cause, then send them again.",
    "رسائل ميتة: {number}. اقرأ الخطأ أدناه، وأصلح السبب، ثم أعد إرسالها.",
)
LISTS_STALE = Text(
    "{number} of {total} lists are older than what they are made from. See the queue recommend.",
    "{number} من {total} قائمة أقدم مما بُنيت منه. انظر طابور recommend.",
)
MAIL_AWAY = Text(
    "The mail server failed {number} times in a row; it is left alone for {pause}. Mails wait and are not lost.",
    "فشل خادم البريد {number} مرات متتالية، ويُترك {pause}. الرسائل تنتظر ولا تضيع.",
)
MAIL_REFUSED = Text(
    "{number} of {total} mails of the last hour were refused. Read their errors under Sent mails.",
    "رُفضت {number} من {total} رسالة في الساعة الأخيرة. اقرأ أخطاءها في الرسائل المرسلة.",
)
CHANNEL_FAILED = Text(
    "{number} of {total} notifications by {channel} failed in the last hour. Their reasons are with the deliveries.",
    "فشل {number} من {total} إشعارًا عبر {channel} في الساعة الأخيرة. الأسباب مع سجلات التسليم.",
)
MODEL_RESTS = Text(
    "The language model fails and is given a rest. Questions are answered from the help base. Read the log of worker-chat.",
    "النموذج اللغوي يفشل فيُترك قليلًا. الأسئلة يُجاب عنها من قاعدة المساعدة. اقرأ سجل worker-chat.",
)
MODEL_CROWDED = Text(
    "{number} questions to the assistant wait for a place among the calls. Raise GEMINI_CALLS_PER_MINUTE if your plan allows.",
    "{number} سؤالًا للمساعد ينتظر دوره بين النداءات. ارفع GEMINI_CALLS_PER_MINUTE إن سمحت خطتك.",
)
ANSWERS_LOST = Text(
    "{number} of {total} free questions of the last hour were not answered at all. Look at the queue chat and its dead letters.",
    "{number} من {total} سؤالًا حرًا في الساعة الأخيرة بقي بلا جواب. انظر طابور chat ورسائله الميتة.",
)
BREAKER: dict[str, Text] = {
    "closed": Text("is asked", "يُسأل"),
    "open": Text("is given a rest", "يُترك قليلًا"),
    "half_open": Text("is tried again", "يُجرَّب من جديد"),
}

RETRIED = Text("Dead letters that will run again: {number}", "رسائل ميتة ستعمل من جديد: {number}")
RETRIED_NONE = Text(
    "Nothing to send again: somebody else has done it already, or it has run since.",
    "لا شيء يُعاد إرساله: سبقك غيرك إليه، أو أنه عمل منذئذ.",
)

TITLE = Text("Pipeline", "خط العمل")
DONE_AND_FAILED = Text("Jobs a minute", "أعمال في الدقيقة")
DONE = Text("done", "انتهى")
FAILED = Text("failed attempts", "محاولات فشلت")
WAITING = Text("Jobs waiting", "أعمال تنتظر")
OLDEST = Text("Oldest waiting job, in seconds", "أقدم عمل ينتظر، بالثواني")
STALE = Text("Lists that are behind, in percent", "قوائم متأخرة، بالمئة")
DEAD = Text("Dead letters", "رسائل ميتة")

PARTS: dict[str, Text] = {
    "relay": Text("Relay", "الموزّع"),
    "beat": Text("Beat (schedules)", "المجدول"),
}
QUEUE = Text("Queue {name}", "طابور {name}")


def duration(seconds: float) -> str:
    """A length of time as short as it can be read, in the active language: 40 s, 3 min, 5 h, 2 d."""
    if math.isinf(seconds):
        return NEVER.show()
    for text, length in ((DAYS, 86_400), (HOURS, 3_600), (MINUTES, 60)):
        if seconds >= 2 * length:
            return text.show(number=int(seconds // length))
    return SECONDS.show(number=int(seconds))


def part_name(part: str) -> str:
    """ "relay", "beat" or "queue:NAME" as it is shown."""
    if part in PARTS:
        return PARTS[part].show()
    return QUEUE.show(name=part.removeprefix("queue:"))
