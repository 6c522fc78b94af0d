"""Errors a caller can cause: one shape, `{"detail", "code", "errors"?}`, in the caller's language."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.response import Response

from multitask.common import request_id
from multitask.common.text import Text
from multitask.settings.logs import get_logger

log = get_logger(__name__)

# Why a body could not be read.
UNREADABLE: dict[str, Text] = {
    "json": Text(
        "it is not JSON at line {line}, column {column}.", "ليس JSON صحيحًا عند السطر {line}، العمود {column}."
    ),
    "number": Text("it holds a number that cannot be read, such as NaN.", "فيه رقم لا يمكن قراءته، مثل NaN."),
    "encoding": Text(
        "it is not UTF-8; byte {position} is wrong.", "ليس بترميز UTF-8؛ البايت {position} خاطئ."
    ),
    "nested": Text("it is nested too deep.", "فيه تداخل أعمق من المسموح."),
    "character": Text("a text holds a NUL or half a character.", "فيه نص يحتوي على NUL أو نصف حرف."),
    "other": Text("it is not in the format that it says.", "ليس بالصيغة المعلنة."),
}

MESSAGES: dict[str, Text] = {
    "invalid": Text("Some fields are not valid.", "بعض الحقول غير صحيحة."),
    "parse_error": Text("The body could not be read: {reason}", "تعذّرت قراءة محتوى الطلب: {reason}"),
    "not_authenticated": Text("Log in to do this.", "سجّل الدخول للقيام بذلك."),
    "authentication_failed": Text(
        "The token is not valid or has expired.", "رمز الدخول غير صالح أو انتهت صلاحيته."
    ),
    "invalid_credentials": Text(
        "The user name or password is not right.", "اسم المستخدم أو كلمة المرور غير صحيحة."
    ),
    "permission_denied": Text("You may not do this.", "لا يُسمح لك بذلك."),
    "not_found": Text("Not found.", "غير موجود."),
    "method_not_allowed": Text("This method is not allowed here.", "هذه الطريقة غير مسموح بها هنا."),
    "unsupported_media_type": Text(
        "Send JSON (application/json, UTF-8), or multipart/form-data where a file is taken.",
        "أرسل البيانات بصيغة JSON (application/json بترميز UTF-8)، أو multipart/form-data حيث يُقبل ملف.",
    ),
    "not_acceptable": Text("This format is not offered.", "هذه الصيغة غير متاحة."),
    "throttled": Text(
        "Too many requests. Try again in {wait} seconds.", "طلبات كثيرة جدًا. حاول مجددًا بعد {wait} ثانية."
    ),
    "too_large": Text("The body is too large.", "حجم الطلب أكبر من المسموح."),
    "bad_request": Text("The request could not be understood.", "تعذّر فهم الطلب."),
    "idempotency_key_invalid": Text(
        "An Idempotency-Key is 1 to {limit} visible ASCII characters, such as a UUID.",
        "مفتاح Idempotency-Key من 1 إلى {limit} حرفًا لاتينيًا ظاهرًا، مثل UUID.",
    ),
    "idempotency_in_progress": Text(
        "The first request with this Idempotency-Key is still under way. Try again shortly.",
        "الطلب الأول بهذا المفتاح Idempotency-Key ما زال قيد التنفيذ. حاول بعد قليل.",
    ),
    "idempotency_mismatch": Text(
        "This Idempotency-Key was used before with another request. Use a new one.",
        "استُخدم هذا المفتاح Idempotency-Key من قبل مع طلب آخر. استخدم مفتاحًا جديدًا.",
    ),
    "service_unavailable": Text(
        "A part this request needs is down. Try again shortly.",
        "جزء يحتاجه هذا الطلب متوقف الآن. حاول بعد قليل.",
    ),
    "server_error": Text("An error occurred while processing your request.", "حدث خطأ أثناء معالجة طلبك."),
    # Tasks and applications
    "not_a_client": Text(
        "Only clients can post a task. Change your account type to 'both' to post and to apply.",
        "نشر المهام متاح للعملاء فقط. غيّر نوع حسابك إلى «كلاهما» لتنشر وتتقدّم معًا.",
    ),
    "not_a_freelancer": Text("Only freelancers can do this.", "هذا متاح للمستقلين فقط."),
    "own_task": Text("You cannot apply to your own task.", "لا يمكنك التقدّم إلى مهمتك."),
    "service_offer": Text(
        "This is a service that a freelancer offers, and only clients' requests take applications. Choose a request.",
        "هذه خدمة يعرضها مستقل، والتقدّم متاح لطلبات العملاء فقط. اختر طلبًا من طلبات المهام.",
    ),
    "already_applied": Text("You have already applied to this task.", "لقد تقدّمت إلى هذه المهمة من قبل."),
    "duplicate_task": Text(
        "You posted the same task within the last {hours} hours, and it is open: change that one, or confirm that "
        "you want it twice (allow_duplicate).",
        "نشرت المهمة نفسها خلال آخر {hours} ساعة وما زالت مفتوحة: عدّلها، أو أكّد أنك تريد نشرها مرتين "
        "(allow_duplicate).",
    ),
    "task_not_open": Text("This task is no longer open.", "هذه المهمة لم تعد مفتوحة."),
    "task_not_in_progress": Text("This task is not in progress.", "هذه المهمة ليست قيد التنفيذ."),
    "task_not_completed": Text("This task is not completed yet.", "هذه المهمة لم تكتمل بعد."),
    "application_not_pending": Text(
        "This application is no longer pending.", "هذا الطلب لم يعد قيد الانتظار."
    ),
    "task_full": Text(
        "This task has as many applications as it takes ({limit}).",
        "بلغت هذه المهمة الحد الأقصى من الطلبات ({limit}).",
    ),
    "applications_per_day": Text(
        "At most {limit} applications a day. Try again tomorrow.",
        "الحد الأقصى {limit} طلبًا في اليوم. حاول مجددًا غدًا.",
    ),
    "deadline_over": Text("The deadline of this task has passed.", "انتهى الموعد النهائي لهذه المهمة."),
    "already_delivered": Text(
        "This task is delivered already: the client completes it or asks for changes.",
        "سُلّمت هذه المهمة بالفعل: على العميل أن يكملها أو يطلب تعديلات.",
    ),
    "not_delivered": Text(
        "Nothing has been delivered yet, so no changes can be asked for.",
        "لم يُسلَّم شيء بعد، فلا يمكن طلب تعديلات.",
    ),
    "decide_or_change": Text(
        "The client sends a status (with a reason, if any); the applicant sends the other fields.",
        "يرسل العميل الحالة (مع سبب إن شاء)، ويرسل المتقدّم بقية الحقول.",
    ),
    "review_edit_over": Text(
        "A review can be changed within {hours} hours of writing it.",
        "يمكن تعديل التقييم خلال {hours} ساعة من كتابته.",
    ),
    "review_removed": Text("This review was removed.", "حُذف هذا التقييم."),
    "already_replied": Text("You have already replied to this review.", "لقد رددت على هذا التقييم من قبل."),
    "already_reviewed": Text("You have already reviewed this task.", "لقد قيّمت هذه المهمة من قبل."),
    "not_a_party": Text("Only the two parties of the task can do this.", "هذا متاح لطرفي المهمة فقط."),
    "skill_exists": Text("This skill is already in your profile.", "هذه المهارة موجودة في ملفك بالفعل."),
    "username_taken": Text("This user name is taken.", "اسم المستخدم محجوز."),
    "username_at": Text("A user name must not contain '@'.", "اسم المستخدم لا يحتوي على «@»."),
    "email_taken": Text("This e-mail address is already registered.", "هذا البريد الإلكتروني مسجّل بالفعل."),
    "passwords_differ": Text("The two passwords differ.", "كلمتا المرور غير متطابقتين."),
    "admin_refused": Text("An admin account cannot be registered.", "لا يمكن تسجيل حساب مدير."),
    "token_invalid": Text(
        "The token is not valid or has expired. Log in again.",
        "رمز الدخول غير صالح أو انتهت صلاحيته. سجّل الدخول من جديد.",
    ),
    "token_reused": Text(
        "This refresh token was used before, so this login was ended. Log in again.",
        "استُخدم رمز التجديد هذا من قبل، لذلك أُنهي تسجيل الدخول. سجّل الدخول من جديد.",
    ),
    "csrf_failed": Text(
        "The cookie was sent from another site. Send the request from the site itself, or the token in the body.",
        "أُرسل ملف تعريف الارتباط من موقع آخر. أرسل الطلب من الموقع نفسه أو ضع الرمز في محتوى الطلب.",
    ),
    "login_locked": Text(
        "Too many failed attempts. Try again in {wait} seconds, or reset the password.",
        "محاولات فاشلة كثيرة. حاول مجددًا بعد {wait} ثانية، أو أعد تعيين كلمة المرور.",
    ),
    "wrong_password": Text("The password is not right.", "كلمة المرور غير صحيحة."),
    "no_password": Text(
        "This account has no password yet. Ask for a password reset to set one.",
        "لا توجد كلمة مرور لهذا الحساب بعد. اطلب إعادة تعيين كلمة المرور لتضع واحدة.",
    ),
    "reset_link_invalid": Text(
        "This link was used before or has expired. Ask for a new one.",
        "استُخدم هذا الرابط من قبل أو انتهت صلاحيته. اطلب رابطًا جديدًا.",
    ),
    "verify_link_invalid": Text(
        "This link has expired, or belongs to another address. Ask for a new one.",
        "انتهت صلاحية هذا الرابط أو أنه يخص عنوانًا آخر. اطلب رابطًا جديدًا.",
    ),
    "google_not_configured": Text(
        "Login with Google is not set up here. Log in with a password.",
        "تسجيل الدخول بحساب Google غير مفعّل هنا. سجّل الدخول بكلمة المرور.",
    ),
    "google_unavailable": Text(
        "Google does not answer. Try again shortly, or log in with a password.",
        "لا يستجيب Google الآن. حاول بعد قليل أو سجّل الدخول بكلمة المرور.",
    ),
    "google_refused": Text(
        "Google did not confirm this login. Begin again.", "لم يؤكد Google تسجيل الدخول. ابدأ من جديد."
    ),
    "google_state_invalid": Text(
        "This login has expired or began in another browser. Begin again.",
        "انتهت صلاحية محاولة الدخول هذه أو بدأت في متصفح آخر. ابدأ من جديد.",
    ),
    "google_email_unverified": Text(
        "Google has not verified your e-mail address. Verify it there first, or register with a password.",
        "لم يتحقق Google من بريدك الإلكتروني. أكّده هناك أولًا أو سجّل حسابًا بكلمة مرور.",
    ),
    "redirect_refused": Text(
        "This address is not one of this site's own.", "هذا العنوان ليس من عناوين هذا الموقع."
    ),
    "email_in_use": Text(
        "An account with this e-mail address exists but is not linked to Google. Log in with its password and verify "
        "the address; then log in with Google.",
        "يوجد حساب بهذا البريد الإلكتروني غير مرتبط بحساب Google. سجّل الدخول بكلمة مروره وأكّد البريد، ثم استخدم Google.",
    ),
    "user_type_fixed": Text(
        "An administrator's account type cannot be changed here.", "لا يمكن تغيير نوع حساب المدير من هنا."
    ),
    "unknown_field": Text("There is no such field.", "لا يوجد حقل بهذا الاسم."),
    "read_only_field": Text("This field cannot be changed.", "لا يمكن تغيير هذا الحقل."),
    "no_words": Text("Write some words: letters are missing.", "اكتب كلمات: النص لا يحتوي على حروف."),
    "too_long": Text(
        "At most {limit} characters; this has {length}.", "الحد الأقصى {limit} حرف؛ النص {length} حرفًا."
    ),
    "budget_range": Text("A budget is between {low} and {high} EGP.", "الميزانية بين {low} و{high} جنيه."),
    "deadline_past": Text("The deadline is in the past.", "الموعد النهائي في الماضي."),
    "rating_range": Text("A rating is between 1 and 5.", "التقييم بين 1 و5."),
    "budget_order": Text(
        "The least budget must not be more than the greatest.",
        "يجب ألا يزيد الحد الأدنى للميزانية على حدها الأقصى.",
    ),
    "unknown_category": Text("There is no such category.", "لا توجد فئة بهذا الاسم."),
    "unknown_skill": Text("There is no such skill: {skill}", "لا توجد مهارة بهذا الرقم: {skill}"),
    "freelancers_only": Text(
        "Recommendations are for freelancers. Change your account type to 'freelancer' or 'both'.",
        "التوصيات للمستقلين. غيّر نوع حسابك إلى «مستقل» أو «كلاهما».",
    ),
    "blank": Text("This field must not be empty.", "هذا الحقل مطلوب."),
    "bad_number": Text("This is not a number.", "هذا ليس رقمًا."),
    # Frames of WebSockets
    "frame_not_json": Text(
        "A frame is a JSON object with a type, without NUL or half characters.",
        "الإطار كائن JSON فيه type، وبلا NUL أو أنصاف حروف.",
    ),
    "frame_unknown": Text("There is no frame of this type here.", "لا يوجد إطار من هذا النوع هنا."),
    "frame_invalid": Text(
        "This field of the frame is missing, unknown or of another kind: {field}",
        "هذا الحقل من الإطار ناقص أو غير معروف أو من نوع آخر: {field}",
    ),
    # Operators
    "superuser_only": Text("Only a superuser may do this.", "هذا متاح للمدير الأعلى فقط."),
    "own_account": Text("You cannot do this to your own account.", "لا يمكنك فعل ذلك بحسابك أنت."),
    "account_deleted": Text("This account was deleted.", "هذا الحساب محذوف."),
    # Notifications
    "notification_locked": Text(
        "Notifications of this kind cannot be switched off.", "لا يمكن إيقاف الإشعارات من هذا النوع."
    ),
    "quiet_both": Text(
        "Quiet hours need a beginning and an end: send both times, or null for both.",
        "ساعات الهدوء تحتاج إلى بداية ونهاية: أرسل الوقتين معًا، أو null لكليهما.",
    ),
    # Web push
    "push_off": Text("Push notifications are not set up here.", "التنبيهات غير مفعّلة هنا."),
    "push_endpoint": Text(
        "This is not the address of a push service that is known here.",
        "هذا ليس عنوان خدمة تنبيهات معروفة هنا.",
    ),
    "push_key": Text(
        "The keys are not those of a browser's subscription: send what `PushSubscription.toJSON()` gives.",
        "المفاتيح ليست مفاتيح اشتراك متصفح: أرسل ما تعطيه `PushSubscription.toJSON()`.",
    ),
    "push_expired": Text(
        "This subscription has expired. Subscribe again.", "انتهت صلاحية هذا الاشتراك. اشترك من جديد."
    ),
    "push_no_subscription": Text(
        "None of your browsers takes push notifications yet. Register one first.",
        "لا يستقبل أي متصفح لك التنبيهات بعد. سجّل متصفحًا أولًا.",
    ),
    # Files
    "file_too_large": Text(
        "A file may have at most {limit} MB: send a smaller one.",
        "الحد الأقصى لحجم الملف {limit} ميجابايت: أرسل ملفًا أصغر.",
    ),
    "file_empty": Text("The file is empty.", "الملف فارغ."),
    "file_missing": Text("Choose a file to send.", "اختر ملفًا لإرساله."),
    "image_type": Text(
        "This is not a picture we can read. Send one of: {allowed}.",
        "هذه ليست صورة يمكن قراءتها. أرسل إحدى الصيغ: {allowed}.",
    ),
    "image_broken": Text(
        "The picture is damaged or incomplete. Save it again and send it anew.",
        "الصورة تالفة أو غير مكتملة. احفظها من جديد ثم أعد إرسالها.",
    ),
    "image_too_many_pixels": Text(
        "A picture may have at most {limit} million pixels: make it smaller.",
        "الحد الأقصى للصورة {limit} مليون بكسل: صغّر أبعادها.",
    ),
    "document_type": Text(
        "This kind of file is not accepted. Send one of: {allowed}.",
        "هذا النوع من الملفات غير مقبول. أرسل إحدى الصيغ: {allowed}.",
    ),
    "document_broken": Text(
        "The document is damaged, incomplete or locked. Save it again and send it anew.",
        "المستند تالف أو غير مكتمل أو مقفل. احفظه من جديد ثم أعد إرساله.",
    ),
    "too_many_images": Text(
        "A task has at most {limit} further pictures: remove one first.",
        "الحد الأقصى للصور الإضافية في المهمة {limit}: احذف واحدة أولًا.",
    ),
    "too_many_files": Text(
        "You have {limit} files that are not attached to anything: remove some, or wait until they are.",
        "لديك {limit} ملفًا غير مرفق بشيء: احذف بعضها، أو انتظر حتى تُحذف.",
    ),
    "unknown_file": Text(
        "There is no such file of yours. Send it to /api/files/ first.",
        "لا يوجد ملف لك بهذا المعرّف. أرسله إلى ‎/api/files/ أولًا.",
    ),
    "file_attached": Text(
        "This file was sent in a conversation, and stays there.", "هذا الملف أُرسل في محادثة ويبقى فيها."
    ),
    # Conversations
    "conversation_with_self": Text(
        "A conversation needs somebody else: choose another person.",
        "المحادثة تحتاج إلى طرف آخر: اختر شخصًا غيرك.",
    ),
    "unknown_person": Text(
        "There is no such person, or their account is closed.", "لا يوجد شخص بهذا الرقم، أو أن حسابه مغلق."
    ),
    "unknown_task": Text("There is no such task.", "لا توجد مهمة بهذا الرقم."),
    "not_about_this_task": Text(
        "About this task its client writes with those who applied, and anyone asks the client while it is open. "
        "Leave the task out to write about something else.",
        "عن هذه المهمة يكاتب صاحبها من تقدّموا إليها، ولأي شخص أن يسأل صاحبها ما دامت مفتوحة. "
        "احذف المهمة لتكتب عن شيء آخر.",
    ),
    "conversation_closed": Text(
        "The other side's account is closed: this conversation can be read, but not written in.",
        "حساب الطرف الآخر مغلق: يمكن قراءة هذه المحادثة، لا الكتابة فيها.",
    ),
    "messages_per_minute": Text(
        "At most {limit} messages a minute. Try again in {wait} seconds.",
        "الحد الأقصى {limit} رسالة في الدقيقة. حاول مجددًا بعد {wait} ثانية.",
    ),
    "conversations_per_hour": Text(
        "At most {limit} new conversations an hour. Try again in {wait} seconds.",
        "الحد الأقصى {limit} محادثات جديدة في الساعة. حاول مجددًا بعد {wait} ثانية.",
    ),
    "bad_character": Text(
        "The text holds a NUL or half a character: take it out.",
        "النص يحتوي على NUL أو نصف حرف: احذفه.",
    ),
    "client_id_invalid": Text(
        "A client_id is 1 to {limit} visible ASCII characters, such as a UUID.",
        "المعرّف client_id من 1 إلى {limit} حرفًا لاتينيًا ظاهرًا، مثل UUID.",
    ),
    "attachment_missing": Text(
        "A message of this type needs an attachment.", "رسالة من هذا النوع تحتاج إلى مرفق."
    ),
    "attachment_type": Text(
        "The attachment is of another type: leave message_type out, and it follows from the file.",
        "المرفق من نوع آخر: احذف message_type وسيُعرف من الملف.",
    ),
    # The assistant
    "not_an_answer": Text(
        "Only an answer of the assistant that is finished can be rated.",
        "التقييم لإجابات المساعد المكتملة فقط.",
    ),
    "bad_cursor": Text(
        "This cursor is not one of ours: begin without one (cursor=).",
        "هذا المؤشر غير صحيح: ابدأ من دونه (cursor=).",
    ),
}


# Below this address somebody looks at a page; everywhere else errors are JSON.
PAGES_FOR_PEOPLE = "/admin/"


class DomainError(Exception):
    """A rule of the product forbids what was asked.

    `code` is a key of `MESSAGES`; `status` the HTTP status (409 by default: the object is in a state that forbids
    it); `field` names the input at fault, for forms; `errors` is shown as it is; `params` fill the sentence.
    """

    def __init__(
        self,
        code: str,
        *,
        status: int = 409,
        field: str | None = None,
        errors: dict[str, list[str]] | None = None,
        **params: object,
    ) -> None:
        if code not in MESSAGES:
            raise KeyError(f"No message for the error code {code!r}")
        super().__init__(code)
        self.code = code
        self.status = status
        self.field = field
        self.errors = errors
        self.params = params

    def __str__(self) -> str:
        return MESSAGES[self.code].show("en", **self.params)

    @property
    def detail(self) -> str:
        return MESSAGES[self.code].show(**self.params)


class Invalid(DomainError):
    """A field's value breaks a rule: 400 with the field named."""

    def __init__(self, code: str, *, field: str, **params: object) -> None:
        super().__init__(code, status=status.HTTP_400_BAD_REQUEST, field=field, errors=None, **params)


