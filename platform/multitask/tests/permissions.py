"""Who may do what: for every operation of the API the status that each role gets.

A row is one request. Its ids and body are of the world of `world.py`; `{name}` in them is an id of it. `owner` is the
client of the tasks, `other` the freelancer who applied, was chosen and was reviewed; both have the objects that a row
names, all others are strangers to them. An operation may have several rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from multitask.accounts.factories import PASSWORD
from multitask.tests.world import PICTURE, ROLES

File = tuple[str, bytes, str]


@dataclass(frozen=True)
class Row:
    """One request of an operation, and what each role is answered."""

    expected: Mapping[str, int]
    ids: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    files: Mapping[str, File] | None = None
    query: Mapping[str, str] = field(default_factory=dict)


def _row(statuses: dict[str, int], more: dict[str, Any]) -> Row:
    roles = {name: value for name, value in more.items() if name in ROLES}
    about = {name: more.pop(name) for name in ("body", "files", "query") if name in more}
    ids = {name: value for name, value in more.items() if name not in ROLES}
    return Row(expected=statuses | roles, ids=ids, **about)


def to_all(status: int, **more: Any) -> Row:
    """Nobody's token is looked at: the same for everybody, but for the roles named."""
    return _row(dict.fromkeys(ROLES, status), more)


def public(status: int, **more: Any) -> Row:
    """For everybody, with or without a login. A token that is not good any more is a 401 even here."""
    return _row(dict.fromkeys(ROLES, status) | {"inactive": 401}, more)


def members(status: int, **more: Any) -> Row:
    """For who is logged in, but for the roles named."""
    return _row(dict.fromkeys(ROLES, status) | {"nobody": 401, "inactive": 401}, more)


NEW_TASK = {
    "category": "programming",
    "title": "A shop for the web",
    "description": "Products, a basket, payment on delivery.",
    "budget": "1500.00",
}
PROPOSAL = {"proposal": "I can begin on Sunday.", "offered_price": "1400.00", "estimated_time": "3 weeks"}
IMAGE = {"image": ("a.png", PICTURE, "image/png")}
BROWSER = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/a-browser",
    "expirationTime": None,
    "keys": {
        "p256dh": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
        "auth": "tBHItJI5svbpez7KI4CCXg",
    },
}
NEW_USER = {
    "username": "newcomer",
    "email": "newcomer@example.org",
    "password": PASSWORD,
    "password2": PASSWORD,
    "user_type": "freelancer",
}
ADMIN_TOO = {"owner": 200, "admin": 200}

