"""Which jobs an event causes. The one table of the pipeline: read it to know what happens after what."""

from __future__ import annotations

from multitask.outbox.relay import Route

ROUTES: dict[str, tuple[Route, ...]] = {
    # A task is posted or changed: vectors, then the lists it belongs in, then those whom it suits are told.
    "task.created": (
        Route("search.index_tasks", "recommend", coalesce=True),
        Route("vectors.embed_tasks", "embed", coalesce=True),
    ),
    "task.updated": (
        Route("search.index_tasks", "recommend", coalesce=True),
        Route("vectors.embed_tasks", "embed", coalesce=True),
    ),
    "task.indexed": (Route("lists.place_task", "recommend", coalesce=True),),
    "task.matched": (Route("notifications.tell_matches", "notify"),),
    "task.closed": (Route("lists.withdraw_task", "recommend", coalesce=True),),
    # A profile is changed: its vector, then its list.
    "profile.changed": (
        Route("search.index_people", "recommend", coalesce=True),
        Route("vectors.embed_profiles", "embed", coalesce=True),
    ),
    "profile.indexed": (Route("lists.recompute", "recommend", coalesce=True),),
    "list.stale": (Route("lists.recompute", "recommend", coalesce=True),),
    "lists.chunk": (Route("lists.recompute_chunk", "recommend"),),
    # What happens between the two sides of a task.
    "application.created": (
        Route("notifications.tell_application", "notify"),
        Route("learning.credit_applications", "recommend"),
    ),
    "application.accepted": (
        Route("notifications.tell_decision", "notify"),
        Route("messaging.open_accepted", "default"),
    ),
    "application.rejected": (Route("notifications.tell_decision", "notify"),),
    # The steps of a task are lines of one conversation: in the order in which they were taken.
    "task.completed": (
        Route("notifications.tell_task_end", "notify"),
        Route("messaging.note_step", "default", ordered=True),
    ),
    "task.cancelled": (
        Route("notifications.tell_task_end", "notify"),
        Route("messaging.note_step", "default", ordered=True),
    ),
    "application.withdrawn": (Route("notifications.tell_withdrawal", "notify"),),
    "task.delivered": (
        Route("notifications.tell_delivery", "notify"),
        Route("messaging.note_step", "default", ordered=True),
    ),
    "task.changes_requested": (
        Route("notifications.tell_changes", "notify"),
        Route("messaging.note_step", "default", ordered=True),
    ),
    # A question to the assistant that its model answers: one after the other in a conversation.
    "chat.asked": (Route("chat.answer", "chat", ordered=True),),
    "schedule.sweep_chat": (Route("chat.sweep", "default", coalesce=True),),
    "message.created": (Route("messaging.tell_message", "notify"),),
    "review.created": (Route("notifications.tell_review_waiting", "notify"),),
    "review.published": (Route("notifications.tell_review", "notify"),),
    "review.replied": (Route("notifications.tell_review_answer", "notify"),),
    "review.removed": (Route("notifications.tell_review_answer", "notify"),),
    # Mails about a line of somebody's list: one at a time, so that what comes meanwhile goes into the next.
    "notification.email_due": (Route("notifications.send_email", "mail", coalesce=True, ordered=True),),
    # Pushes to browsers: one of a line at a time, so that the newest is the last that a screen shows.
    "notification.push_due": (Route("push.deliver", "push", coalesce=True, ordered=True),),
    "notification.push_again": (Route("push.deliver_again", "push"),),
    "notification.push_test": (Route("push.test", "push", coalesce=True),),
    # A picture is replaced or removed, with its row or without: its file goes after the transaction.
    "file.orphaned": (Route("files.delete", "default"),),
    "schedule.sweep_files": (Route("files.sweep", "default", coalesce=True),),
    # An account's own mails. Events for nobody (user 0) hide whether an address is known; their jobs send nothing.
    "account.verification_asked": (Route("accounts.send_verification", "mail"),),
    "account.email_changing": (Route("accounts.send_email_changing", "mail"),),
    "account.email_changed": (Route("accounts.send_email_changed", "mail"),),
    "account.reset_asked": (Route("accounts.send_reset", "mail"),),
    "account.password_changed": (Route("accounts.send_password_changed", "mail"),),
    "schedule.prune_tokens": (Route("accounts.prune", "default", coalesce=True),),
    # What search reads: documents that no event has made, and the counts of their words.
    "search.behind": (Route("search.fill", "default", coalesce=True),),
    "schedule.search_count": (Route("search.count", "default", coalesce=True),),
    # A new generation of vectors is built beside the serving one.
    "index.building": (Route("vectors.build_index", "embed", coalesce=True),),
    # Schedules: beat writes these events, so that a broker that is down skips nothing.
    "schedule.reconcile": (Route("maintenance.reconcile", "default", coalesce=True),),
    "schedule.sweep_deliveries": (Route("notifications.sweep", "default", coalesce=True),),
    "schedule.sample": (Route("operations.sample", "default", coalesce=True),),
    "schedule.learn": (Route("learning.refresh", "default", coalesce=True),),
    "schedule.nightly": (Route("maintenance.nightly", "default", coalesce=True),),
    "schedule.purge": (
        Route("maintenance.purge", "default", coalesce=True),
        Route("mail.purge", "default", coalesce=True),
        Route("tasks.purge_views", "default", coalesce=True),
        Route("realtime.purge", "default", coalesce=True),
        Route("digests.purge", "default", coalesce=True),
        Route("notifications.purge", "default", coalesce=True),
        Route("push.prune", "default", coalesce=True),
    ),
    "schedule.close_overdue": (Route("tasks.close_overdue", "default", coalesce=True),),
    "schedule.remind": (Route("reminders.tell", "default", coalesce=True),),
    "schedule.digests": (Route("digests.find", "default", coalesce=True),),
    # Digests: 200 users in one chunk, each mail by itself.
    "digest.chunk": (Route("digests.prepare", "default", coalesce=True),),
    "digest.prepared": (Route("digests.send", "mail", coalesce=True),),
    "schedule.publish_reviews": (Route("tasks.publish_reviews", "default", coalesce=True),),
}
