"""However clauses are moved, split, merged and added: numbers have no gap, no word is lost, nothing stands under itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain import outline as rules
from rvc_portal.domain.errors import Refused
from rvc_portal.domain.outline import Entry, Outline, Place

TEXT = "one two three"


@st.composite
def acts(draw: st.DrawFn) -> list[tuple[str, int, int, int]]:
    """An act, and three numbers that say on which of those that are there it is done."""
    kinds = st.sampled_from(["add", "part", "move", "up", "down", "lower", "higher", "split", "merge"])
    small = st.integers(0, 50)
    return draw(st.lists(st.tuples(kinds, small, small, small), max_size=40))


class Draft:
    """An outline with the text of each, as the services keep one."""

    def __init__(self) -> None:
        self.outline: Outline[int] = ()
        self.texts: dict[int, str] = {}
        self.given: list[str] = []

    def there(self) -> list[int]:
        return [key for key, _ in rules.places(self.outline)]

    def words(self) -> list[str]:
        return sorted(word for key in self.there() for word in self.texts[key].split())

    def do(self, kind: str, first: int, second: int, third: int) -> None:
        keys = self.there()
        if kind == "add" or not keys:
            return self._new(Place(None, second))
        key, other = keys[first % len(keys)], self.outline[second % len(self.outline)].key
        if kind == "part":
            return self._new(Place(other, third))
        if kind == "move":
            self.outline = rules.move(self.outline, key, Place(other if first % 3 else None, third))
        if kind in ("up", "down", "lower", "higher"):
            found = {
                "up": lambda: rules.step(self.outline, key, -1), "down": lambda: rules.step(self.outline, key, 1),
                "lower": lambda: rules.lower(self.outline, key), "higher": lambda: rules.higher(self.outline, key),
            }[kind]()  # fmt: skip
            if found is not None:
                self.outline = rules.move(self.outline, key, found)
        if kind == "split":
            self._split(key, third)
        if kind == "merge":
            behind = rules.next_of(self.outline, key)
            self.outline = rules.merge(self.outline, key)
            assert behind is not None
            self.texts[key] = rules.joined(self.texts[key], self.texts[behind])
        return None

    def _new(self, place: Place[int]) -> None:
        key = len(self.texts)
        self.outline = rules.add(self.outline, key, place)
        self.texts[key] = f"{TEXT} {key}"
        self.given += self.texts[key].split()

    def _split(self, key: int, at: int) -> None:
        words = self.texts[key].split()
        if len(words) < 2:
            return
        cut = 1 + at % (len(words) - 1)
        found = rules.halves(" ".join(words[:cut]) + "\n" + " ".join(words[cut:]), self.texts[key])
        assert found is not None
        new = len(self.texts)
        self.outline = rules.split(self.outline, key, new)
        self.texts[key], self.texts[new] = found


@given(acts())
def test_whatever_is_done_numbers_have_no_gap_and_no_word_is_lost(done: list[tuple[str, int, int, int]]) -> None:
    draft = Draft()
    for act in done:
        before = draft.outline
        try:
            draft.do(*act)
        except Refused:
            assert draft.outline is before
        names = list(rules.names(draft.outline).values())
        assert len(names) == len(draft.there()) == len(set(draft.there()))
        numbers = [name for name in names if name.isdigit()]
        assert numbers == [str(n) for n in range(1, len(numbers) + 1)]
        for number, entry in enumerate(draft.outline, start=1):
            letters = [rules.names(draft.outline)[part] for part in entry.parts]
            assert letters == [f"{number}{letter}" for letter in rules.LETTERS[: len(letters)]]
            assert entry.key not in entry.parts
        assert draft.words() == sorted(draft.given)


def three() -> Outline[str]:
    return (Entry("A"), Entry("B", ("b1", "b2")), Entry("C"))


def test_a_clause_goes_under_another_and_out_again() -> None:
    under = rules.move(three(), "C", Place("B", 1))
    assert under == (Entry("A"), Entry("B", ("b1", "C", "b2")))
    found = rules.higher(under, "C")
    assert found is not None
    assert rules.move(under, "C", found) == (*three()[:1], Entry("B", ("b1", "b2")), Entry("C"))


def test_sub_clauses_go_along_with_their_clause_and_with_the_text_they_follow() -> None:
    assert rules.move(three(), "B", Place(None, 0)) == (Entry("B", ("b1", "b2")), Entry("A"), Entry("C"))
    assert rules.split(three(), "B", "N") == (Entry("A"), Entry("B"), Entry("N", ("b1", "b2")), Entry("C"))
    assert rules.merge(three(), "A") == (Entry("A", ("b1", "b2")), Entry("C"))


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda o: rules.move(o, "B", Place("A", 0)), "Clause 2 has sub-clauses: it cannot become one."),
        (lambda o: rules.move(o, "A", Place("A", 0)), "A clause cannot stand under itself."),
        (
            lambda o: rules.merge(o, "B"),
            "Clause 2 has sub-clauses: the text of the next one would come to stand before",
        ),
        (lambda o: rules.merge(o, "C"), "Clause 3 has no next one to be merged with."),
        (lambda o: rules.merge(o, "b2"), "Clause 2b has no next one to be merged with."),
    ],
)
def test_what_would_break_the_order_is_refused(act, said: str) -> None:
    with pytest.raises(Refused, match=said):
        act(three())


def test_there_is_no_letter_for_a_27th_sub_clause() -> None:
    full = (Entry("A", tuple(rules.LETTERS)), Entry("B"))
    assert rules.lower(full, "B") == Place("A", 26)
    with pytest.raises(Refused, match="Clause 1 has 26 sub-clauses"):
        rules.move(full, "B", Place("A", 0))


def test_the_first_goes_no_higher_and_the_last_no_lower() -> None:
    outline = three()
    assert (rules.step(outline, "A", -1), rules.step(outline, "C", 1), rules.step(outline, "b2", 1)) == (
        None,
        None,
        None,
    )
    assert (rules.lower(outline, "A"), rules.lower(outline, "B"), rules.higher(outline, "C")) == (None, None, None)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("One two\nthree.", ("One two", "three.")),
        ("One  two\r\n\r\n three.\n", ("One two", "three.")),
        ("One two three.", None),
        ("One two three.\n", None),
        ("One two\nthree four.", None),
    ],
)
def test_a_text_is_parted_where_its_line_is_broken_and_nowhere_changed(typed, found) -> None:
    assert rules.halves(typed, "One two three.") == found


def test_no_break_spaces_stay() -> None:
    assert rules.whole(" À savoir\u00a0:\n trois\u202f%  ") == "À savoir\u00a0: trois\u202f%"