class NotFound(DomainError):
    """Not there, or not the caller's to know of."""

    def __init__(self) -> None:
        super().__init__("not_found", status=status.HTTP_404_NOT_FOUND)


class Forbidden(DomainError):
    def __init__(self, code: str = "permission_denied") -> None:
        super().__init__(code, status=status.HTTP_403_FORBIDDEN)


class Unreadable(exceptions.ParseError):
    """A body cannot be read: `reason` is a key of `UNREADABLE`, `params` fill its sentence."""

    def __init__(self, reason: str, **params: object) -> None:
        super().__init__(UNREADABLE[reason].show("en", **params))
        self.reason = reason
        self.params = params


class FileTooBig(RequestDataTooBig):
    """A file of a form is above 10 MB; found while it is read."""


def violated_constraint(error: IntegrityError) -> str:
    """The name of the constraint that refused a row, "" where the driver does not say."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnostics, "constraint_name", None) or "")


def _flatten(detail: Any) -> list[str]:
    if isinstance(detail, dict):
        return [text for key, value in detail.items() for text in _prefixed(str(key), _flatten(value))]
    if isinstance(detail, list | tuple):
        return [text for value in detail for text in _flatten(value)]
    return [str(detail)]


def _prefixed(key: str, texts: list[str]) -> list[str]:
    return texts if key == "non_field_errors" else [f"{key}: {text}" for text in texts]


def _field_errors(detail: Any) -> dict[str, list[str]]:
    if isinstance(detail, dict):
        return {str(key): _flatten(value) for key, value in detail.items()}
    return {"non_field_errors": _flatten(detail)}


def _body(code: str, **params: object) -> dict[str, Any]:
    return {"detail": MESSAGES[code].show(**params), "code": code}


def domain_response(error: DomainError) -> Response:
    body: dict[str, Any] = {"detail": error.detail, "code": error.code}
    if error.field:
        body = _body("invalid") | {"errors": {error.field: [error.detail]}}
    elif error.errors:
        body["errors"] = error.errors
    headers = {"Retry-After": str(error.params["wait"])} if "wait" in error.params else None
    return Response(body, status=error.status, headers=headers)


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error of the API leaves here in the contract's shape."""
    if isinstance(exc, DomainError):
        return domain_response(exc)
    if isinstance(exc, OperationalError | InterfaceError):
        log.warning("database_unavailable", error=str(exc))
        return Response(_body("service_unavailable"), status=503, headers={"Retry-After": "5"})
    if isinstance(exc, FileTooBig):
        return Response(_body("file_too_large", limit=10), status=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE)
    if isinstance(exc, RequestDataTooBig):
        return Response(_body("too_large"), status=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE)
    # Views load the authentication classes of the settings, which raise errors of this module.
    from rest_framework.views import exception_handler as drf_exception_handler

    response = drf_exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, exceptions.ValidationError):
        response.data = _body("invalid") | {"errors": _field_errors(exc.detail)}
    elif isinstance(exc, exceptions.Throttled):
        response.data = _body("throttled", wait=int(getattr(exc, "wait", None) or 1))
    elif isinstance(exc, exceptions.ParseError):
        found = exc if isinstance(exc, Unreadable) else Unreadable("other")
        response.data = _body("parse_error", reason=UNREADABLE[found.reason].show(**found.params))
    elif isinstance(exc, Http404):
        response.data = _body("not_found")
    elif isinstance(exc, PermissionDenied):
        response.data = _body("permission_denied")
    elif isinstance(exc, exceptions.APIException):
        code = exc.default_code if exc.default_code in MESSAGES else "authentication_failed"
        if response.status_code not in {401, 403}:
            code = exc.default_code if exc.default_code in MESSAGES else "invalid"
        response.data = _body(code)
    return response


def server_error(request: HttpRequest) -> JsonResponse:
    """Django's handler500: never a trace, always the request id."""
    return JsonResponse(_body("server_error") | {"request_id": request_id.current()}, status=500)


def too_large(request: HttpRequest) -> JsonResponse:
    return JsonResponse(_body("too_large"), status=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE)


def unsupported_media_type(request: HttpRequest) -> JsonResponse:
    return JsonResponse(_body("unsupported_media_type"), status=status.HTTP_415_UNSUPPORTED_MEDIA_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    """Django's handler400: a host that is not served, a form of too many fields."""
    return JsonResponse(_body("bad_request"), status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(PAGES_FOR_PEOPLE):
        return defaults.permission_denied(request, exception, template_name="admin/403.html")
    return JsonResponse(_body("permission_denied"), status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(PAGES_FOR_PEOPLE):
        return defaults.page_not_found(request, exception, template_name="admin/404.html")
    return JsonResponse(_body("not_found"), status=404)
