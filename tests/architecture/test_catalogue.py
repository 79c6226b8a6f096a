"""The French catalogue says everything that the source says, and says it as French is set."""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
FRENCH = ROOT / "rvc_portal" / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
# As docs/translating.md gives them to pybabel.
KEYWORDS = DEFAULT_KEYWORDS | {"_l": None, "lazy_gettext": None}
PARAMETER = re.compile(r"%\((\w+)\)[a-z]")

SLIPS = {
    "no no-break space before a double sign": re.compile(r"(?<![\u00a0/\d])[:;?!»](?=$|[\s.,)”])"),
    "no no-break space after a guillemet": re.compile(r"«(?!\u00a0)"),
    "a straight apostrophe": re.compile(r"\w'\w"),
    "a straight or English quotation mark": re.compile(r'["“”]'),
    "no no-break space before a per cent sign": re.compile(r"(?<!\u00a0)%%"),
    "three dots": re.compile(r"\.\.\."),
    "a capital without its accent": re.compile(r"\b(?:Etat|Etape|Evaluat|Evaluation|Emis|A l’)"),
    "two spaces": re.compile(r" {2}"),
}


def sources() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Every file with a sentence in it, and the sentence: one text, or singular and plural."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    # Folder by folder: what the set-up installs beside them is not ours to read.
    for folder in ("rvc_portal", "templates"):
        inside = [(pattern.removeprefix(f"{folder}/"), how) for pattern, how in methods if pattern.startswith(folder)]
        how_exactly = {pattern.removeprefix(f"{folder}/"): said for pattern, said in options.items()}
        for name, _line, message, _comments, _context in extract_from_dir(ROOT / folder, inside, how_exactly, KEYWORDS):
            yield f"{folder}/{name}", message


@pytest.fixture(scope="module")
def asked() -> dict[str | tuple[str, ...], str]:
    """Every sentence of the source with a file that says it."""
    return {message: name for name, message in sources()}


@pytest.fixture(scope="module")
def french() -> Catalog:
    return read_po(io.BytesIO(FRENCH.read_bytes()), locale="fr")


def entries(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def ids(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, (tuple, list)) else (message.id,)


def slips(text: str) -> list[str]:
    # Addresses and times of the day carry colons of their own.
    plain = re.sub(r"https?://\S*|\d:\d", "…", text)
    return [name for name, pattern in SLIPS.items() if pattern.search(plain)]


def parameters_fit(english: tuple[str, ...], forms: tuple[str, ...]) -> bool:
    """Whether every form has the parameters of the plural; a singular may say a number by a word."""
    full = set(PARAMETER.findall(english[-1]))
    least = [full] if len(english) == 1 else [set(PARAMETER.findall(english[0])) - {"num"}, full]
    return all(low <= set(PARAMETER.findall(form)) <= full for low, form in zip(least, forms, strict=True))


def test_every_sentence_is_in_the_catalogue(asked: dict[str | tuple[str, ...], str], french: Catalog) -> None:
    assert len(asked) > 500
    held = {ids(message) for message in entries(french)}
    singulars = {one[0] for one in held}
    lacking = {
        (message if isinstance(message, str) else message[0]): name
        for message, name in asked.items()
        if (message not in singulars if isinstance(message, str) else tuple(message) not in held)
    }
    assert lacking == {}


def test_every_template_with_a_sentence_is_read(asked: dict[str | tuple[str, ...], str]) -> None:
    """The extraction knows the tags that the templates use: it takes what it cannot read for empty."""
    said = {message if isinstance(message, str) else message[0] for message in asked}
    plain = re.compile(r"""\b(?:_|gettext|ngettext)\(\s*"([^"\\]+)"[,)]""")
    unread = {
        str(path.relative_to(ROOT)): lacking
        for path in (ROOT / "templates").rglob("*.*")
        if (lacking := set(plain.findall(re.sub(r"{#.*?#}", "", path.read_text("utf-8"), flags=re.DOTALL))) - said)
    }
    assert unread == {}


def test_every_entry_is_translated(french: Catalog) -> None:
    assert [message.id for message in entries(french) if message.fuzzy or not all(forms(message))] == []


def test_no_entry_is_left_over(asked: dict[str | tuple[str, ...], str], french: Catalog) -> None:
    said = {message if isinstance(message, str) else message[0] for message in asked}
    assert [ids(message)[0] for message in entries(french) if ids(message)[0] not in said] == []
    assert list(french.obsolete) == []


def test_parameters_are_kept(french: Catalog) -> None:
    assert [message.id for message in entries(french) if not parameters_fit(ids(message), forms(message))] == []
    # Babel's own checks are those of the set-up, which compiles the catalogue.
    assert [str(error) for message in entries(french) for error in message.check(french)] == []


def test_marks_of_layout_are_kept(french: Catalog) -> None:
    def tags(text: str) -> list[str]:
        return re.findall(r"</?[a-z]+>", text)

    assert [m.id for m in entries(french) if any(tags(form) != tags(ids(m)[-1]) for form in forms(m))] == []


def test_french_is_set_as_french(french: Catalog) -> None:
    found = {form: slips(form) for message in entries(french) for form in forms(message) if slips(form)}
    assert found == {}


@pytest.mark.parametrize(
    ("slip", "text"),
    [
        ("no no-break space before a double sign", "Attention : un espace ordinaire"),
        ("no no-break space before a double sign", "Attention: rien"),
        ("no no-break space after a guillemet", "« Liège\u00a0»"),
        ("a straight apostrophe", "l'appel"),
        ("a straight or English quotation mark", "“Liège”"),
        ("no no-break space before a per cent sign", "50 %%"),
        ("three dots", "Publication..."),
        ("a capital without its accent", "Etat du dossier"),
        ("two spaces", "deux  espaces"),
    ],
)
def test_the_rule_sees(slip: str, text: str) -> None:
    assert slip in slips(text)


@pytest.mark.parametrize(
    "text",
    [
        "Appel\u00a0: «\u00a0Littérature\u00a0» ; 50\u00a0%%".replace(" ;", "\u00a0;"),
        "https://example.org/x?y",
        "à 10:30",
    ],
)
def test_the_rules_let_pass(text: str) -> None:
    assert slips(text) == []


def test_parameters_that_differ_are_seen() -> None:
    assert parameters_fit(("%(city)s",), ("Ville\u00a0: %(city)s",))
    assert not parameters_fit(("%(city)s",), ("Ville",))
    assert not parameters_fit(("city",), ("Ville %(city)s",))
    assert parameters_fit(("one file", "%(num)s files"), ("%(num)s dossier", "%(num)s dossiers"))
    assert not parameters_fit(("one file", "%(num)s files"), ("un dossier", "des dossiers"))


def computed(source: str) -> list[str]:
    """Calls that translate something put together from literals, which extraction takes for another sentence."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in KEYWORDS
        and node.args
        and not isinstance(node.args[0], ast.Constant)
        and any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(node.args[0]))
    ]


def test_sentences_are_literals() -> None:
    found = {
        str(path.relative_to(ROOT)): calls
        for path in (ROOT / "rvc_portal").rglob("*.py")
        if (calls := computed(path.read_text("utf-8")))
    }
    assert found == {}
    assert computed('_("a" if x else "b")') == ["_('a' if x else 'b')"]
    assert computed('_(TEXTS["key"])') == ["_(TEXTS['key'])"]
    assert computed('_("a", n=TEXTS["key"])\n_(text)') == []
