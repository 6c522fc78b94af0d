"""One key for a city, and its name in either language."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ml.places import _CITIES, city_key, city_name


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("Cairo", "cairo"),
        (" القَاهِرة ", "cairo"),
        ("محافظة الجيزة", "giza"),
        ("Cairo Governorate", "cairo"),
        ("مدينة نصر", "cairo"),
        ("Alex", "alexandria"),
        ("عزبة البرج", "عزبه البرج"),
        ("", ""),
        ("!?", ""),
    ],
)
def test_a_city_has_one_key_in_whatever_spelling_and_language(said, key):
    assert city_key(said) == key


@pytest.mark.parametrize("key", sorted(_CITIES))
def test_a_city_s_names_in_both_languages_lead_back_to_its_key(key):
    english, arabic = city_name(key, "en"), city_name(key, "ar")
    assert english.isascii()
    assert not arabic.isascii()
    assert city_key(english) == city_key(arabic) == city_key(key) == key


def test_an_unknown_city_has_no_name_of_ours():
    assert city_name(city_key("Atlantis"), "en") is None


@given(st.text(max_size=60))
@example("cairo city city")
def test_the_key_of_a_key_is_itself(said):
    assert city_key(city_key(said)) == city_key(said)
