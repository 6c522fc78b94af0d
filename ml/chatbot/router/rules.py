"""Patterns over kinds of words, each with a name, that say what a message wants in any of the three languages.

A pattern is read from left to right: `kind` or `kind|kind` is one word of that kind (`=word` the word itself), `..3` up
to three words of any kind, `a&b` one that is both, `^` and `$` the ends, and a last `?` lets its word be absent. A rule does not hold where
the message has one of the kinds it excludes, or lacks one that it wants. Precision comes before recall: what no rule
says, the examples do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ml.chatbot.router.words import Reading

_PAGES = "messages|dashboard|settings|profile|mine|notify|page|services|directory|recs"
_POLITE = "greet|thanks|soon|you|can"
_JOB = "work|task|project"


@dataclass(frozen=True, slots=True)
class Rule:
    """`unless` and `only` are kinds anywhere in the message; `most` is the greatest number of words."""

    name: str
    intent: str
    pattern: str
    unless: str = ""
    only: str = ""
    most: int = 60

    def holds(self, reading: Reading) -> bool:
        """Whether the message is one this rule speaks of."""
        if len(reading.words) > self.most:
            return False
        kinds = reading.kinds
        if not kinds.isdisjoint(self.unless.split()) or (self.only and kinds.isdisjoint(self.only.split())):
            return False
        steps = _compiled(self.pattern)
        starts = (0,) if steps and steps[0].kinds == ("^",) else range(len(reading.words) + 1)
        return any(_fits(steps, 0, reading, start) for start in starts)


@dataclass(frozen=True, slots=True)
class _Step:
    kinds: tuple[str, ...]
    gap: int = 0
    optional: bool = False


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> tuple[_Step, ...]:
    steps = []
    for part in pattern.split():
        if part.startswith(".."):
            steps.append(_Step((), gap=int(part[2:])))
        else:
            steps.append(_Step(tuple(part.removesuffix("?").split("|")), optional=part.endswith("?")))
    return tuple(steps)


def _fits(steps: Sequence[_Step], step: int, reading: Reading, at: int) -> bool:
    if step == len(steps):
        return True
    now = steps[step]
    if now.gap:
        return any(
            _fits(steps, step + 1, reading, at + skip)
            for skip in range(min(now.gap, len(reading.words) - at) + 1)
        )
    if now.kinds == ("^",):
        return at == 0 and _fits(steps, step + 1, reading, at)
    if now.kinds == ("$",):
        return at == len(reading.words) and _fits(steps, step + 1, reading, at)
    if at < len(reading.words) and _is(now.kinds, reading, at) and _fits(steps, step + 1, reading, at + 1):
        return True
    return now.optional and _fits(steps, step + 1, reading, at)


def _is(kinds: tuple[str, ...], reading: Reading, at: int) -> bool:
    names = reading.names[at]
    return any(
        all(part in names for part in kind.split("&")) or (kind[0] == "=" and kind[1:] == reading.words[at])
        for kind in kinds
    )


_TOLD = "how why when neg past price advice learn thinking pricing wordq"
RULES: tuple[Rule, ...] = (
    # CREATE_TASK
    Rule(
        "create_task",
        "CREATE_TASK",
        "create ..3 task|request",
        f"{_TOLD} here open page what status posted write become have",
    ),
    Rule(
        "new_task",
        "CREATE_TASK",
        "^ new|create|request|task ..1 task|request|new|create ..2 $",
        f"{_TOLD} for open page suits show",
        most=6,
    ),
    Rule(
        "want_person",
        "CREATE_TASK",
        "want ..3 trade|someone",
        f"{_TOLD} what work client offering avail who become apply advice culture",
    ),
    Rule(
        "find_person",
        "CREATE_TASK",
        "find|looking|suggest|request|hire ..3 trade|someone",
        f"{_TOLD} what work task project client offering avail who become apply here",
    ),
    Rule(
        "wanted_person",
        "CREATE_TASK",
        "^ ..2 trade ..2 want|wanted",
        f"{_TOLD} what work self offering avail exist who apply",
    ),
    Rule(
        "wanted", "CREATE_TASK", "^ ..1 wanted ..3 trade|someone|fixv|deliver", f"{_TOLD} what exist offering"
    ),
    Rule(
        "person_can",
        "CREATE_TASK",
        "who|anyone|someone|exist ..2 can ..2 fixv",
        f"{_TOLD} what task offering here self",
    ),
    Rule(
        "person_does",
        "CREATE_TASK",
        "who|anyone|someone fixv",
        f"{_TOLD} what task offering here work self account",
    ),
    Rule("want_person_to", "CREATE_TASK", "want ..2 someone ..3 fixv", f"{_TOLD} what offering self"),
    Rule(
        "free_person",
        "CREATE_TASK",
        "anyone|exist|find ..1 trade ..2 avail|soon|can|fixv",
        f"{_TOLD} what work offering task self suits",
    ),
    Rule(
        "have_work_for",
        "CREATE_TASK",
        "have ..1 work|task|project ..2 trade|someone",
        f"{_TOLD} what offering",
    ),
    Rule("broken_help", "CREATE_TASK", "broken ..6 want|find|someone", f"{_TOLD} what offering"),
    Rule(
        "not_working_want",
        "CREATE_TASK",
        "neg&broken ..4 want ..2 trade|someone|fixv",
        "how why past advice offering",
    ),
    Rule("help_broken", "CREATE_TASK", "want|find|someone ..6 broken", f"{_TOLD} what offering"),
    Rule(
        "want_thing",
        "CREATE_TASK",
        "want ..3 deliver",
        f"{_TOLD} what work task suits offering show open here culture account",
    ),
    Rule(
        "want_done",
        "CREATE_TASK",
        "want ..4 fixv",
        f"{_TOLD} what work task suits offering show open here culture learn change profile",
    ),
    Rule("will_pay", "CREATE_TASK", "charge ..1 number", f"{_TOLD} what work task suits offering show exist"),
    # RECOMMEND_TASKS
    Rule(
        "find_work",
        "RECOMMEND_TASKS",
        f"find|show|want|looking|suggest|exist ..3 {_JOB}",
        f"{_TOLD} create hire open page mine posted have myjob culture here status deliver learn",
    ),
    Rule(
        "work_first",
        "RECOMMEND_TASKS",
        f"^ ..1 {_JOB} ..6 $",
        f"{_TOLD} create want have open page my mine what posted myjob about feel here",
        most=8,
    ),
    Rule(
        "suits_me",
        "RECOMMEND_TASKS",
        f"what|{_JOB}|exist|find|show ..4 suits",
        "how neg past price culture create",
    ),
    Rule(
        "suggest_work",
        "RECOMMEND_TASKS",
        f"suggest ..4 {_JOB}|suits|apply",
        "how neg past price culture deliver",
    ),
    Rule("recs_alone", "RECOMMEND_TASKS", "^ ..2 recs|suggest ..1 $", "how open page my", most=4),
    Rule(
        "i_am_trade_looking",
        "RECOMMEND_TASKS",
        "self ..3 trade ..8 work|task|looking|find|exist|suggest|apply",
        "how past culture create hire",
    ),
    Rule(
        "who_needs_me",
        "RECOMMEND_TASKS",
        "who|anyone|client|someone|exist ..2 want|looking|hire|wanted ..8 avail|offering|apply|self",
        "how past price",
    ),
    Rule(
        "offer_who",
        "RECOMMEND_TASKS",
        "offering|self|avail ..8 who|anyone|client|exist ..2 want|looking|request",
        "how past price",
    ),
    # NAVIGATION
    Rule("open_page", "NAVIGATION", f"open ..3 {_PAGES}", "how why learn advice culture tech"),
    Rule(
        "bare_page",
        "NAVIGATION",
        f"^ {_POLITE}? my? {_PAGES} {_PAGES}|my? {_POLITE}? {_POLITE}? $",
        "recs",
        most=5,
    ),
    Rule("where_page", "NAVIGATION", f"where ..3 {_PAGES}", "how change", most=8),
    Rule(
        "show_mine",
        "NAVIGATION",
        "show ..2 mine|messages|notify|profile|settings|dashboard|page|services|directory",
        "how price culture suits",
        most=9,
    ),
    Rule("show_posted", "NAVIGATION", "show|open ..3 task ..4 posted", "how", most=12),
    # HELP
    Rule(
        "help_alone",
        "HELP",
        "^ greet? self? want|can? you? help ..2 $",
        "write texts trade work task find tech culture my open",
        most=5,
    ),
    Rule("what_can_you", "HELP", "yourjob", "culture learn tech trade project work", most=9),
    Rule("how_here", "HELP", "how ..9 here", "good texts culture price"),
    Rule("here_how", "HELP", "here ..9 how", "good texts culture price"),
    Rule(
        "how_platform",
        "HELP",
        "how ..4 apply|account|notify|privacy|status|fees|support|review|profile",
        "good culture write texts price client",
    ),
    Rule("how_task", "HELP", "how ..2 create|change|hire ..3 task|request", "good culture write texts tech"),
    Rule(
        "why_platform",
        "HELP",
        "why|when|can|what ..5 apply|account|notify|privacy|status|fees|review|here",
        "good culture write texts price offering suits show find open",
    ),
    Rule("lost_here", "HELP", "neg ..2 learn|act ..3 here|account", ""),
    # GENERAL_CHAT
    Rule(
        "politeness",
        "GENERAL_CHAT",
        "^ greet|thanks|wellbeing greet|thanks|wellbeing|you|go|good|soon? greet|thanks|wellbeing|you|go|good|soon? greet|thanks|wellbeing|you|go|good|soon? $",
        "help",
        most=5,
    ),
    Rule("price_of", "GENERAL_CHAT", "price ..6 trade|deliver|fixv|charge", "here want fees find task apply"),
    Rule(
        "of_price",
        "GENERAL_CHAT",
        "trade|deliver|fixv|charge ..4 price",
        "here want fees find task apply create",
    ),
    Rule(
        "how_general",
        "GENERAL_CHAT",
        "how ..4 write|learn|good|pricing|texts|culture|tech|become|myself",
        "here apply account notify status",
    ),
    Rule("write_text", "GENERAL_CHAT", "^ can? you? help? write ..4 texts", "want someone charge here"),
    Rule(
        "suggest_thing",
        "GENERAL_CHAT",
        "suggest|find|create|open ..3 culture|texts",
        "work task want someone trade page",
    ),
    Rule("tell_me", "GENERAL_CHAT", "about|learn ..3 tech|culture|trade", "here want someone"),
    Rule("told_task", "GENERAL_CHAT", "neg ..2 want? create ..2 task", "how why here can"),
    Rule(
        "advice",
        "GENERAL_CHAT",
        "advice ..5 hire|client|task|create|price|write|trade|good",
        "here apply suits find",
    ),
    Rule(
        "go_on",
        "GENERAL_CHAT",
        "^ go|open go|about|=on ..4 $",
        "page messages dashboard settings profile mine notify services",
        most=6,
    ),
)

# Whether somebody is needed, and that nobody is: neither asks for one. Where one of these holds, no task is begun.
BRAKES: tuple[Rule, ...] = (
    Rule("whether_needed", "CREATE_TASK", "askq ..4 want|hire"),
    Rule("not_hiring", "CREATE_TASK", "neg ..1 hire"),
    Rule("no_task_wanted", "CREATE_TASK", "neg want ..1 hire|create"),
    Rule("nobody_wanted", "CREATE_TASK", "neg want ..1 someone|trade|deliver|fixv"),
    Rule("thing_with_somebody", "CREATE_TASK", "want ..1 deliver with ..1 someone|trade|client"),
    Rule("no_need", "CREATE_TASK", "=no want ..3 someone|trade|deliver|fixv"),
)


def brake(reading: Reading) -> str | None:
    """The name of the brake that holds for a message which only speaks of hiring and must not begin a task."""
    return next((rule.name for rule in BRAKES if rule.holds(reading)), None)


def matching(reading: Reading) -> list[Rule]:
    """The rules that hold for a message, in their order."""
    return [rule for rule in RULES if rule.holds(reading)]
