"""The logins of the demo. Known to everybody, so they exist in development only."""

from __future__ import annotations

from django.conf import settings

PASSWORD = "multitask-demo"  # noqa: S105  (public on purpose)
ADMIN = "admin"
# User name and what the person is there for, as `manage.py demo_logins` prints them.
LOGINS = (("client", "client"), ("freelancer", "freelancer"), ("both", "both"), (ADMIN, "admin"))

# Kinds of `exchange.ImportRef`: what the demo made, so that nothing is made twice.
KIND_USER = "demo-user"
KIND_TASK = "demo-task"
KIND_REVIEW = "demo-review"
KIND_SEED = "demo-seed"


def is_production() -> bool:
    """Whether this process runs under the production settings, where no demo may exist."""
    return str(settings.SETTINGS_MODULE).rpartition(".")[2] == "prod"
