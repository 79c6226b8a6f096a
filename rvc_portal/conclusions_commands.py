"""`rvc conclusions …`: what an annual meeting agreed, read from a file and written as a PDF, from a terminal."""

from pathlib import Path

import click

from rvc_portal.domain import agreed_text
from rvc_portal.domain.agreed_text import AgreedText
from rvc_portal.domain.errors import PortalError
from rvc_portal.domain.faults import BadFile
from rvc_portal.gateways import fonts
from rvc_portal.language import LANGUAGES
from rvc_portal.models.base import db
from rvc_portal.models.engine import reading_only
from rvc_portal.services import conclusions
from rvc_portal.terminal import OPERATOR, CreateApp, application, committing, data_option, now

meeting_option = click.option("--meeting", "edition", type=click.IntRange(1), required=True, help="9 of the ninth.")
BOTH = "both"
language_option = click.option("--lang", "language", type=click.Choice(LANGUAGES), required=True)


@click.group(name="conclusions")
def conclusions_group() -> None:
    """What the annual meetings agreed."""


@conclusions_group.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@language_option
@meeting_option
@data_option
@click.pass_obj
def import_conclusions(create_app: CreateApp, file: Path, language: str, edition: int) -> None:
    """Read a text as extracted from a PDF, and say what was understood. Whole, or not at all with every fault by its line."""
    content = file.read_bytes()
    try:
        text = agreed_text.read(agreed_text.decode(content))
    except BadFile as faults:
        raise PortalError("\n".join(f"{file}:{line}" for line in str(faults).splitlines())) from faults
    with committing(create_app) as session:
        taken = conclusions.take(session, text, edition=edition, language=language, actor=OPERATOR, now=now())
    _tell(text)
    made = " (the meeting is new)" if taken.created else ""
    click.echo(f"Meeting {edition}{made}: {taken.written} texts written, {taken.same} as before.")


@conclusions_group.command(name="seal")
@meeting_option
@data_option
@click.pass_obj
def seal_conclusions(create_app: CreateApp, edition: int) -> None:
    """Close the text for ever; its documents are issued. Refused while a piece lacks a language."""
    with committing(create_app) as session:
        issued = conclusions.seal(session, edition=edition, actor=OPERATOR, now=now())
        references = [document.context["document"]["reference"] for document in issued]
    click.echo(f"Sealed: {', '.join(references)}.")


@conclusions_group.command(name="pdf")
@meeting_option
@click.option("--lang", "language", type=click.Choice([*LANGUAGES, BOTH]), required=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@data_option
@click.pass_obj
def write_conclusions(create_app: CreateApp, edition: int, language: str, out: Path) -> None:
    """Write the text as it reads now, as a PDF; with `both`, in two columns."""
    fonts.require()
    app = application(create_app)
    with app.app_context(), reading_only():
        rendered = conclusions.print_now(
            db.session(), edition=edition, language=None if language == BOTH else language, now=now()
        )
    out.write_bytes(rendered.content)
    click.echo(f"{out}: {rendered.pages} pages, SHA-256 {rendered.sha256}.")


def _tell(text: AgreedText) -> None:
    """What was understood, clause by clause."""
    click.echo(f"Title: {text.title or '(none)'}")
    click.echo(f"Preamble: {len(text.preamble.split())} words")
    for clause in text.clauses:
        parts = (
            f", {len(clause.parts)} sub-clauses {clause.parts[0].letter}–{clause.parts[-1].letter}"
            if clause.parts
            else ""
        )
        click.echo(f"{clause.number:>3}. line {clause.line}{parts}: {clause.text[:60]}")
    for page in text.dropped:
        click.echo(f"line {page.line}: {page.number} is the number of a page, and is left out")
    words = len(text.words())
    click.echo(f"Words: {words + len(text.dropped)} in, {words} out, {len(text.dropped)} numbers of pages.")
