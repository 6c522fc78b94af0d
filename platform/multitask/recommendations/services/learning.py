"""Make the statistics that scores are computed with."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from ml.learning import learn
from ml.statistics import Statistics, gather
from multitask.recommendations.learned import MatchStatistics
from multitask.recommendations.selectors.journal import showings
from multitask.recommendations.selectors.statistics import market_rating, skill_categories, skill_sets
from multitask.recommendations.services.lists import lists_recompute_all

# The log's rows name the statistics they were shown with, for as long as they are learned from.
KEEP = 120


def statistics_refresh(*, now: datetime | None = None) -> MatchStatistics | None:
    """Measure the market and the log anew and ask for every list. None where nothing has changed. Inside a transaction.

    Lists turn to the new statistics one after another; each has all its entries by the same ones.
    """
    now = now or timezone.now()
    sets = [skills for skills in skill_sets() if skills]
    rarity, related = gather(sets, skill_categories())
    learned = learn(showings(now=now))
    made = Statistics(rarity=rarity, related=related, factors=learned.factors, rating=market_rating())
    last = MatchStatistics.objects.order_by("-pk").first()
    if last is not None and last.data == made.to_json():
        return None
    row = MatchStatistics.objects.create(data=made.to_json(), sets=len(sets), learned=learned.to_json())
    old = MatchStatistics.objects.order_by("-pk").values_list("pk", flat=True)[KEEP:]
    MatchStatistics.objects.filter(pk__in=list(old)).delete()
    lists_recompute_all(reason="statistics")
    return row
