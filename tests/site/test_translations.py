"""Every text of every page has its Portuguese, and it says the same."""

import re
from collections import defaultdict

import pytest
from django.utils import translation

from tests import translations
from tests.translations import APPS, Entry, catalogue, compiled, entries, wanted

every_app = pytest.mark.parametrize("app", APPS)
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+\}|<[^>]*>")


@every_app
def test_every_text_has_its_portuguese_and_none_is_left_over(app):
    held = {
        (entry.text, entry.plural, entry.context) for entry in entries(catalogue(app))
    }
    asked = wanted(app)

    assert {text: asked[text] for text in asked.keys() - held} == {}
    assert held - asked.keys() == set()


@every_app
def test_each_text_is_translated_with_its_places(app):
    for entry in entries(catalogue(app)):
        assert entry.told
        assert all(entry.told), entry
        assert "fuzzy" not in entry.flags, entry
        assert len(entry.told) == (2 if entry.plural else 1), entry
        for english, portuguese in zip(
            (entry.text, entry.plural), entry.told, strict=False
        ):
            assert sorted(PLACE.findall(portuguese)) == sorted(PLACE.findall(english))


@every_app
def test_the_program_reads_what_is_written(app):
    path = catalogue(app)

    assert compiled(path) == translations.written(path), "run manage.py compilemessages"


def test_one_text_is_told_in_one_way_whichever_app_it_is_of():
    """Django joins the catalogues: one of two translations would be lost."""
    told = defaultdict(set)
    for app in APPS:
        for entry in entries(catalogue(app)):
            told[entry.text, bool(entry.plural), entry.context].add(entry.told)

    assert {text: ways for text, ways in told.items() if len(ways) > 1} == {}


@every_app
def test_what_is_written_is_what_a_reader_gets(app):
    """Django's own catalogues come before: a text of theirs needs a context here."""
    for entry in entries(catalogue(app)):
        with translation.override("pt-br"):
            assert _as_read(entry) == entry.told, entry.text


def _as_read(entry: Entry) -> tuple[str, ...]:
    if entry.plural:
        return tuple(
            translation.ngettext(entry.text, entry.plural, count) for count in (1, 2)
        )
    if entry.context:
        return (translation.pgettext(entry.context, entry.text),)
    return (translation.gettext(entry.text),)
