"""Imports every job, so that workers and the relay know them all."""

import workers.health
import workers.jobs.accounts
import workers.jobs.files
import workers.jobs.learning
import workers.jobs.lists
import workers.jobs.maintenance
import workers.jobs.notifications
import workers.jobs.search
import workers.jobs.tasks
import workers.jobs.vectors  # noqa: F401
