"""Whether the web process of this container answers: exit status 0 or 1. `python web_health.py [URL]`.

Django refuses a Host it does not serve, so the first name of ALLOWED_HOSTS is asked for. Standard library alone:
a check must not cost what a start costs.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

URL = "http://127.0.0.1:8000/healthz"
TIMEOUT = 5


def main(arguments: list[str]) -> int:
    """Ask once. A redirect counts as an answer of another server, not of the health check."""
    if arguments[:1] in (["--help"], ["-h"]):
        sys.stdout.write(__doc__ or "")
        return 0
    url = arguments[0] if arguments else URL
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".") or "localhost"
    request = urllib.request.Request(url, headers={"Host": name})  # noqa: S310 - the address is the caller's own
    # No proxy of the environment has a say about this container.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT) as response:
            return 0 if response.status == 200 and response.url == url else 1
    except (urllib.error.URLError, OSError, ValueError) as error:
        sys.stderr.write(f"{url} does not answer: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
