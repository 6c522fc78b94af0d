"""What one wants: choice before default, critical types before both, and quiet hours by the clock of Cairo."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from multitask.accounts.models import User
from multitask.common.clock import CAIRO, next_at
from multitask.conftest import AsUser
from multitask.notifications.defaults import ALIASES, CRITICAL, KINDS
from multitask.notifications.models import Channel, NotificationPreference, NotificationType
from multitask.notifications.services.preferences import preferences_set
from multitask.notifications.unsubscribe import DIGEST, SCOPES, unsubscribe_token, unsubscribe_url
from multitask.notifications.wishes import Wishes
from multitask.testing.concurrency import at_once

PATH = "/api/notifications/preferences/"
ARABIC = re.compile("[\u0621-\u064a]")


# --- Precedence -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", NotificationType.values)
@pytest.mark.parametrize("channel", Channel.values)
def test_one_s_choice_goes_before_the_default_and_critical_before_both(kind: str, channel: str) -> None:
    default = KINDS[kind].wants(channel)
    assert Wishes().wants(kind, channel) is default
    for choice in (True, False):
        chosen = Wishes({kind: {channel: choice}})
        assert chosen.wants(kind, channel) is (kind in CRITICAL or choice)
        # A choice for one type on one channel says nothing about any other.
        for other in set(NotificationType.values) - {kind}:
            assert chosen.wants(other, channel) is KINDS[other].wants(channel)


def test_mails_about_matches_come_only_to_who_asks_for_them() -> None:
    assert [kind for kind in KINDS if not Wishes().wants(kind, "email")] == ["recommendation"]
    assert all(Wishes().wants(kind, "push") and Wishes().wants(kind, "in_app") for kind in KINDS)


# --- Quiet hours ----------------------------------------------------------------------------------------------------


def cairo(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CAIRO, fold=fold).astimezone(UTC)


NIGHT = Wishes(quiet_from=time(22), quiet_to=time(7))
LUNCH = Wishes(quiet_from=time(13), quiet_to=time(14, 30))


@pytest.mark.parametrize(
    ("wishes", "moment", "end"),
    [
        (NIGHT, "2026-06-03 21:59:59", None),
        (NIGHT, "2026-06-03 22:00", "2026-06-04 07:00"),
        (NIGHT, "2026-06-03 23:59:59", "2026-06-04 07:00"),
        (NIGHT, "2026-06-04 00:00", "2026-06-04 07:00"),
        (NIGHT, "2026-06-04 06:59:59", "2026-06-04 07:00"),
        (NIGHT, "2026-06-04 07:00", None),
        (LUNCH, "2026-06-03 12:59", None),
        (LUNCH, "2026-06-03 13:00", "2026-06-03 14:30"),
        (LUNCH, "2026-06-03 14:30", None),
        (Wishes(quiet_from=time(9), quiet_to=time(9)), "2026-06-03 09:00", None),
        (Wishes(), "2026-06-03 03:00", None),
        (Wishes(quiet_from=time(22), quiet_to=time(0)), "2026-06-03 23:59", "2026-06-04 00:00"),
        (Wishes(quiet_from=time(0), quiet_to=time(6)), "2026-06-04 00:00", "2026-06-04 06:00"),
    ],
)
def test_quiet_hours_begin_and_end_to_the_minute_and_go_on_over_midnight(
    wishes: Wishes, moment: str, end: str | None
) -> None:
    assert wishes.quiet_until(cairo(moment)) == (cairo(end) if end else None)


@pytest.mark.parametrize("day", ["2026-04-24", "2027-04-30"])
def test_when_the_clock_goes_forward_the_night_is_an_hour_shorter(day: str) -> None:
    # Midnight is followed by one o'clock.
    before = cairo(f"{day} 02:00") - timedelta(hours=1, seconds=1)
    assert before.astimezone(CAIRO).time() == time(23, 59, 59)
    end = NIGHT.quiet_until(before)
    assert end == cairo(f"{day} 07:00")
    assert end - before == timedelta(hours=6, seconds=1)
    # A bound that is left out is the moment the clock goes on from.
    one = cairo(f"{day} 01:00")
    assert Wishes(quiet_from=time(0, 30), quiet_to=time(6)).quiet_until(one) == cairo(f"{day} 06:00")
    assert Wishes(quiet_from=time(0, 30), quiet_to=time(6)).quiet_until(one - timedelta(seconds=1)) is None
    assert Wishes(quiet_from=time(23), quiet_to=time(0, 30)).quiet_until(one - timedelta(seconds=1)) == one
    assert Wishes(quiet_from=time(0, 10), quiet_to=time(0, 50)).quiet_until(one) is None


@pytest.mark.parametrize("day", ["2026-10-29", "2027-10-28"])
def test_when_the_clock_goes_back_the_night_is_one_stretch_an_hour_longer(day: str) -> None:
    # 23:59:59 is followed by 23:00.
    late = Wishes(quiet_from=time(23, 30), quiet_to=time(7))
    start = cairo(f"{day} 23:30")
    end = late.quiet_until(start)
    assert end is not None
    assert end - start == timedelta(hours=8, minutes=30)
    assert late.quiet_until(start - timedelta(seconds=1)) is None
    # The clock shows 23:15 again, before the beginning by its hands: it is quiet still.
    again = cairo(f"{day} 23:15", fold=1)
    assert again > start
    assert late.quiet_until(again) == end
    # What ends within the repeated hour ends at its first showing, and does not begin anew.
    short = Wishes(quiet_from=time(22), quiet_to=time(23, 15))
    assert short.quiet_until(cairo(f"{day} 23:14")) == cairo(f"{day} 23:15")
    assert short.quiet_until(cairo(f"{day} 23:00", fold=1)) is None


@given(
    start=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    end=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    moment=st.timedeltas(timedelta(), timedelta(days=730)).map(
        lambda span: datetime(2026, 1, 1, tzinfo=UTC) + span
    ),
)
def test_the_end_of_quiet_hours_is_later_within_a_day_and_not_quiet_itself(
    start: time, end: time, moment: datetime
) -> None:
    wishes = Wishes(quiet_from=start, quiet_to=end)
    until = wishes.quiet_until(moment)
    if until is None:
        return
    assert moment < until <= moment + timedelta(hours=25)
    assert until == next_at(moment, at=end)
    assert wishes.quiet_until(until) is None


# --- Over HTTP ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_preferences_are_read_whole_and_changed_in_part(as_user: AsUser, freelancer: User) -> None:
    client = as_user(freelancer)
    before = client.get(PATH).json()
    assert set(before["matrix"]) == set(NotificationType.values)
    assert before["locked"] == ["payment_received", "system"]
    assert (before["digest"], before["quiet_from"], before["email_marketing"]) == ("off", None, False)
    assert not NotificationPreference.objects.exists()
    body = {
        "matrix": {"new_message": {"push": False}, "review_received": {"email": False}},
        "quiet_from": "23:00",
        "quiet_to": "07:30",
        "digest": "weekly",
        "digest_hour": 18,
        "digest_weekday": 5,
    }
    after = client.patch(PATH, body).json()
    assert client.get(PATH).json() == after
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {*body, "push_messages", "email_task_updates"}
    assert after["matrix"]["new_message"] == {"in_app": True, "email": True, "push": False}
    assert client.patch(PATH, {}).json() == after
    # What is answered can be sent back.
    sent_back = {name: value for name, value in after.items() if name != "locked"}
    assert client.patch(PATH, sent_back).json() == after


@pytest.mark.django_db
@pytest.mark.parametrize("alias", sorted(ALIASES))
def test_each_plain_switch_stands_for_its_types_on_its_channel(
    as_user: AsUser, freelancer: User, alias: str
) -> None:
    client = as_user(freelancer)
    channel, kinds = ALIASES[alias]
    default = client.get(PATH).json()
    flipped = client.patch(PATH, {alias: not default[alias]}).json()
    assert flipped[alias] is not default[alias]
    cells = {
        (kind, name)
        for kind, row in flipped["matrix"].items()
        for name, value in row.items()
        if value != default["matrix"][kind][name]
    }
    assert cells == {(kind, channel) for kind in kinds}
    # The matrix wins where both speak; a switch is on where all of its part is.
    mixed = client.patch(PATH, {alias: True, "matrix": {kinds[0]: {channel: False}}}).json()
    assert mixed[alias] is False
    assert client.patch(PATH, {alias: True}).json()["matrix"][kinds[0]][channel] is True


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"matrix": {"system": {"email": False}}}, "matrix"),
        ({"matrix": {"payment_received": {"in_app": False}}}, "matrix"),
        ({"matrix": {"gossip": {"email": False}}}, "matrix"),
        ({"matrix": {"new_message": {"pigeon": True}}}, "matrix"),
        ({"matrix": {"new_message": {"email": "perhaps"}}}, "matrix"),
        ({"matrix": []}, "matrix"),
        ({"locked": []}, "locked"),
        ({"email_everything": True}, "email_everything"),
        ({"quiet_from": "22:00"}, "quiet_to"),
        ({"quiet_to": "22:00"}, "quiet_from"),
        ({"quiet_from": "25:00", "quiet_to": "07:00"}, "quiet_from"),
        ({"digest": "hourly"}, "digest"),
        ({"digest_hour": 24}, "digest_hour"),
        ({"digest_weekday": 7}, "digest_weekday"),
        ({"digest_hour": 10**30}, "digest_hour"),
    ],
)
def test_what_cannot_be_chosen_is_refused_by_name_and_changes_nothing(
    as_user: AsUser, freelancer: User, body: dict[str, Any], field: str
) -> None:
    client = as_user(freelancer)
    answer = client.patch(PATH, body | {"email_messages": False} if "locked" not in body else body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field]), answer.json()
    assert client.get(PATH).json()["email_messages"] is True


@pytest.mark.django_db
def test_a_critical_type_may_be_sent_as_it_is_and_quiet_hours_taken_away(
    as_user: AsUser, freelancer: User
) -> None:
    client = as_user(freelancer)
    assert client.patch(PATH, {"matrix": {"system": {"email": True}}}).status_code == 200
    client.patch(PATH, {"quiet_from": "22:00", "quiet_to": "07:00"})
    assert client.patch(PATH, {"quiet_from": None, "quiet_to": None}).json()["quiet_from"] is None


@pytest.mark.django_db
def test_preferences_are_one_s_own_alone(
    api: APIClient, as_user: AsUser, freelancer: User, client_user: User
) -> None:
    as_user(freelancer).patch(PATH, {"email_messages": False})
    assert as_user(client_user).get(PATH).json()["email_messages"] is True
    assert api.get(PATH).status_code == 401
    assert api.patch(PATH, {}).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_are_both_kept(freelancer: User) -> None:
    jobs = [
        lambda name=name: preferences_set(
            actor=freelancer, changes={name: not KINDS[ALIASES[name][1][0]].wants(ALIASES[name][0])}
        )
        for name in ALIASES
    ]
    assert not [result for result in at_once(jobs) if isinstance(result, Exception)]
    overrides = NotificationPreference.objects.get().overrides
    assert sum(len(channels) for channels in overrides.values()) == sum(
        len(kinds) for _, kinds in ALIASES.values()
    )


# --- Unsubscribing --------------------------------------------------------------------------------------------------


def path_of(user: User, scope: str) -> str:
    return f"/api/notifications/unsubscribe/{unsubscribe_token(user.pk, scope)}/"


@pytest.mark.django_db
@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_looking_at_the_page_changes_nothing_and_one_click_stops_that_kind_alone(
    api: APIClient, as_user: AsUser, freelancer: User, scope: str
) -> None:
    preferences_set(actor=freelancer, changes={"digest": "daily", "email_marketing": True})
    client = as_user(freelancer)
    before = client.get(PATH).json()
    path = path_of(freelancer, scope)
    for method in ("get", "head", "options"):
        assert getattr(api, method)(path).status_code == 200
    assert client.get(PATH).json() == before
    for _ in range(2):
        # As a mail provider does: a form, no login, no cookie, no token of a form.
        answer = APIClient(enforce_csrf_checks=True).post(
            path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == 200
    after = client.get(PATH).json()
    if scope == DIGEST:
        assert after == before | {"digest": "off"}
    else:
        expected = before["matrix"] | {scope: before["matrix"][scope] | {"email": False}}
        assert after["matrix"] == expected
        assert after["digest"] == "daily"
    # And back, in the settings.
    back = {"digest": "daily"} if scope == DIGEST else {"matrix": {scope: {"email": True}}}
    assert client.patch(PATH, back).json() == before


@pytest.mark.django_db
def test_the_page_speaks_both_languages_and_asks_by_a_form(api: APIClient, freelancer: User) -> None:
    answer = api.get(path_of(freelancer, "new_message"))
    page = answer.content.decode()
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "Do you want no more mails of the kind “New message”?" in page
    assert "هل تريد إيقاف رسائل «رسالة جديدة»؟" in page
    assert page.count('<form method="post">') == 2
    done = api.post(path_of(freelancer, "new_message")).content.decode()
    assert "You get no more mails" in done
    assert "<form" not in done
    json = api.post(path_of(freelancer, "digest"), headers={"Accept": "application/json"}).json()
    assert (json["scope"], json["stopped"]) == ("digest", True)


@pytest.mark.django_db
def test_an_address_that_is_not_ours_is_a_page_that_says_so(api: APIClient, freelancer: User) -> None:
    good = unsubscribe_token(freelancer.pk, "new_message")
    for token in ("x", good[:-1], good + "x", "a.b", good.replace(".", ":"), "%00", "é", "." * 500):
        for method in ("get", "post"):
            answer = getattr(api, method)(f"/api/notifications/unsubscribe/{token}/")
            assert answer.status_code == 404, token
            assert "This address is not valid." in answer.content.decode(), token
    assert not NotificationPreference.objects.exists()
    User.objects.filter(pk=freelancer.pk).update(is_active=False)
    assert api.post(f"/api/notifications/unsubscribe/{good}/").status_code == 404
    assert api.get(f"/api/notifications/unsubscribe/{good}/", headers={"Accept": "application/json"}).json()[
        "code"
    ] == ("not_found")


@pytest.mark.django_db
def test_a_token_opens_nothing_else(api: APIClient, freelancer: User) -> None:
    token = unsubscribe_token(freelancer.pk, "new_message")
    for header in (f"Bearer {token}", f"Token {token}"):
        assert api.get("/api/notifications/", headers={"Authorization": header}).status_code == 401
    for kind in CRITICAL:
        with pytest.raises(ValueError, match="Nobody unsubscribes"):
            unsubscribe_token(freelancer.pk, kind)
    # The same for the same user and kind: nothing about the mail can be read from it.
    assert unsubscribe_url(freelancer.pk, "digest") == unsubscribe_url(freelancer.pk, "digest")