TABLE: dict[str, tuple[Row, ...]] = {
    # --- The service ---------------------------------------------------------------------------------------------
    "root": (to_all(200),),
    # --- Login and account ---------------------------------------------------------------------------------------
    "auth_register": (
        to_all(201, body=NEW_USER),
        to_all(400, body=NEW_USER | {"user_type": "admin"}),
    ),
    "auth_login": (
        to_all(200, body={"username": "{owner_name}", "password": PASSWORD}),
        to_all(401, body={"username": "{inactive_name}", "password": PASSWORD}),
    ),
    "auth_logout": (public(200, body={}, nobody=401),),
    "auth_logout_all": (members(200),),
    "auth_token_refresh": (to_all(401, body={"refresh": "forged"}),),
    "auth_token_verify": (
        to_all(200, body={"token": "{owner_token}"}),
        to_all(401, body={"token": "{inactive_token}"}),
    ),
    "auth_ws_ticket": (members(200),),
    "auth_user": (members(200),),
    "auth_user_change": (
        members(200, body={"bio": "I build shops."}),
        members(400, body={"user_type": "admin"}),
    ),
    "auth_user_delete": (
        members(204, body={"password": PASSWORD}),
        members(400, body={"password": "not-my-password"}),
    ),
    "auth_export": (members(200),),
    "auth_password_change": (
        members(
            200,
            body={
                "old_password": PASSWORD,
                "new_password": "another-Passphrase-8",
                "new_password2": "another-Passphrase-8",
            },
        ),
    ),
    "auth_password_reset": (
        to_all(200, body={"email": "{owner_email}"}),
        to_all(200, body={"email": "unknown@example.org"}),
    ),
    "auth_password_reset_confirm": (
        to_all(
            400,
            body={
                "uid": "MQ",
                "token": "forged",
                "new_password": "another-Passphrase-8",
                "new_password2": "another-Passphrase-8",
            },
        ),
    ),
    "auth_email_verify": (to_all(400, body={"key": "forged"}),),
    "auth_email_resend": (to_all(200, body={"email": "{owner_email}"}),),
    # Not set up here; its own tests have a server to talk to.
    "auth_google_begin": (to_all(503),),
    "auth_google_callback": (to_all(503, query={"code": "a", "state": "b"}),),
    "auth_google": (
        to_all(
            503,
            body={"code": "a", "code_verifier": "v" * 43, "redirect_uri": "http://127.0.0.1:8000/google"},
        ),
    ),
    "users_list": (public(200),),
    "users_retrieve": (public(200, id="owner_user"), public(404, id="inactive_user")),
    "users_reviews_list": (public(200, id="other_user"), public(404, id="inactive_user")),
    # --- Tasks ---------------------------------------------------------------------------------------------------
    "categories_list": (public(200),),
    "categories_retrieve": (public(200, slug="category"),),
    "tasks_list": (public(200),),
    "tasks_facets": (public(200),),
    "tasks_create": (
        members(201, body=NEW_TASK, freelancer=403, other=403),
        members(201, body=NEW_TASK | {"listing_type": "service_offer"}, client=403, owner=403),
    ),
    "tasks_retrieve": (public(200, id="open_task"), public(200, id="completed_task")),
    "tasks_update": (
        members(403, id="open_task", body=NEW_TASK, **ADMIN_TOO),
        members(403, id="started_task", body=NEW_TASK, owner=409, admin=409),
    ),
    "tasks_partial_update": (members(403, id="open_task", body={"budget": "1600.00"}, **ADMIN_TOO),),
    "tasks_delete": (
        members(403, id="open_task", owner=204, admin=204),
        members(403, id="applied_task", owner=204, admin=204),
        members(403, id="completed_task", owner=409, admin=409),
    ),
    "tasks_complete": (
        members(403, id="started_task", **ADMIN_TOO),
        members(403, id="open_task", owner=409, admin=409),
    ),
    "tasks_cancel": (
        members(403, id="started_task", body={"reason": "Put off."}, **ADMIN_TOO),
        members(403, id="completed_task", body={"reason": "Put off."}, owner=409, admin=409),
    ),
    "tasks_deliver": (members(403, id="started_task", other=200),),
    "tasks_request_changes": (
        members(403, id="delivered_task", body={"reason": "Pages are missing."}, **ADMIN_TOO),
    ),
    "tasks_mine": (members(200),),
    "tasks_assigned": (members(200),),
    "tasks_similar": (public(200, id="open_task"),),
    "tasks_suggestions": (
        members(200, body={"title": "A shop for the web"}),
        members(403, body={"title": "A shop for the web", "task": "{open_task}"}, **ADMIN_TOO),
    ),
    "tasks_image_set": (members(403, id="open_task", files=IMAGE, **ADMIN_TOO),),
    "tasks_image_remove": (members(403, id="open_task", owner=204, admin=204),),
    "tasks_images_create": (members(403, id="open_task", files=IMAGE, owner=201, admin=201),),
    "tasks_images_destroy": (members(403, id="open_task", image_id="image", owner=204, admin=204),),
    # --- Applications --------------------------------------------------------------------------------------------
    "tasks_applications_list": (members(200, id="applied_task"),),
    "tasks_applications_create": (
        members(201, id="open_task", body=PROPOSAL, client=403, owner=403, admin=403),
        members(201, id="applied_task", body=PROPOSAL, client=403, owner=403, admin=403, other=409),
        members(409, id="started_task", body=PROPOSAL, client=403, owner=403, admin=403),
    ),
    "applications_mine": (members(200),),
    "applications_retrieve": (members(404, id="application", owner=200, other=200),),
    "applications_update": (
        members(404, id="application", body={"status": "ACCEPTED"}, owner=200, other=403),
        members(404, id="application", body={"status": "REJECTED"}, owner=200, other=403),
        members(404, id="application", body={"offered_price": "1300.00"}, owner=403, other=200),
    ),
    "applications_withdraw": (members(404, id="application", owner=403, other=204),),
    # --- Reviews -------------------------------------------------------------------------------------------------
    "tasks_reviews_list": (public(200, id="completed_task"),),
    "tasks_reviews_create": (
        members(404, id="completed_task", body={"rating": 5}, owner=409, other=201),
        members(404, id="started_task", body={"rating": 5}, owner=409, other=409),
    ),
    "reviews_update": (
        members(403, id="review", body={"rating": 4}, owner=200),
        members(404, id="hidden_review", body={"rating": 4}, other=200, admin=403),
    ),
    "reviews_reply": (
        members(403, id="review", body={"reply": "Thank you."}, other=201),
        members(404, id="hidden_review", body={"reply": "Thank you."}, other=403, admin=403),
    ),
    "reviews_remove": (
        members(403, id="review", query={"reason": "Not about the work."}, admin=204),
        members(404, id="hidden_review", query={"reason": "Not about the work."}, other=403, admin=204),
    ),
    # --- Files ---------------------------------------------------------------------------------------------------
    "files_create": (members(201, files={"file": ("a.png", PICTURE, "image/png")}),),
    "files_retrieve": (members(404, id="file", owner=200, admin=200),),
    "files_destroy": (members(404, id="file", owner=204),),
    # --- Search --------------------------------------------------------------------------------------------------
    "search": (public(200, query={"q": "shop"}), public(400)),
    "search_suggestions": (public(200, query={"q": "sh"}), public(200)),
    # --- Skills and recommendations ------------------------------------------------------------------------------
    "skills_list": (public(200),),
    "skills_suggestions": (members(200, body={"text": "I build shops with Django."}),),
    "user_skills_list": (members(200),),
    "user_skills_create": (members(201, body={"skill_id": "{free_skill}"}, client=403, owner=403),),
    "user_skills_update": (members(404, id="user_skill", body={"proficiency_level": "EXPERT"}, other=200),),
    "user_skills_delete": (members(404, id="user_skill", other=204),),
    "recommendations_for_you": (members(200, client=403, owner=403, admin=403),),
    "recommendations_freelancers": (
        members(403, query={"task": "{open_task}"}, owner=200, admin=200),
        members(404, query={"task": "999999999"}),
    ),
    "recommendations_preferences": (members(200),),
    "recommendations_preferences_change": (
        members(200, body={"interests": ["design"], "min_budget": "200.00"}),
        members(400, body={"min_budget": "200.00", "max_budget": "100.00"}),
    ),
    "recommendations_onboarding": (
        members(200, body={"interests": ["design"], "prefer_remote": True}),
        members(200, body={"skills": []}, client=403, owner=403),
    ),
    "recommendations_feedback": (
        members(201, body={"task": "{open_task}", "action": "clicked"}, client=403, owner=403, admin=403),
    ),
    "recommendations_feedback_undo": (members(404, task="open_task", other=204),),
    # --- Conversations -------------------------------------------------------------------------------------------
    "conversations_list": (members(200),),
    "conversations_create": (
        members(201, body={"participant": "{other_user}"}, other=400),
        members(201, body={"participant": "{owner_user}", "task": "{open_task}"}, owner=400),
        members(403, body={"participant": "{other_user}", "task": "{started_task}"}, owner=200, other=400),
        members(400, body={"participant": "{inactive_user}"}),
    ),
    "conversations_retrieve": (members(404, id="conversation", owner=200, other=200),),
    "messages_list": (members(404, id="conversation", owner=200, other=200),),
    "messages_create": (
        members(404, id="conversation", body={"content": "When can you begin?"}, owner=201, other=201),
        members(
            404,
            id="conversation",
            files={"attachment": ("a.png", PICTURE, "image/png")},
            owner=201,
            other=201,
        ),
    ),
    "messages_read": (members(404, id="conversation", body={"up_to": "{message}"}, owner=200, other=200),),
    "messages_delivered": (
        members(404, id="conversation", body={"up_to": "{message}"}, owner=200, other=200),
    ),
    "messages_search": (members(200, query={"q": "number"}), members(400)),
    "messages_unread_count": (members(200),),
    # --- The assistant -------------------------------------------------------------------------------------------
    "chatbot_chat": (
        members(200, body={"message": "Go to dashboard"}),
        members(404, body={"message": "Go to dashboard", "session_id": "{chat_session}"}, owner=200),
        members(400, body={"message": " "}),
    ),
    "chatbot_sessions": (members(200),),
    "chatbot_messages": (members(404, id="chat_session", owner=200),),
    "chatbot_message": (members(404, id="chat_answer", owner=200),),
    "chatbot_rate": (members(404, id="chat_answer", body={"rating": 4}, owner=200),),
    "chatbot_help": (public(200),),
    # --- Notifications -------------------------------------------------------------------------------------------
    "notifications_list": (members(200),),
    "notifications_update": (members(404, id="notification", body={"is_read": True}, owner=200),),
    "notifications_push": (members(200),),
    "notifications_push_subscribe": (
        members(201, body=BROWSER),
        members(400, body=BROWSER | {"endpoint": "https://127.0.0.1/a-browser"}),
    ),
    "notifications_push_unsubscribe": (members(404, id="push_subscription", owner=204),),
    "notifications_push_test": (members(409, owner=202),),
    "notifications_mark_all_read": (members(200),),
    "notifications_unread_count": (members(200),),
    "notifications_preferences": (members(200),),
    "notifications_preferences_update": (
        members(200, body={"matrix": {"new_message": {"email": False}}, "digest": "daily"}),
        members(400, body={"matrix": {"system": {"email": False}}}),
    ),
    "notifications_deliveries": (members(404, id="notification", owner=200),),
    "notifications_deliveries_list": (members(200, query={"channel": "email"}),),
    # The address in a mail is enough: whoever has it may stop mails, and nothing else.
    "notifications_unsubscribe_page": (to_all(200, token="unsubscribe"),),
    "notifications_unsubscribe": (to_all(200, token="unsubscribe"),),
}
