"""Every sentence of the conversations in both languages. Those of creating a task are promised word for word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with `{named}` places."""

    en: str
    ar: str

    def of(self, language: str) -> str:
        return self.en if language == "en" else self.ar


@dataclass(frozen=True, slots=True)
class Counted:
    """A sentence about `{count}` things; Arabic by CLDR's categories (Unicode CLDR 46, Language Plural Rules)."""

    en: Mapping[str, str]
    ar: Mapping[str, str]

    def of(self, number: int) -> Sentence:
        rest = number % 100
        if number <= 2:
            arabic = ("zero", "one", "two")[max(0, number)]
        else:
            arabic = "few" if 3 <= rest <= 10 else "many" if rest >= 11 else "other"
        english = "one" if number == 1 else "zero" if number == 0 else "other"
        return Sentence(self.en.get(english, self.en["other"]), self.ar.get(arabic, self.ar["other"]))


FIELD_NAMES = {
    "title": Sentence("Title", "العنوان"),
    "description": Sentence("Description", "الوصف"),
    "category": Sentence("Category", "الفئة"),
    "budget": Sentence("Budget", "الميزانية"),
    "location": Sentence("Location", "المكان"),
    "deadline": Sentence("Deadline", "الموعد النهائي"),
}

SENTENCES: dict[str, Sentence | Counted] = {
    "as_is": Sentence("{en}", "{ar}"),
    # Creating a task
    "create.begin": Sentence(
        "Sure. Let's create your task step by step.", "بكل سرور. لننشئ مهمتك خطوة بخطوة."
    ),
    "create.took": Sentence("From what you wrote I have taken:\n{lines}", "أخذت مما كتبته:\n{lines}"),
    "create.line": Sentence("- {name}: {value}", "- {name}: {value}"),
    "create.category_line": Sentence("{number}. {name}", "{number}. {name}"),
    "ask.title": Sentence("What is the task title?", "ما عنوان المهمة؟"),
    "ask.description": Sentence(
        "Please describe the task requirements in detail.", "من فضلك صف متطلبات المهمة بالتفصيل."
    ),
    "ask.category": Sentence("What category does this task belong to?", "إلى أي فئة تنتمي هذه المهمة؟"),
    "ask.budget": Sentence("What is your budget in EGP?", "ما ميزانيتك بالجنيه المصري؟"),
    "ask.location": Sentence(
        "Is this task remote or tied to a specific location?", "هل المهمة عن بُعد أم مرتبطة بمكان محدد؟"
    ),
    "ask.place": Sentence("In which city, or at which address?", "في أي مدينة أو عنوان؟"),
    "ask.deadline": Sentence(
        'By which day should it be done? ("skip" for no deadline)',
        "في أي يوم يجب أن تنتهي؟ («تخطي» إن لم يكن لها موعد)",
    ),
    "ask.change": Sentence("What should be changed?", "ما الذي تريد تعديله؟"),
    "ask.confirm": Sentence("Shall I create this task?", "هل أنشئ هذه المهمة؟"),
    "create.present": Sentence(
        'At present: {value}\nWrite something else, or "keep".', "الحالي: {value}\nاكتب غيره، أو «خليه»."
    ),
    "create.draft": Sentence("Here is your draft:\n{lines}", "هذه مسودتك:\n{lines}"),
    "create.done": Sentence(
        "Your task **{title}** has been created successfully. Freelancers can now see and apply to it.",
        "أُنشئت مهمتك **{title}** بنجاح. يمكن للمستقلين الآن رؤيتها والتقدم إليها.",
    ),
    "create.view": Sentence("View Your Tasks", "عرض مهامك"),
    "create.cancelled": Sentence(
        "The draft is cancelled, and nothing was created.", "أُلغيت المسودة ولم يُنشأ شيء."
    ),
    "create.restarted": Sentence("All right, from the beginning.", "حسنًا، من البداية."),
    "create.first": Sentence("This is the first question.", "هذا أول سؤال."),
    "create.needed": Sentence("A task cannot do without this.", "لا بد من هذا في المهمة."),
    "create.resumed": Sentence("Let's go on with your task.", "لنكمل مهمتك."),
    "create.back_to": Sentence("Back to your task:", "نعود إلى مهمتك:"),
    "create.busy": Sentence(
        "You have a draft already. Shall we go on with it, or start over?",
        "لديك مسودة بالفعل. هل نكملها أم نبدأ من جديد؟",
    ),
    "create.yes_or_no": Sentence("Please answer yes or no.", "أجب بنعم أو لا من فضلك."),
    "create.deadline_gone": Sentence(
        "The deadline of your draft has passed meanwhile, so I took it out.",
        "مرّ الموعد النهائي في مسودتك، فحذفته.",
    ),
    # What is wrong with an answer
    "title.short": Sentence("Title must be at least 5 characters.", "يجب ألا يقل العنوان عن 5 أحرف."),
    "title.long": Sentence(
        "Title must be at most {limit} characters; this has {length}.",
        "يجب ألا يزيد العنوان على {limit} حرف؛ هذا {length} حرفًا.",
    ),
    "description.long": Sentence(
        "Description must be at most {limit} characters; this has {length}.",
        "يجب ألا يزيد الوصف على {limit} حرف؛ هذا {length} حرفًا.",
    ),
    "words.none": Sentence("Write some words: letters are missing.", "اكتب كلمات: النص لا يحتوي على حروف."),
    "category.unknown": Sentence(
        "I do not know this category. Choose one by its name or number:\n{lines}",
        "لا أعرف هذه الفئة. اختر واحدة بالاسم أو بالرقم:\n{lines}",
    ),
    "category.which": Sentence("Which of these do you mean?", "أي هذه تقصد؟"),
    "budget.invalid": Sentence(
        "Budget must be a valid number in EGP.", "يجب أن تكون الميزانية رقمًا صحيحًا بالجنيه المصري."
    ),
    "budget.range": Sentence(
        "A budget is between {low} and {high} EGP.", "الميزانية بين {low} و{high} جنيه."
    ),
    "budget.one": Sentence(
        "A task has one budget: write a single amount.", "للمهمة ميزانية واحدة: اكتب مبلغًا واحدًا."
    ),
    "location.unclear": Sentence(
        'Write "remote", or a city or address of at most {limit} characters.',
        "اكتب «عن بُعد» أو مدينة أو عنوانًا لا يزيد على {limit} حرفًا.",
    ),
    "deadline.unclear": Sentence(
        'I do not understand this day. Write one such as "next Thursday" or 25/12.',
        "لم أفهم هذا اليوم. اكتب مثل «الخميس القادم» أو 25/12.",
    ),
    "deadline.past": Sentence("The deadline is in the past.", "الموعد النهائي في الماضي."),
    "change.unknown": Sentence("Choose one of these.", "اختر واحدًا من هذه."),
    # How values are shown
    "value.budget": Sentence("{amount} EGP", "{amount} جنيه"),
    "value.remote": Sentence("Remote", "عن بُعد"),
    "value.anywhere": Sentence("Not given", "غير محدد"),
    # Buttons
    "button.yes": Sentence("Yes", "نعم"),
    "button.no": Sentence("No", "لا"),
    "button.edit": Sentence("Edit", "تعديل"),
    "button.cancel": Sentence("Cancel", "إلغاء"),
    "button.skip": Sentence("Skip", "تخطي"),
    "button.keep": Sentence("Keep", "خليه"),
    "button.remote": Sentence("Remote", "عن بُعد"),
    "button.place": Sentence("Specific location", "مكان محدد"),
    "button.continue": Sentence("Continue", "كمل"),
    "button.restart": Sentence("Start over", "ابدأ من جديد"),
    # Asking which was meant
    "choose.which": Sentence("What would you like me to do?", "ماذا تريدني أن أفعل؟"),
    "choose.RECOMMEND_TASKS": Sentence("Show me tasks", "اعرض لي مهام"),
    "choose.CREATE_TASK": Sentence("Create a new task", "أنشئ مهمة جديدة"),
    "choose.NAVIGATION": Sentence("Open a page", "افتح صفحة"),
    "choose.HELP": Sentence("Help with Multitask", "مساعدة في Multitask"),
    "choose.GENERAL_CHAT": Sentence("Just chat", "دردشة فقط"),
    # Looking things up
    "recommendations.found": Counted(
        en={
            "zero": "Nothing suits you at the moment. Add skills and interests to your profile: new tasks are matched "
            "with them within seconds.",
            "one": "I found 1 task that matches your skills and preferences.",
            "other": "I found {count} tasks that match your skills and preferences.",
        },
        ar={
            "zero": "لا شيء يناسبك الآن. أضف مهارات واهتمامات إلى ملفك: المهام الجديدة تُطابَق بها خلال ثوانٍ.",
            "one": "وجدت مهمة واحدة تناسب مهاراتك وتفضيلاتك.",
            "two": "وجدت مهمتين تناسبان مهاراتك وتفضيلاتك.",
            "few": "وجدت {count} مهام تناسب مهاراتك وتفضيلاتك.",
            "many": "وجدت {count} مهمة تناسب مهاراتك وتفضيلاتك.",
            "other": "وجدت {count} مهمة تناسب مهاراتك وتفضيلاتك.",
        },
    ),
    "recommendations.view": Sentence("View Recommended Tasks", "عرض المهام المناسبة"),
    "tasks.found": Counted(
        en={
            "zero": "I found no open task like that. Fewer conditions or other words find more.",
            "one": "I found 1 task.",
            "other": "I found {count} tasks.",
        },
        ar={
            "zero": "لم أجد مهمة مفتوحة كهذه. شروط أقل أو كلمات أخرى تجد أكثر.",
            "one": "وجدت مهمة واحدة.",
            "two": "وجدت مهمتين.",
            "few": "وجدت {count} مهام.",
            "many": "وجدت {count} مهمة.",
            "other": "وجدت {count} مهمة.",
        },
    ),
    "tasks.view": Sentence("View Tasks", "عرض المهام"),
    "my_tasks.none": Sentence("You have not posted a task yet.", "لم تنشر مهمة بعد."),
    "my_tasks.counts": Sentence("Your tasks:\n{lines}", "مهامك:\n{lines}"),
    "my_tasks.view": Sentence("View Your Tasks", "عرض مهامك"),
    "my_applications.none": Sentence("You have not applied to a task yet.", "لم تتقدم إلى مهمة بعد."),
    "my_applications.counts": Sentence("Your applications:\n{lines}", "طلباتك:\n{lines}"),
    "my_applications.view": Sentence("View Your Applications", "عرض طلباتك"),
    "status.line": Sentence("- {name}: {count}", "- {name}: {count}"),
    "status.OPEN": Sentence("Open", "مفتوحة"),
    "status.IN_PROGRESS": Sentence("In progress", "قيد التنفيذ"),
    "status.COMPLETED": Sentence("Completed", "مكتملة"),
    "status.CANCELLED": Sentence("Cancelled", "ملغاة"),
    "status.PENDING": Sentence("Waiting", "بانتظار الرد"),
    "status.ACCEPTED": Sentence("Accepted", "مقبول"),
    "status.REJECTED": Sentence("Not chosen", "لم يُختر"),
    "status.WITHDRAWN": Sentence("Withdrawn", "مسحوب"),
    # Pages
    "navigate.where": Sentence("Where would you like to go?", "إلى أين تريد الذهاب؟"),
    "navigate.opening": Sentence("Opening {page}.", "أفتح {page}."),
    # Help
    "help.menu": Sentence(
        "I can find tasks that suit you, create a task with you step by step, open pages, tell you how your tasks and "
        "applications stand, and answer questions about Multitask. What would you like?",
        "أستطيع أن أجد لك مهام مناسبة، وأنشئ معك مهمة خطوة بخطوة، وأفتح الصفحات، وأخبرك بحالة مهامك وطلباتك، وأجيب عن "
        "أسئلتك عن Multitask. ماذا تريد؟",
    ),
    "help.answer": Sentence("{en}", "{ar}"),
    "help.guess": Sentence(
        "I am not sure that this is what you asked: **{question}**", "لست متأكدًا أن هذا سؤالك: **{question}**"
    ),
    "help.none": Sentence(
        "I have no answer to that. The help page lists everything that can be asked about Multitask.",
        "ليس لدي جواب عن ذلك. في صفحة المساعدة كل ما يمكن السؤال عنه في Multitask.",
    ),
}
