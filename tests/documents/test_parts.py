"""The small parts that documents are made of: dates and numbers, paragraphs, characters, columns, charts."""

from itertools import pairwise

import pytest

from rvc_portal.documents import characters, charts, columns, palette, texts
from rvc_portal.documents.formats import Formats
from tests.documents import samples

EN, FR = Formats("en", "Europe/Paris"), Formats("fr", "Europe/Paris")


def test_an_instant_is_given_in_the_zone_of_the_call_and_in_utc() -> None:
    assert EN.instant("2015-07-15T21:58:03Z") == "15 July 2015, 23:58 (Europe/Paris), 21:58 UTC"
    assert FR.instant("2015-07-15T21:58:03Z") == "15 juillet 2015, 23:58 (Europe/Paris), 21:58 UTC"


def test_an_instant_whose_day_differs_in_utc_names_both_days() -> None:
    assert EN.instant("2015-07-15T22:00:00Z") == "16 July 2015, 00:00 (Europe/Paris), 15 July, 22:00 UTC"


def test_a_period_that_ends_at_midnight_ends_with_its_last_day() -> None:
    paris = Formats("en", "Europe/Paris")
    assert paris.until("2015-07-15T22:00:00Z") == "15 July 2015, 24:00 (Europe/Paris), 15 July, 22:00 UTC"
    assert paris.last_day("2015-07-15T22:00:00Z") == "15 July 2015"
    assert Formats("fr", "UTC").until("2015-08-01T00:00:00Z") == "31 juillet 2015, 24:00 UTC"
    assert paris.until("2015-07-15T21:59:00Z") == paris.instant("2015-07-15T21:59:00Z")
    assert paris.last_day("2015-07-15T10:00:00Z") == paris.last_day("2015-07-15") == "15 July 2015"


def test_an_instant_of_a_call_in_utc_is_given_once() -> None:
    assert Formats("en", "UTC").instant("2015-07-15T22:00:00+00:00") == "15 July 2015, 22:00 UTC"


def test_a_day_is_that_of_the_zone_and_the_first_is_written_as_the_french_do() -> None:
    assert EN.day("2015-12-31T23:30:00Z") == "1 January 2016"
    assert FR.day("2015-12-31T23:30:00Z") == "1er janvier 2016"
    assert FR.day("2015-12-11") == "11 décembre 2015"
    assert Formats("fr", "UTC", in_print=True).day("2015-12-11") == "11\u00a0décembre\u00a02015"
    assert EN.clock("2015-12-11T09:05:00Z", "2015-12-11T23:00:00Z") == "11 December 2015, 10:05"
    assert EN.clock("2015-12-11T09:05:00Z", "2015-12-11T08:00:00Z") == "10:05"
    assert EN.year("2015-12-31T23:30:00Z") == "2016"


def test_numbers_are_written_as_the_language_does() -> None:
    assert (EN.number(1234567.5), FR.number(1234567.5)) == ("1,234,567.5", "1\u202f234\u202f567,5")
    assert (EN.mean(3.456), FR.mean(3)) == ("3.46", "3,00")
    assert (EN.tenths(15), FR.tenths(107.04)) == ("15.0", "107,0")
    assert (EN.percent(12.5), FR.percent(100)) == ("12.5\u00a0%", "100\u00a0%")
    assert (EN.size(999), EN.size(3_000_000), FR.size(1_500)) == ("999\u00a0bytes", "3.0\u00a0MB", "2\u00a0ko")


def test_countries_and_languages_have_names() -> None:
    assert (EN.country("CI"), FR.country("KR"), EN.country("XX")) == ("Côte d’Ivoire", "Corée du Sud", "XX")
    assert (EN.language_name("zh-Hans"), FR.language_name("en"), EN.language_name("qqq")) == (
        "Chinese",
        "anglais",
        "qqq",
    )


def test_a_text_of_the_call_falls_back_to_the_other_language() -> None:
    assert FR.in_language({"en": "Literature", "fr": ""}) == "Literature"
    assert FR.in_language(None) == ""
    assert FR.in_language("Östersund") == "Östersund"
    assert (EN.listed(["Dublin, IE", "Tartu, EE"]), FR.listed(["a", "b"])) == ("Dublin, IE; Tartu, EE", "a\u00a0; b")
    rows = [{"country_iso2": c, "filed": n} for c, n in (("GB", 1), ("US", 1), ("ES", 2), ("FR", 1))]
    assert [row["country_iso2"] for row in FR.by_country(rows)] == ["ES", "US", "FR", "GB"], "É stands with E"
    assert [row["country_iso2"] for row in EN.by_country(rows)] == ["ES", "FR", "GB", "US"]


def test_paragraphs_are_cut_at_blank_lines_only() -> None:
    cut = texts.paragraphs("One\r\ntwo\n \nعربي\n\n\n")
    assert cut == [texts.Paragraph(["One", "two"], "ltr"), texts.Paragraph(["عربي"], "rtl")]


