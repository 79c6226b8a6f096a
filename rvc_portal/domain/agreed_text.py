"""A text that the members agreed, read from what was extracted from a PDF: title, preamble, clauses, sub-clauses.

What an extraction does to a text is undone, and no word is lost on the way:

1. lines may be broken anywhere, with blank lines between them: white space is one space; a word that was parted at its
   hyphen is whole again, a soft hyphen is none of its letters;
2. a number alone on a line is the number of a page where one can stand: each is greater than the one before, and a page
   holds some words (`PAGE_WORDS`). It is dropped and reported. Any other number alone is part of the text;
3. `1.` begins a clause and `a)` a sub-clause, at the head of a line, or within one after the end of a sentence, when it is
   the next one. One that is not the next one is a fault where it stands at the head of a line after the end of a sentence;
   elsewhere it is text ("from 12 to\\n14. Representatives");
4. the title ends at the first gap that is wider than the gap between two lines.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.faults import BadFile, Fault
from rvc_portal.domain.vocabulary import N_

PAGE_WORDS = 60
"""A page has at least so many words: before that many, it cannot have ended."""

_LINE_END = re.compile("\r\n|\r|\n")
_PAGE_NUMBER = re.compile(r"[-–—]?\s*(\d{1,4})\s*[-–—]?")
_AT_HEAD = re.compile(r"(?:(?P<number>[1-9]\d{0,2})\.|\(?(?P<letter>[a-z])\))(?=\s|$)")
_WITHIN = re.compile(r"(?<=[.:;!?…»”]\s)(?:(?P<number>[1-9]\d{0,2})\.|\(?(?P<letter>[a-z])\))(?=\s+\w|$)")
_ENDED = re.compile(r"[.:;!?…»”)]\s*$|\b(?:et|ou|and|or)\s*$")
_WORD = re.compile(r"\w+")
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
_BROKEN_WORD = re.compile(r"(?<=\w)-$")
SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True)
class SubClause:
    """`a)` of a clause, of which there are no more than letters. `line`: where it begins in the source."""

    letter: str
    text: str
    line: int


@dataclass(frozen=True)
class Clause:
    """A numbered clause: its own text, which may end before its sub-clauses. `line`: where it begins in the source."""

    number: int
    text: str
    line: int
    parts: tuple[SubClause, ...] = ()


@dataclass(frozen=True)
class PageNumber:
    """A number alone on a line, taken for the number of a page."""

    line: int
    number: int


@dataclass(frozen=True)
class AgreedText:
    """A text as it was understood. `dropped`: the only words of the source that are not in it."""

    title: str
    preamble: str
    clauses: tuple[Clause, ...]
    dropped: tuple[PageNumber, ...]

    def words(self) -> list[str]:
        """Every word in its order, numbers and letters of the clauses among them."""
        pieces = [self.title, self.preamble]
        for clause in self.clauses:
            pieces += [str(clause.number), clause.text]
            for part in clause.parts:
                pieces += [part.letter, part.text]
        return [word for piece in pieces for word in _WORD.findall(piece)]


def decode(content: bytes) -> str:
    """The text of a file, in UTF-8 or UTF-16, with a byte-order mark or without. Raises BadFile for anything else."""
    if content.startswith(b"%PDF-"):
        raise BadFile([Fault(None, Refusal(N_("This is a PDF; give the text extracted from it.")))])
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadFile([Fault(line, Refusal(N_("the file is neither in UTF-8 nor in UTF-16")))]) from None
    if "\0" in text:
        raise BadFile([Fault(None, Refusal(N_("This is no text: it holds characters that no text has.")))])
    return text


def read(text: str) -> AgreedText:
    """Understand `text`. Raises BadFile: no words, no clause, a number left out or used twice, a sub-clause without its
    clause."""
    lines, dropped = _without_page_numbers(_lines(unicodedata.normalize("NFC", text)))
    if not any(_WORD.search(line.text) for line in lines):
        raise BadFile([Fault(None, Refusal(N_("The text is empty.")))])
    reading = _Reading()
    for line in lines:
        reading.take(line)
    if not reading.clauses:
        reading.faults.append(
            Fault(None, Refusal(N_("No clause was found: a clause begins with its number and a full stop.")))
        )
    if reading.faults:
        raise BadFile(reading.faults)
    title, preamble = _head(reading.head, usual_gap=min((line.gap for line in lines[1:]), default=0))
    found = AgreedText(title, preamble, tuple(clause.frozen() for clause in reading.clauses), dropped)
    assert "".join(found.words()) == "".join(_words_of(lines)), "a word was lost"
    return found


@dataclass(frozen=True)
class _Line:
    """A line with something on it. `gap`: how many empty ones stand before it."""

    number: int
    text: str
    gap: int


@dataclass
class _Piece:
    """Text that grows line by line."""

    mark: str
    line: int
    text: str = ""
    parts: list["_Piece"] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.text = _joined(self.text, text)

    def frozen(self) -> Clause:
        parts = tuple(SubClause(part.mark, _clean(part.text), part.line) for part in self.parts)
        return Clause(int(self.mark), _clean(self.text), self.line, parts)


@dataclass
class _Reading:
    """What was read so far."""

    head: list[_Line] = field(default_factory=list)
    clauses: list[_Piece] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    last: str = ""

    def take(self, line: _Line) -> None:
        """Part the line at the marks that begin something, and give each piece its place."""
        start = 0
        for mark in self._marks(line):
            self._put(line, line.text[start : mark.start()])
            self._begin(line, mark)
            start = mark.end()
        self._put(line, line.text[start:])
        self.last = line.text

    def _marks(self, line: _Line) -> Iterator[re.Match[str]]:
        at_head = _AT_HEAD.match(line.text)
        if at_head and (self._is_next(at_head) or not self.last or _ENDED.search(self.last)):
            yield at_head
        for within in _WITHIN.finditer(line.text):
            if self._is_next(within):
                yield within

    @property
    def _expected(self) -> int:
        return int(self.clauses[-1].mark) + 1 if self.clauses else 1

    def _is_next(self, mark: re.Match[str]) -> bool:
        if mark["number"]:
            return int(mark["number"]) == self._expected
        return bool(self.clauses) and mark["letter"] == _letter(len(self.clauses[-1].parts))

    def _begin(self, line: _Line, mark: re.Match[str]) -> None:
        if mark["number"]:
            self._check_number(line, int(mark["number"]))
            self.clauses.append(_Piece(mark["number"], line.number))
            return
        if not self.clauses:
            params = {"letter": mark["letter"]}
            self.faults.append(Fault(line.number, Refusal(N_("%(letter)s) stands before any clause"), params)))
            return
        parts = self.clauses[-1].parts
        self._check_letter(line, mark["letter"], parts)
        parts.append(_Piece(mark["letter"], line.number))

    def _check_number(self, line: _Line, number: int) -> None:
        before = next((c for c in self.clauses if int(c.mark) == number), None)
        if before is not None:
            params = {"number": number, "line": before.line}
            self.faults.append(
                Fault(line.number, Refusal(N_("clause %(number)s is there already, on line %(line)s"), params))
            )
            return
        if number != self._expected:
            params = {"number": number, "expected": self._expected}
            self.faults.append(Fault(line.number, Refusal(N_("%(number)s. stands where %(expected)s. should"), params)))

    def _check_letter(self, line: _Line, letter: str, parts: list[_Piece]) -> None:
        expected = _letter(len(parts))
        if letter != expected:
            params = {"letter": letter, "expected": expected, "number": self.clauses[-1].mark}
            message = N_("%(letter)s) stands where %(expected)s) of clause %(number)s should")
            self.faults.append(Fault(line.number, Refusal(message, params)))

    def _put(self, line: _Line, text: str) -> None:
        if not text.strip():
            return
        if not self.clauses:
            self.head.append(_Line(line.number, text, line.gap))
        else:
            clause = self.clauses[-1]
            (clause.parts[-1] if clause.parts else clause).add(text)


def _lines(text: str) -> list[_Line]:
    """The lines with something on them; a page break is white space."""
    found: list[_Line] = []
    gap = 0
    for number, raw in enumerate(_LINE_END.split(text.removeprefix("\ufeff")), start=1):
        line = _SPACES.sub(" ", raw).strip()
        if line:
            found.append(_Line(number, line, gap))
            gap = 0
        else:
            gap += 1
    return found


def _without_page_numbers(lines: list[_Line]) -> tuple[list[_Line], tuple[PageNumber, ...]]:
    kept: list[_Line] = []
    dropped: list[PageNumber] = []
    words = 0
    for line in lines:
        alone = _PAGE_NUMBER.fullmatch(line.text)
        last = dropped[-1].number if dropped else 0
        if alone and last < int(alone[1]) <= words // PAGE_WORDS + 1:
            dropped.append(PageNumber(line.number, int(alone[1])))
        else:
            kept.append(line)
            words += len(_WORD.findall(line.text))
    return kept, tuple(dropped)


def _head(lines: list[_Line], usual_gap: int) -> tuple[str, str]:
    """Title and preamble; all of it is the preamble where no gap parts them."""
    parted = next((i for i, line in enumerate(lines) if i and line.gap > usual_gap), 0)
    title, preamble = "", ""
    for line in lines[:parted]:
        title = _joined(title, line.text)
    for line in lines[parted:]:
        preamble = _joined(preamble, line.text)
    return _clean(title), _clean(preamble)


def _joined(before: str, after: str) -> str:
    if before.endswith(SOFT_HYPHEN):
        return before[:-1] + after
    return before + ("" if not before or (_BROKEN_WORD.search(before) and after[:1].isalpha()) else " ") + after


def _clean(text: str) -> str:
    return text.replace(SOFT_HYPHEN, "").strip()


def _words_of(lines: list[_Line]) -> list[str]:
    whole = ""
    for line in lines:
        whole = _joined(whole, line.text)
    return _WORD.findall(_clean(whole))


def _letter(index: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[index] if index < 26 else ""


def _encoding(content: bytes) -> str:
    """UTF-16 shows by its mark, or by the zeros in every second byte of a text in Latin script."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = content[:2000]
    if sample[1::2].count(0) * 3 > len(sample):
        return "utf-16-le"
    if sample[::2].count(0) * 3 > len(sample):
        return "utf-16-be"
    return "utf-8-sig"
