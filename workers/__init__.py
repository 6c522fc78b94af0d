"""Background work: what is done, never who asked for it.

Importing this package sets Django up, whichever module of it comes first.
"""

import os

import django
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "multitask.settings.dev")
# A deploy's SIGTERM first lets running jobs finish (soft shutdown below), then returns the rest to the broker.
os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")
# One thread each: processes are the unit of parallel work, and threads of a forked library can hang.
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

django.setup()

# A worker keeps its connection between jobs: making one costs ten times what a small job does. (The web closes its
# own after each request: under ASGI a kept one belongs to a thread that may never come back.)
connections.settings["default"]["CONN_MAX_AGE"] = 600
