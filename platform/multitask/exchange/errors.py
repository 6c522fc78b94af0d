"""What can be wrong with a line, in both languages."""

from __future__ import annotations

from multitask.common.errors import MESSAGES, DomainError
from multitask.common.text import Text

LINE_MESSAGES: dict[str, Text] = {
    "line_too_long": Text(
        "The line is longer than {limit} bytes. Check that every object ends with a line break.",
        "السطر أطول من {limit} بايت. تأكد أن كل كائن ينتهي بسطر جديد.",
    ),
    "bad_utf8": Text(
        "The line is not UTF-8. Save the file as UTF-8.", "السطر ليس بترميز UTF-8. احفظ الملف بترميز UTF-8."
    ),
    "bad_json": Text("The line is not JSON: {reason}", "السطر ليس بصيغة JSON: {reason}"),
    "bad_row": Text("The row cannot be read: {reason}", "تعذّرت قراءة الصف: {reason}"),
    "columns": Text(
        "The row has {found} columns, the header {expected}. Is a quote or a line break missing?",
        "في الصف {found} أعمدة، وفي العنوان {expected}. هل تنقص علامة اقتباس أو سطر جديد؟",
    ),
    "not_object": Text(
        "The line is not a JSON object. Write one object a line: {…}.",
        "السطر ليس كائن JSON. اكتب كائنًا واحدًا في كل سطر: {…}.",
    ),
    "unknown_type": Text(
        "The type is {found}; it must be one of {choices}.", "النوع {found}؛ يجب أن يكون واحدًا من {choices}."
    ),
    "bad_ref": Text("A ref is a text of 1 to 200 characters.", "المرجع (ref) نص من 1 إلى 200 حرف."),
    "unknown_field": Text(
        "There is no such field. See docs/import.md for the fields of this type.",
        "لا يوجد حقل بهذا الاسم. راجع docs/import.md لحقول هذا النوع.",
    ),
    "missing": Text("This field is needed.", "هذا الحقل مطلوب."),
    "wrong_kind": Text("This must be {expected}.", "يجب أن تكون القيمة: {expected}."),
    "not_a_choice": Text("{found} is not one of {choices}.", "القيمة {found} ليست من {choices}."),
    "too_long": MESSAGES["too_long"],
    "bad_character": Text(
        "A text holds a character that cannot be stored (NUL, or half of a pair).",
        "النص يحتوي على حرف لا يمكن تخزينه (NUL أو نصف زوج).",
    ),
    "bad_username": Text(
        "A user name has letters, digits and @ . + - _ only, at most 150.",
        "اسم المستخدم حروف وأرقام و@ . + - _ فقط، بحد أقصى 150.",
    ),
    "bad_email": Text("This is not an e-mail address.", "هذا ليس بريدًا إلكترونيًا صحيحًا."),
    "weak_password": Text("The password is too weak: {reason}", "كلمة المرور ضعيفة: {reason}"),
    "unknown_ref": Text(
        "No {kind} with the ref {ref} has been imported. It must come earlier in the file and be without errors.",
        "لم يُستورد {kind} بالمرجع {ref}. يجب أن يسبق في الملف وأن يكون بلا أخطاء.",
    ),
    "unknown_skill": Text(
        "There is no skill called {skill}. Import it first, or use one of ours.",
        "لا توجد مهارة باسم {skill}. استوردها أولًا أو استخدم إحدى مهاراتنا.",
    ),
    "too_many_skills": Text("At most {limit} skills.", "الحد الأقصى {limit} مهارات."),
    "unknown_category": Text("There is no category called {category}.", "لا توجد فئة باسم {category}."),
    "budget_order": Text("min_budget is above max_budget.", "الحد الأدنى للميزانية أكبر من الحد الأقصى."),
    "cannot_change": Text(
        "This was imported before with another value, and cannot be changed by an import.",
        "استُورد هذا من قبل بقيمة أخرى، ولا يمكن تغييره بالاستيراد.",
    ),
    "open_is_unassigned": Text(
        "An open task has no assigned_to.", "المهمة المفتوحة لا يكون لها assigned_to."
    ),
    "other_assignee": Text("The task already goes to somebody else.", "المهمة مسندة بالفعل إلى شخص آخر."),
    "withdrawn": Text(
        "A withdrawn application is not imported. Leave the line out.", "لا يُستورد طلب مسحوب. احذف السطر."
    ),
    "skill_name_taken": Text(
        "Another skill has this English name: {slug}.", "مهارة أخرى تحمل هذا الاسم الإنجليزي: {slug}."
    ),
    "conflict": Text(
        "Another import wrote the same at the same moment. Run the import again.",
        "استيراد آخر كتب الشيء نفسه في اللحظة ذاتها. أعد تشغيل الاستيراد.",
    ),
    "refused": Text("The database refused the values of this line.", "رفضت قاعدة البيانات قيم هذا السطر."),
    "busy": Text(
        "The rows of this line were in use for too long. Run the import again.",
        "صفوف هذا السطر كانت مستخدمة لفترة طويلة. أعد تشغيل الاستيراد.",
    ),
    "bad_budget": Text("The budget {found} is not an amount.", "الميزانية {found} ليست مبلغًا."),
    "unknown_currency": Text(
        "There is no rate for the currency {currency}: give --rate {currency}=AMOUNT (EGP for one).",
        "لا يوجد سعر للعملة {currency}: أضف --rate {currency}=AMOUNT (بالجنيه).",
    ),
}


class LineError(Exception):
    """A line cannot be imported. `code` is a key of `LINE_MESSAGES`; `field` names what of the line is wrong."""

    def __init__(self, code: str, *, field: str = "", **params: object) -> None:
        if code not in LINE_MESSAGES:
            raise KeyError(f"No message for the error code {code!r}")
        super().__init__(code)
        self.code = code
        self.field = field
        self.params = params

    def show(self, language: str) -> str:
        return LINE_MESSAGES[self.code].show(language, **self.params)

    def __str__(self) -> str:
        return self.show("en")


def describe(error: LineError | DomainError) -> dict[str, str]:
    """{"code", "field", "reason", "reason_ar"} of what is wrong."""
    if isinstance(error, LineError):
        english, arabic = error.show("en"), error.show("ar")
    else:
        english, arabic = (MESSAGES[error.code].show(language, **error.params) for language in ("en", "ar"))
    return {"code": error.code, "field": error.field or "", "reason": english, "reason_ar": arabic}
