"""The addresses that are there only where settings ask for them."""

from django.urls import include, path

from multitask.mail.mailbox import mailbox_patterns
from multitask.mail.webhooks import webhook_patterns
from multitask.urls import urlpatterns as ours

# These tests set MAILBOX, MAIL_WEBHOOK_SECRET and EMAIL_PROVIDER before the addresses are first looked up.
urlpatterns = [
    path("webhooks/mail/", include(webhook_patterns())),
    path("mailbox/", include(mailbox_patterns())),
    *ours,
]
handler400 = "multitask.common.errors.bad_request"
handler404 = "multitask.common.errors.page_not_found"
