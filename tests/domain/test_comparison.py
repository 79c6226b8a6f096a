"""Two versions of a file: which answers, rows and words differ, and that nothing of either version is lost."""

from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain import comparison
from rvc_portal.domain.comparison import CHANGED, GONE, NEW, SAME, ComparedAnswer
from rvc_portal.domain.definition import Wording
from rvc_portal.domain.form import Choice, Form, Part, Question, Section

NAME, YEAR = Part("name", Wording("Name", "Nom")), Part("year", Wording("Year", "Année"), type="year")
FORM = Form(
    (
        Section(
            "1", "one", Wording("One", "Un"),
            (
                Question("1.1", "why", Wording("Why", "Pourquoi"), "text", word_limit=50),
                Question("1.2", "mayor", Wording("Mayor", "Maire"), "group", parts=(NAME, YEAR)),
                Question("1.3", "fairs", Wording("Fairs", "Foires"), "table", parts=(NAME, YEAR)),
                Question("1.4", "links", Wording("Links", "Liens"), "links"),
                Question("1.5", "size", Wording("Size", "Taille"), "choice", choices=(Choice("s", Wording("Small", "Petite")),)),
            ),
        ),
    )
)  # fmt: skip


def worded(question: Question, part: Part | None, value: object) -> str:
    choices = {c.key: c.label.en for c in question.choices}
    return choices.get(str(value), str(value))


def compared(key: str, before: object, after: object) -> ComparedAnswer:
    found = comparison.answers(FORM, {key: before}, {key: after}, worded)
    assert [a.question.key for a in found] == ["why", "mayor", "fairs", "links", "size"]
    return next(a for a in found if a.question.key == key)


def fates(answer: ComparedAnswer) -> list[str]:
    return [row.fate for row in answer.rows]


def row(name: str, year: str) -> dict[str, str]:
    return {"name": name, "year": year}


def test_a_text_is_told_apart_word_by_word() -> None:
    found = compared("why", "The old bridge.", "The new bridge.")
    assert fates(found) == [CHANGED]
    assert [(r.kind, r.text) for r in found.rows[0].cells[0].runs if r.kind != SAME] == [(GONE, "old"), (NEW, "new")]


def test_a_group_is_told_apart_part_by_part() -> None:
    found = compared("mayor", row("Ana", "1970"), row("Zoé", "1970"))
    name, year = found.rows[0].cells
    assert (name.label, year.label) == (NAME.label, YEAR.label)
    assert {r.kind for r in name.runs} == {GONE, NEW}
    assert {r.kind for r in year.runs} == {SAME}


def test_a_row_taken_out_of_the_middle_leaves_the_others_as_they_were() -> None:
    rows = [row("A", "2001"), row("B", "2002"), row("C", "2003")]
    assert fates(compared("fairs", rows, [rows[0], rows[2]])) == [SAME, GONE, SAME]
    assert fates(compared("fairs", [rows[0], rows[2]], rows)) == [SAME, NEW, SAME]
    assert fates(compared("fairs", rows, [rows[0], row("B", "2012"), rows[2]])) == [SAME, CHANGED, SAME]


def test_a_row_taken_out_before_one_that_changed_is_not_told_as_two_changes() -> None:
    rows = [row("A", "2001"), row("B", "2002"), row("C", "2003")]
    assert fates(compared("fairs", rows, [row("B", "2012"), rows[2]])) == [GONE, CHANGED, SAME]
    assert fates(compared("fairs", rows[:1], [row("Z", "1999"), row("A", "2011")])) == [NEW, CHANGED]


def test_an_answer_given_or_taken_back_is_new_or_gone() -> None:
    assert fates(compared("links", None, ["https://a.example"])) == [NEW]
    assert fates(compared("size", "s", "")) == [GONE]
    assert compared("size", "s", None).rows[0].cells[0].runs[0].text == "Small"
    assert fates(compared("fairs", [], None)) == []


def test_pieces_are_told_apart_by_their_hashes() -> None:
    one, two = ({"piece": "letter", "name": f"{n}.pdf", "sha256": n * 64} for n in "ab")
    other = {"piece": "photos", "name": "a.pdf", "sha256": "a" * 64}
    assert [f.fate for f in comparison.files("letter", [one, other], [one])] == [SAME]
    assert [(f.fate, f.name) for f in comparison.files("letter", [one], [two])] == [(GONE, "a.pdf"), (NEW, "b.pdf")]
    assert comparison.changed_pieces([one, other], [one]) == {"photos"}


ROWS = st.lists(st.builds(row, st.sampled_from("ABC"), st.sampled_from(["1", "2"])), max_size=5)


@given(ROWS, ROWS)
def test_both_versions_can_be_read_out_of_the_comparison(
    before: list[dict[str, str]], after: list[dict[str, str]]
) -> None:
    found = compared("fairs", before, after)
    for version, left_out, rows in ((before, NEW, {SAME, CHANGED, GONE}), (after, GONE, {SAME, CHANGED, NEW})):
        told = [
            tuple("".join(r.text for r in cell.runs if r.kind != left_out) for cell in r.cells)
            for r in found.rows
            if r.fate in rows
        ]
        assert told == [tuple(r.values()) for r in version]
    assert found.changed == (before != after)
    assert ("fairs" in comparison.changed_questions(FORM, {"fairs": before}, {"fairs": after})) == found.changed
