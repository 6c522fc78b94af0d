"""Errors a caller can cause: one shape, `{"detail", "code", "errors"?}`, in the caller's language."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from multitask.common import request_id
from multitask.common.text import Text
from multitask.settings.logs import get_logger

log = get_logger(__name__)

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
        "Send JSON (application/json).", "أرسل البيانات بصيغة JSON (application/json)."
    ),
    "not_acceptable": Text("This format is not offered.", "هذه الصيغة غير متاحة."),
    "throttled": Text(
        "Too many requests. Try again in {wait} seconds.", "طلبات كثيرة جدًا. حاول مجددًا بعد {wait} ثانية."
    ),
    "too_large": Text("The body is too large.", "حجم الطلب أكبر من المسموح."),
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
    "already_applied": Text("You have already applied to this task.", "لقد تقدّمت إلى هذه المهمة من قبل."),
    "task_not_open": Text("This task is no longer open.", "هذه المهمة لم تعد مفتوحة."),
    "task_not_in_progress": Text("This task is not in progress.", "هذه المهمة ليست قيد التنفيذ."),
    "task_not_completed": Text("This task is not completed yet.", "هذه المهمة لم تكتمل بعد."),
    "application_not_pending": Text(
        "This application is no longer pending.", "هذا الطلب لم يعد قيد الانتظار."
    ),
    "already_reviewed": Text("You have already reviewed this task.", "لقد قيّمت هذه المهمة من قبل."),
    "not_a_party": Text("Only the two parties of the task can do this.", "هذا متاح لطرفي المهمة فقط."),
    "skill_exists": Text("This skill is already in your profile.", "هذه المهارة موجودة في ملفك بالفعل."),
    "username_taken": Text("This user name is taken.", "اسم المستخدم محجوز."),
    "username_at": Text("A user name must not contain '@'.", "اسم المستخدم لا يحتوي على «@»."),
    "email_taken": Text("This e-mail address is already registered.", "هذا البريد الإلكتروني مسجّل بالفعل."),
    "passwords_differ": Text("The two passwords differ.", "كلمتا المرور غير متطابقتين."),
    "admin_refused": Text("An admin account cannot be registered.", "لا يمكن تسجيل حساب مدير."),
    "no_words": Text("Write some words: letters are missing.", "اكتب كلمات: النص لا يحتوي على حروف."),
    "too_long": Text(
        "At most {limit} characters; this has {length}.", "الحد الأقصى {limit} حرف؛ النص {length} حرفًا."
    ),
    "budget_range": Text("A budget is between {low} and {high} EGP.", "الميزانية بين {low} و{high} جنيه."),
    "deadline_past": Text("The deadline is in the past.", "الموعد النهائي في الماضي."),
    "rating_range": Text("A rating is between 1 and 5.", "التقييم بين 1 و5."),
    "unknown_category": Text("There is no such category.", "لا توجد فئة بهذا الاسم."),
    "unknown_skill": Text("There is no such skill: {skill}", "لا توجد مهارة بهذا الرقم: {skill}"),
    "freelancers_only": Text(
        "Recommendations are for freelancers. Change your account type to 'freelancer' or 'both'.",
        "التوصيات للمستقلين. غيّر نوع حسابك إلى «مستقل» أو «كلاهما».",
    ),
    "blank": Text("This field must not be empty.", "هذا الحقل مطلوب."),
    "bad_number": Text("This is not a number.", "هذا ليس رقمًا."),
}


class DomainError(Exception):
    """A rule of the product forbids what was asked.

    `code` is a key of `MESSAGES`; `status` the HTTP status (409 by default: the object is in a state that forbids
    it); `field` names the input at fault, for forms; `params` fill the sentence.
    """

    def __init__(self, code: str, *, status: int = 409, field: str | None = None, **params: object) -> None:
        if code not in MESSAGES:
            raise KeyError(f"No message for the error code {code!r}")
        super().__init__(code)
        self.code = code
        self.status = status
        self.field = field
        self.params = params

    def __str__(self) -> str:
        return MESSAGES[self.code].show("en", **self.params)

    @property
    def detail(self) -> str:
        return MESSAGES[self.code].show(**self.params)


class Invalid(DomainError):
    """A field's value breaks a rule: 400 with the field named."""

    def __init__(self, code: str, *, field: str, **params: object) -> None:
        super().__init__(code, status=status.HTTP_400_BAD_REQUEST, field=field, **params)


class NotFound(DomainError):
    """Not there, or not the caller's to know of."""

    def __init__(self) -> None:
        super().__init__("not_found", status=status.HTTP_404_NOT_FOUND)


class Forbidden(DomainError):
    def __init__(self, code: str = "permission_denied") -> None:
        super().__init__(code, status=status.HTTP_403_FORBIDDEN)


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
    return Response(body, status=error.status)


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error of the API leaves here in the contract's shape."""
    if isinstance(exc, DomainError):
        return domain_response(exc)
    if isinstance(exc, OperationalError | InterfaceError):
        log.warning("database_unavailable", error=str(exc))
        return Response(_body("service_unavailable"), status=503, headers={"Retry-After": "5"})
    if isinstance(exc, RequestDataTooBig):
        return Response(_body("too_large"), status=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE)
    response = drf_exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, exceptions.ValidationError):
        response.data = _body("invalid") | {"errors": _field_errors(exc.detail)}
    elif isinstance(exc, exceptions.Throttled):
        response.data = _body("throttled", wait=int(getattr(exc, "wait", None) or 1))
    elif isinstance(exc, exceptions.ParseError):
        response.data = _body("parse_error", reason=str(exc.detail))
    elif isinstance(exc, Http404):
        response.data = _body("not_found")
    elif isinstance(exc, PermissionDenied):
        response.data = _body("permission_denied")
    elif isinstance(exc, exceptions.APIException):
        code = exc.default_code if exc.default_code in MESSAGES else "authentication_failed"
        if response.status_code not in {401, 403}:
            code = exc.default_code if exc.default_code in MESSAGES else "invalid"
        response.data = _body(code) if code != "parse_error" else _body(code, reason="")
    return response


def server_error(request: HttpRequest) -> JsonResponse:
    """Django's handler500: never a trace, always the request id."""
    return JsonResponse(_body("server_error") | {"request_id": request_id.current()}, status=500)


def page_not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    return JsonResponse(_body("not_found"), status=404)