def test_what_has_no_space_for_long_may_be_broken_and_stays_what_it_is() -> None:
    endless = "e\u0301x" * 500
    made = texts.breakable(f"short {endless} end")
    assert made.replace(texts.BREAK, "") == f"short {endless} end"
    assert max(map(len, made.split(texts.BREAK))) < 30
    assert f"{texts.BREAK}\u0301" not in made, "a mark stays with its letter"
    assert texts.breakable("a" * 199) == "a" * 199
    assert texts.breakable("創" * 900) == "創" * 900


@pytest.mark.parametrize(
    ("text", "direction"), [("123 عربي", "rtl"), ("שלום", "rtl"), ("Latin عربي", "ltr"), ("…", "ltr"), ("", "ltr")]
)
def test_the_first_letter_decides_the_direction(text: str, direction: str) -> None:
    assert texts.direction(text) == direction


def test_a_css_string_cannot_be_ended_from_within() -> None:
    made = texts.css_string('a"; } </style>\n\\')
    assert (made[0], made[-1]) == ('"', '"')
    assert not set(made[1:-1]) & set('"<>\n}')


def test_a_page_counter_keeps_the_order_of_the_words() -> None:
    assert texts.page_counter("{pages} / {page}") == 'counter(pages) " / " counter(page)'


def test_fingerprints_are_cut_into_groups() -> None:
    assert texts.groups("abcdefgh", 3) == ["abc", "def", "gh"]


@pytest.mark.parametrize("character", ["a", "é", "東", "ب", "Ж", "द", "\n", "\u200f", "\u200d", "\ufe0f", "\u00ad"])
def test_letters_and_invisible_marks_are_printable(character: str) -> None:
    assert characters.is_printable(character)


@pytest.mark.parametrize("character", ["\U0001f9ff", "\x00", "\ue123", "\ud800", "\U000fffff"])
def test_what_no_font_has_is_not_printable(character: str) -> None:
    assert not characters.is_printable(character)


def test_missing_characters_are_replaced_in_values_at_any_depth() -> None:
    value = {"a": [{"b": "x\U0001f9ffy"}], "n": 1, "none": None}
    assert characters.printable(value, characters.missing_from(value)) == {
        "a": [{"b": "x[U+1F9FF]y"}],
        "n": 1,
        "none": None,
    }


def test_coverage_is_sorted_and_disjoint() -> None:
    ranges = characters.coverage()
    assert all(before[1] + 1 < after[0] for before, after in pairwise(ranges))


def test_without_fontconfigs_program_everything_counts_as_printable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    characters.coverage.cache_clear()
    try:
        assert characters.is_printable("\U0001f9ff")
    finally:
        characters.coverage.cache_clear()


def test_columns_share_the_width_by_their_content() -> None:
    shares = columns.column_shares(samples.budget_table())
    assert sum(shares) == pytest.approx(100, abs=0.1)
    assert shares[5] == max(shares)  # the column of prose


def report() -> dict[str, object]:
    return samples.evaluation_report()


LABELS = [en for _, en, _, _ in samples.CRITERIA]


def test_bars_are_as_long_as_their_means() -> None:
    chart = charts.score_bars(report(), LABELS)
    width = chart.right - chart.left
    for row, criterion in zip(chart.rows, samples.evaluation_report()["criteria"], strict=True):
        for bar, mean in zip(row.bars, criterion["means"].values(), strict=True):
            assert bar.width == pytest.approx((mean - 1) / 4 * width, abs=0.01)


def test_every_sheet_has_a_dot_for_each_criterion_and_none_hides_another() -> None:
    chart = charts.spread_dots(report(), LABELS)
    for row in chart.rows:
        assert len(row.dots) == 13
        for number, dot in enumerate(row.dots):
            assert row.top <= dot.y <= row.bottom
            for other in row.dots[number + 1 :]:
                assert abs(dot.x - other.x) >= charts.DOT - 0.01 or abs(dot.y - other.y) >= charts.DOT - 0.01


def test_the_scale_of_a_chart_has_a_readable_number_of_ticks() -> None:
    wide = samples.evaluation_report()
    wide["scale"] = {"minimum": 0, "maximum": 100}
    ticks = charts.score_bars(wide, LABELS).ticks
    assert [tick.value for tick in ticks] == list(range(0, 101, 10))
    assert ticks[-1].x == charts.WIDTH - charts.RIGHT


def test_a_long_label_takes_two_lines() -> None:
    chart = charts.score_bars(report(), ["long words " * 12, *LABELS[1:]])
    assert len(chart.rows[0].lines) == 2


def test_a_field_has_its_colour_and_a_stranger_the_portals() -> None:
    assert palette.accent("media_arts") == palette.tokens()["field-media-arts"]
    assert palette.accent("circus") == palette.accent(None) == palette.tokens()["accent"]
