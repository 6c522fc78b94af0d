"""What matching reads of tasks and profiles: their texts for the two vectors, their facts for the score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ml import ranking, text
from ml.versions import TEXT_VERSION
from multitask.accounts.models import MAY_APPLY, User
from multitask.recommendations.models import TaskVector, UserPreference, UserSkill
from multitask.recommendations.selectors.skill_names import KnownSkill
from multitask.tasks.models import Category, Task

# The encoder reads 256 word pieces; what comes after about 2,000 characters is cut away there in any case.
ENCODED_CHARACTERS = 2_000
READABLE_WORDS = 3


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one task or profile.

    `for_encoder` leads with what matters most, and `lead` is what counts a second time; `readable` says whether enough of it is in a script the encoder
    reads; `for_lexical` holds every language's names; `version` is the content version read (0 for profiles).
    """

    id: int
    version: int
    for_encoder: str
    readable: bool
    for_lexical: str
    mentioned: tuple[int, ...]
    content_hash: str
    lead: str = ""


def _for_encoder(parts: Iterable[str], *, reads_arabic: bool) -> str:
    kept = parts if reads_arabic else (text.latin_part(part) for part in parts)
    return ". ".join(part.strip() for part in kept if part.strip())[:ENCODED_CHARACTERS]


def _readable(said: str, skills: Collection[KnownSkill], *, reads_arabic: bool) -> bool:
    if reads_arabic:
        return text.has_words(said) or bool(skills)
    return bool(skills) or (
        len(text.latin_part(said).split()) >= READABLE_WORDS and text.arabic_share(said) < 0.5
    )


def task_texts(
    ids: Collection[int], *, names: Mapping[int, KnownSkill], mentions: text.Mentions, reads_arabic: bool
) -> list[Texts]:
    """Texts of those of `ids` that are there, whatever their status."""
    required = _required(ids)
    found = []
    tasks = Task.objects.filter(pk__in=ids).select_related("category").order_by("pk")
    for task in tasks:
        said = f"{task.title}\n{task.description}"
        mentioned = mentions.find(said)
        skills = [names[pk] for pk in sorted(required[task.pk] | mentioned) if pk in names]
        english = ", ".join(skill.en for skill in skills)
        encoded = _for_encoder(
            (task.title, english, task.description, task.category.name_en), reads_arabic=reads_arabic
        )
        lead = _for_encoder((task.title,), reads_arabic=reads_arabic)
        words = " ".join(
            (
                said,
                *(f"{skill.en} {skill.ar}" for skill in skills),
                task.category.name_en,
                task.category.name_ar,
            )
        )
        found.append(
            Texts(
                id=task.pk,
                version=task.content_version,
                for_encoder=encoded,
                readable=_readable(said, skills, reads_arabic=reads_arabic),
                for_lexical=words,
                mentioned=tuple(sorted(mentioned)),
                content_hash=text.content_hash(TEXT_VERSION, encoded, words, lead),
                lead=lead,
            )
        )
    return found


def profile_texts(
    ids: Collection[int], *, names: Mapping[int, KnownSkill], reads_arabic: bool
) -> list[Texts]:
    """Texts of those of `ids` that take work. A profile without a word has empty texts."""
    skills = defaultdict(list)
    rows = UserSkill.objects.filter(user__in=ids).order_by("user", "-proficiency_level", "skill")
    for user_id, skill_id in rows.values_list("user_id", "skill_id"):
        skills[user_id].append(names[skill_id])
    interests = _interest_names(ids)
    found = []
    for user in User.objects.filter(pk__in=ids, user_type__in=MAY_APPLY, is_active=True).order_by("pk"):
        own = skills[user.pk]
        english = ", ".join(skill.en for skill in own)
        encoded = _for_encoder((english, user.bio), reads_arabic=reads_arabic)
        words = " ".join((user.bio, *(f"{skill.en} {skill.ar}" for skill in own), *interests[user.pk]))
        found.append(
            Texts(
                id=user.pk,
                version=0,
                for_encoder=encoded,
                readable=_readable(user.bio, own, reads_arabic=reads_arabic),
                for_lexical=words,
                mentioned=(),
                content_hash=text.content_hash(TEXT_VERSION, encoded, words),
            )
        )
    return found


def _interest_names(ids: Collection[int]) -> dict[int, list[str]]:
    categories = {
        slug: (en, ar) for slug, en, ar in Category.objects.values_list("slug", "name_en", "name_ar")
    }
    found: dict[int, list[str]] = defaultdict(list)
    for user_id, slugs in UserPreference.objects.filter(user__in=ids).values_list("user_id", "interests"):
        found[user_id] = [name for slug in slugs for name in categories.get(slug, ())]
    return found


def _required(ids: Collection[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    through = Task.required_skills.through.objects.filter(task__in=ids)
    for task_id, skill_id in through.values_list("task_id", "skill_id"):
        found[task_id].add(skill_id)
    return found


def task_facts(ids: Collection[int], *, index_id: int) -> dict[int, ranking.TaskFacts]:
    required = _required(ids)
    mentioned = dict(
        TaskVector.objects.filter(task__in=ids, index=index_id).values_list("task_id", "mentioned_skills")
    )
    rows = Task.objects.filter(pk__in=ids).values_list(
        "pk", "budget", "city", "is_remote", "task_type", "category_id"
    )
    return {
        pk: ranking.TaskFacts(
            task_id=pk,
            required=frozenset(required[pk]),
            mentioned=frozenset(mentioned.get(pk, ())) - required[pk],
            budget=budget,
            city=city,
            is_remote=is_remote,
            task_type=task_type,
            category_id=category_id,
        )
        for pk, budget, city, is_remote, task_type, category_id in rows
    }


def profile_facts(ids: Collection[int]) -> dict[int, ranking.ProfileFacts]:
    skills: dict[int, dict[int, float]] = defaultdict(dict)
    for user_id, skill_id, level, years in UserSkill.objects.filter(user__in=ids).values_list(
        "user_id", "skill_id", "proficiency_level", "years_experience"
    ):
        skills[user_id][skill_id] = ranking.strength(level, None if years is None else float(years))
    categories = dict(Category.objects.values_list("slug", "id"))
    preferences = {
        preference.user_id: preference for preference in UserPreference.objects.filter(user__in=ids)
    }
    found = {}
    for user_id, city in User.objects.filter(pk__in=ids).values_list("pk", "city"):
        preference = preferences.get(user_id) or UserPreference()
        found[user_id] = ranking.ProfileFacts(
            user_id=user_id,
            skills=skills[user_id],
            min_budget=preference.min_budget,
            max_budget=preference.max_budget,
            city=preference.preferred_location or city,
            prefer_remote=preference.prefer_remote,
            prefer_physical=preference.prefer_physical,
            task_types=frozenset(preference.preferred_task_types),
            categories=frozenset(categories[slug] for slug in preference.interests if slug in categories),
        )
    return found
