"""Copying from an earlier file: the rights are those of writing and of reading, and one act is one transaction."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.domain.errors import NotFound, Overtaken, Refused
from rvc_portal.models.dossier import Answer, Membership
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import dossiers
from rvc_portal.services import copying, journal, submission
from tests.stories import Tale, town
from tests.web.browsing import START


@pytest.fixture
def earlier_call(app):
    with app.app_context():
        yield Tale(app, START - timedelta(days=730))


@pytest.fixture
def tale(earlier_call, app):
    return Tale(app, START)


def copy(tale, dossier_id, source_id, *keys, by=None, **more):
    actor = tale.story.actor(by or tale.lead(), START)
    return copying.copy(tale.story.session, tale.dossier(dossier_id), source_id, keys, actor=actor, now=START, **more)


def join(tale, dossier_id, person, role):
    tale.story.session.add(Membership(dossier_id=dossier_id, account_id=person.id, role=role, since_at=START))
    tale.story.commit()


def test_what_is_copied_is_a_revision_of_its_own_with_author_and_time(earlier_call, tale):
    source_id, dossier_id = earlier_call.draft(share=1.0), tale.draft()
    assert copy(tale, dossier_id, source_id, "reasons", "urls", "signature", "nowhere") == ["reasons", "urls"]
    session = tale.story.session
    found = session.get_one(Answer, (dossier_id, "reasons"))
    assert (found.revision, found.author_id, found.at) == (1, tale.lead().id, START)
    assert found.value == dossiers.values(session, source_id)["reasons"]
    entry = session.scalars(sa.select(JournalEntry).where(JournalEntry.transition == "copy")).one()
    assert entry.payload == {
        "source": earlier_call.dossier(source_id).reference, "questions": ["reasons", "urls"],
    }  # fmt: skip
    assert journal.first_broken(session, dossier_id) is None
    # The same once more changes nothing, and nothing is noted.
    assert copy(tale, dossier_id, source_id, "reasons", "urls") == []
    assert len(session.scalars(sa.select(JournalEntry).where(JournalEntry.transition == "copy")).all()) == 1


def test_who_only_reads_the_draft_copies_nothing_into_it(earlier_call, tale):
    source_id, dossier_id = earlier_call.draft(share=1.0), tale.draft()
    reader = tale.lead("reader@ville.example", "Rita Lector")
    join(tale, dossier_id, reader, "reader")
    join(tale, source_id, reader, "reader")
    with pytest.raises(Refused):
        copy(tale, dossier_id, source_id, "reasons", by=reader)
    assert "reasons" not in dossiers.values(tale.story.session, dossier_id)


def test_who_does_not_belong_to_the_earlier_file_copies_nothing_out_of_it(earlier_call, tale):
    source_id, dossier_id = earlier_call.draft(share=1.0), tale.draft()
    editor = tale.lead("editor@ville.example", "Ed Itor")
    join(tale, dossier_id, editor, "editor")
    with pytest.raises(NotFound):
        copy(tale, dossier_id, source_id, "reasons", by=editor)
    join(tale, source_id, editor, "reader")  # who may read it may take from it
    assert copy(tale, dossier_id, source_id, "reasons", by=editor) == ["reasons"]


def test_a_file_of_the_same_call_must_have_come_to_its_end(tale):
    first, dossier_id = tale.draft(share=1.0), tale.draft(town("Encore"))
    with pytest.raises(NotFound):
        copy(tale, dossier_id, first, "reasons")
    tale.story.withdraw(tale.dossier(first), tale.lead(), START - timedelta(days=1))
    assert copy(tale, dossier_id, first, "reasons") == ["reasons"]


def test_an_answer_that_changed_unseen_stops_the_whole_copy(earlier_call, tale):
    source_id, dossier_id = earlier_call.draft(share=1.0), tale.draft()
    actor, dossier = tale.story.actor(tale.lead(), START), tale.dossier(dossier_id)
    submission.save_answers(tale.story.session, dossier, {"reasons": "Other ones."}, actor=actor, now=START)
    with pytest.raises(Overtaken):
        copy(tale, dossier_id, source_id, "reasons", "urls", seen={"reasons": 0, "urls": 0})
    assert "urls" not in dossiers.values(tale.story.session, dossier_id)
