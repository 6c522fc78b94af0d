"""The product's relay, which also knows the bench's jobs. `python -m benchlib.relay`."""

import sys

import benchlib.jobs  # noqa: F401  (registers jobs and routes)
from workers.relay import main

if __name__ == "__main__":
    sys.exit(main([]))
