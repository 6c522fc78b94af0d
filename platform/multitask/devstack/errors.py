"""What can go wrong in starting the stack, said in one sentence that names the remedy."""

from __future__ import annotations

import errno


class StackError(RuntimeError):
    """Something the reader can act on; its text is one line, shown without a stack trace."""


class StackBusy(StackError):
    """The stack of this `var/` is already held by a living process.

    `pid` is that process; `web` the address it serves, or None when it serves none.
    """

    def __init__(self, message: str, *, pid: int | None, web: str | None) -> None:
        super().__init__(message)
        self.pid = pid
        self.web = web


DISK_FULL = "The disk is full: free some space (200 MB at least) and start again."


def explain_os_error(error: OSError) -> StackError:
    """The one-line form of an operating system error met while starting or running."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StackError(DISK_FULL)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        where = f" {error.filename}" if error.filename else ""
        return StackError(
            f"No permission to write{where}: give this user the checkout's var/ folder, or use its owner's login."
        )
    return StackError(f"{error.strerror or error}: {error.filename or 'no file named'}.")
