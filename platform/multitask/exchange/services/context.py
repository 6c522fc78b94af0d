"""What the lines of one import have in common."""

from __future__ import annotations

from dataclasses import dataclass, field

from multitask.accounts.models import User
from multitask.exchange.errors import LineError
from multitask.exchange.models import ImportRef
from multitask.exchange.selectors.refs import ref_find
from multitask.exchange.selectors.skills import SkillNames, name_key
from multitask.tasks.models import Category


@dataclass
class Context:
    """`client`, where it is given, posts every task; the tasks then name none."""

    client: User | None = None
    skills: SkillNames = field(default_factory=SkillNames)
    _categories: dict[str, Category] = field(default_factory=dict)

    def category(self, name: str, *, field: str = "category") -> Category:
        """A category by its slug or its name in either language. Raises LineError unknown_category."""
        if not self._categories:
            for row in Category.objects.filter(is_active=True):
                for key in (row.slug, row.name_en, row.name_ar):
                    self._categories[name_key(key)] = row
        found = self._categories.get(name_key(name))
        if found is None:
            raise LineError("unknown_category", field=field, category=name[:100])
        return found


def reference(*, kind: str, ref: str, field: str) -> ImportRef:
    """The imported `kind` called `ref`. Raises LineError unknown_ref."""
    found = ref_find(kind=kind, ref=ref)
    if found is None:
        raise LineError("unknown_ref", field=field, kind=kind, ref=ref)
    return found


def user_of(*, ref: str, field: str) -> User:
    """The imported user called `ref`. Raises LineError unknown_ref."""
    found = User.objects.filter(pk=reference(kind="user", ref=ref, field=field).object_id).first()
    if found is None:
        raise LineError("unknown_ref", field=field, kind="user", ref=ref)
    return found


def check_unchanged(row: object, wanted: dict[str, object]) -> None:
    """Raises LineError cannot_change for the first of `wanted` that differs from `row`'s."""
    for name, value in wanted.items():
        if getattr(row, name) != value:
            raise LineError("cannot_change", field=name)
