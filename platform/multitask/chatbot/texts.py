"""What the assistant says beside its conversations (`ml.chatbot.flows.sentences`) and its model."""

from __future__ import annotations

from multitask.common.text import Text

# By why the model does not answer: the first words of an answer that stands in for it.
WHY: dict[str, Text] = {
    "no_key": Text(
        "I cannot talk freely here: no language model is set up.",
        "لا أستطيع التحدث بحرية هنا: لم يُضبط نموذج لغوي.",
    ),
    "away": Text("My language model does not answer at the moment.", "نموذجي اللغوي لا يستجيب الآن."),
    "busy": Text(
        "Too many people are asking at the moment. Please ask again in a few minutes.",
        "كثيرون يسألون الآن. أعد السؤال بعد دقائق من فضلك.",
    ),
    "budget": Text(
        "You have used up today's free conversation. I answer freely again tomorrow; everything else works as always.",
        "استنفدت محادثتك الحرة لهذا اليوم. أجيبك بحرية غدًا من جديد، وكل ما عداها يعمل كالمعتاد.",
    ),
    "blocked": Text(
        "I may not answer that. Ask in another way, or about something else.",
        "لا يمكنني الإجابة عن هذا. اسأل بطريقة أخرى أو عن شيء آخر.",
    ),
    "empty": Text(
        "I found no words for that. Please ask in another way.",
        "لم أجد جوابًا لهذا. اسأل بطريقة أخرى من فضلك.",
    ),
    "lost": Text(
        "Your question could not be answered. Please ask again.",
        "تعذّرت الإجابة عن سؤالك. اسأل من جديد من فضلك.",
    ),
}
FROM_HELP = Text("From the help pages: **{question}**", "من صفحات المساعدة: **{question}**")
STILL_CAN = Text(
    "I can still find tasks that suit you, create a task with you step by step, open pages and answer questions about "
    "Multitask.",
    "ما زلت أستطيع أن أجد لك مهام مناسبة وأنشئ معك مهمة خطوة بخطوة وأفتح الصفحات وأجيب عن أسئلتك عن Multitask.",
)
WAITING = Text(
    "Many people are asking at the moment: your answer comes in about {wait} seconds.",
    "كثيرون يسألون الآن: يأتيك الجواب بعد نحو {wait} ثانية.",
)
HELP_PAGE = Text("Help", "المساعدة")


def spoken(language: str) -> str:
    """The language of sentences for a language that is spoken: Arabic in Latin letters is answered in Arabic."""
    return "en" if language == "en" else "ar"
