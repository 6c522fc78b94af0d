"""Imports every job, so that workers and the relay know them all."""

import workers.health
import workers.jobs.accounts
import workers.jobs.chat
import workers.jobs.digests
import workers.jobs.files
import workers.jobs.learning
import workers.jobs.lists
import workers.jobs.mail
import workers.jobs.maintenance
import workers.jobs.messaging
import workers.jobs.notifications
import workers.jobs.operations
import workers.jobs.push
import workers.jobs.realtime
import workers.jobs.reminders
import workers.jobs.search
import workers.jobs.tasks
import workers.jobs.vectors  # noqa: F401
