"""Context of the pack that an evaluator takes along: each dossier as it was filed last."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from rvc_portal.domain.vocabulary import Doc
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.pack import Pack
from rvc_portal.queries import calls, dossiers, filed
from rvc_portal.services.contexts import answers
from rvc_portal.services.contexts.parts import Context, dossier_facts, filing, iso, list_of_pieces, of_call


def pack(session: Session, found: Pack, evaluator: str, files: Iterable[Dossier]) -> Context:
    """PACK: the files whole, without the pictures among their pieces."""
    document = {
        "kind": str(Doc.PACK), "reference": f"{found.call.key.upper()}/{Doc.PACK}/{found.id.hex[:8].upper()}",
        "issued_at": iso(found.made_at), "transition": None, "verify_url": None, "supersedes": None,
    }  # fmt: skip
    return {
        **of_call(found.call),
        "document": document,
        "evaluator": evaluator,
        "until": iso(found.until_at),
        "files": [_file(session, dossier) for dossier in files],
    }


def _file(session: Session, dossier: Dossier) -> Context:
    told, content = calls.definition(dossier.call), filed.content(session, dossier, as_filed=True)
    latest = dossiers.latest_filing(session, dossier.id)
    pieces = list_of_pieces(told, dossier, content.pieces)
    return {
        "dossier": dossier_facts(dossier, told),
        "filing": filing(latest, *answers.counts(told.form, content.answers)),
        "sections": answers.sections(told, content.answers, dossier.language),
        "pieces": [{**p, "files": [{**f, "image": None, "caption": None} for f in p["files"]]} for p in pieces],
    }
