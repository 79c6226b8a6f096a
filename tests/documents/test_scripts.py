"""The scripts of the world in what people write: direction, fonts, and what a reader's program copies out of it."""

import io
import re
import subprocess
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from rvc_portal.documents import pdf
from tests.documents import samples
from tests.documents.test_pdf import Collector

TEXTS = {
    "ar": "تقترح المدينة برنامج القراءة العامة في كل الأحياء مع المكتبات والمدارس",
    "he": "העיר מציעה תוכנית קריאה לכל השכונות יחד עם הספריות ובתי הספר",
    "fa": "شهر ما برنامه کتابخوانی را با کتابخانه ها پیشنهاد میدهد و پژوهش گروه چاپ",
    "zh": "本市建议在二〇一五年至二〇一八年间，为十二个街区建立阅读之家（图书馆）。",
    "ja": "わが市は12の地区に「読書の家」を設け、創造都市ネットワークと協力します。",
    "ko": "우리 시는 열두 개 동네에 ‘책의 집’을 세우고 창의도시 네트워크와 협력합니다.",
    "hi": "हमारा शहर बारह मोहल्लों में पठन-गृह स्थापित करेगा और क्षेत्रीय पुस्तकालयों से जुड़ेगा।",
    "th": "เมืองของเราจะสร้างบ้านแห่งการอ่านในสิบสองย่าน และร่วมมือกับเครือข่าย",
}
FROM_THE_RIGHT = ("ar", "he", "fa")
LATIN = "Latinparagraph of the same answer."


def said(language: str | None = None) -> dict[str, Any]:
    """An answer that begins in Arabic and goes on in every script, a paragraph each."""
    return samples.said("\n\n".join([*TEXTS.values(), LATIN]), language)


def dossier() -> dict[str, Any]:
    context = samples.dossier()
    every = (q for s in context["sections"] for q in s["questions"])
    next(q for q in every if q["type"] == "text" and q["label"]["en"] == "Profile of the city")["value"]["said"] = (
        said()
    )
    return context


CONTEXTS = {"DOSSIER": dossier, "RETURN_LETTER": lambda: samples.SAMPLES["RETURN_LETTER"]() | {"reason": said()}}
EACH = [(kind, language) for kind in CONTEXTS for language in pdf.LANGUAGES]


@lru_cache(maxsize=4)
def made(kind: str, language: str) -> pdf.Rendered:
    return pdf.render(kind, CONTEXTS[kind](), language, samples.IMAGES)


@lru_cache(maxsize=8)
def copied(kind: str, language: str, *options: str) -> str:
    """As Debian's program copies the text out."""
    return subprocess.run(
        ["pdftotext", *options, "-", "-"], input=made(kind, language).content, capture_output=True, check=True
    ).stdout.decode()


def bare(text: str) -> str:
    """Without white space and marks of direction, each letter in its usual form."""
    kept = unicodedata.normalize("NFKC", text)
    return "".join(c for c in kept if not c.isspace() and unicodedata.category(c) != "Cf")


@pytest.mark.parametrize("tag", TEXTS)
@pytest.mark.parametrize(("kind", "language"), EACH)
def test_what_is_copied_out_is_what_was_written_in_its_order(kind: str, language: str, tag: str) -> None:
    assert bare(TEXTS[tag]) in bare(copied(kind, language))


@pytest.mark.parametrize("tag", FROM_THE_RIGHT)
def test_the_browsers_reader_finds_words_that_run_from_the_right(tag: str) -> None:
    with pypdfium2.PdfDocument(made("RETURN_LETTER", "en").content) as document:
        text = "".join(bare(page.get_textpage().get_text_range()) for page in document)
    assert all(bare(word) in text for word in TEXTS[tag].split())


def edges(kind: str, text: str) -> tuple[float, float]:
    """Where the line of this text begins and ends, in points from the left."""
    lines = re.findall(
        r"<line xMin=\"([\d.]+)\".*?xMax=\"([\d.]+)\".*?>(.*?)</line>", copied(kind, "en", "-bbox-layout"), re.S
    )
    start = bare(text)[:12]
    found = []
    for left, right, inside in lines:
        drawn = bare("".join(re.findall(r">([^<]*)</word>", inside)))  # from left to right, whatever the script
        if drawn.startswith(start) or drawn[::-1].startswith(start):
            found.append((float(left), float(right)))
    (edge,) = found
    return edge


@pytest.mark.parametrize("kind", CONTEXTS)
def test_each_paragraph_begins_where_its_script_does(kind: str) -> None:
    left, _ = edges(kind, LATIN)
    for tag in ("zh", "ja", "ko", "hi", "th"):
        assert edges(kind, TEXTS[tag])[0] == pytest.approx(left, abs=3)
    rights = [edges(kind, TEXTS[tag])[1] for tag in FROM_THE_RIGHT]
    assert rights == pytest.approx([rights[0]] * 3, abs=3)
    assert rights[0] > left + 300
    assert all(edges(kind, TEXTS[tag])[0] > left + 20 for tag in FROM_THE_RIGHT)


@pytest.mark.parametrize(("kind", "language"), EACH)
def test_every_letter_is_drawn_by_a_font_that_the_file_carries(kind: str, language: str) -> None:
    said: list[str] = []
    collector = Collector(said)
    logger = pdf.logging.getLogger("weasyprint")
    logger.addHandler(collector)
    try:
        made.cache_clear()
        document = made(kind, language)
    finally:
        logger.removeHandler(collector)
    assert said == []
    assert document.missing_glyphs == ((samples.UNPRINTABLE,) if kind == "DOSSIER" else ())
    with pikepdf.open(io.BytesIO(document.content)) as opened:
        fonts = [o for o in opened.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]
        names = {str(font.FontName).partition("+")[2] for font in fonts}
        assert all({"/FontFile2", "/FontFile3"} & set(font.keys()) for font in fonts)
    for script in ("Arabic", "Hebrew", "Devanagari", "Thai", "CJK"):
        assert any(script in name for name in names), names


def test_a_language_is_marked_where_it_is_known_and_not_guessed() -> None:
    context = samples.SAMPLES["RETURN_LETTER"]() | {"reason": said("fa")}
    assert '<div class="said quoted" lang="fa" dir="rtl">' in pdf.page_html("RETURN_LETTER", context, "en")
    unknown = pdf.page_html("RETURN_LETTER", context | {"reason": said()}, "en")
    assert '<div class="said quoted" dir="rtl">' in unknown
    assert 'lang="fa"' not in unknown


def test_the_set_up_installs_what_draws_them() -> None:
    launcher = (Path(__file__).resolve().parents[2] / "rvc").read_text()
    assert "fonts-noto-core" in launcher
    assert "fonts-noto-cjk" in launcher
