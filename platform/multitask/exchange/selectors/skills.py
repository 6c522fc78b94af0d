"""Find a skill by whatever a file calls it."""

from __future__ import annotations

from ml.text import normalise
from multitask.exchange.errors import LineError
from multitask.exchange.selectors.refs import ref_find
from multitask.recommendations.models import Skill


def name_key(name: str) -> str:
    """What two writings of one name have in common."""
    return normalise(name) or name.strip().casefold()


class SkillNames:
    """Every active skill by slug, name and alias in both languages; read once, again after `forget`."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def forget(self) -> None:
        self._ids = {}

    def find(self, name: str) -> int | None:
        """The id of the skill called `name`: a slug before a name before an alias; None where nobody is."""
        if not self._ids:
            self._read()
        return self._ids.get(name) or self._ids.get(f"={name_key(name)}")

    def resolve(self, name: str, *, field: str) -> int:
        """The id of the imported skill with the ref `name`, or of the skill called so. Raises LineError."""
        known = ref_find(kind="skill", ref=name) if name else None
        found = known.object_id if known else self.find(name)
        if found is None:
            raise LineError("unknown_skill", field=field, skill=name[:100])
        return found

    def _read(self) -> None:
        rows = list(Skill.objects.filter(is_active=True).order_by("pk"))
        for skill in rows:
            self._ids[skill.slug] = skill.pk
        # Keys of names begin with "=", which no slug does.
        for skill in rows:
            for name in (skill.name_en, skill.name_ar):
                self._ids.setdefault(f"={name_key(name)}", skill.pk)
        for skill in rows:
            for name in skill.aliases:
                self._ids.setdefault(f"={name_key(name)}", skill.pk)
