"""The Secretariat's view and its acts on both engines: lists, counts, reminders, more time, somebody else, the city's answer."""

from datetime import timedelta
from uuid import UUID

from rvc_portal.domain import behaviour
from rvc_portal.queries import calls, progress
from rvc_portal.queries import replies as replies_query
from rvc_portal.queries.progress import Filters
from rvc_portal.services import assignments, reminders, replies
from rvc_portal.settings import Settings
from tests.conftest import MakeApp
from tests.judging import Judging
from tests.web.browsing import START


def test_following_up_is_the_same_on_both_engines(either_database: Settings, make_app: MakeApp) -> None:
    app = make_app(either_database)
    with app.app_context():
        tale = Judging(app, START)
        session, call = tale.story.session, tale.call
        dossier_id = tale.admitted()
        players = {p.seat.name: p for p in tale.evaluators()}
        asked = tale.asked(dossier_id, [players[n] for n in ("Expert 1", "Expert 2", "Norwich", "Dublin")])
        tale.closed(asked["Expert 1"], 8)
        tale.scored(asked["Expert 2"])
        tale.declared(asked["Norwich"])
        officer = tale.story.actor(tale.officer(), START)
        term = calls.definition(call).windows["evaluation"].closes_at
        late = term + timedelta(days=2)

        def standings(**filters: object) -> list[tuple[str, str]]:
            found = progress.lines(session, officer, call, Filters(**filters), late)  # type: ignore[arg-type]
            return [(line.seat, line.standing) for line in found]

        urgent = [("Dublin", "asked"), ("Norwich", "declared"), ("Expert 2", "begun"), ("Expert 1", "closed")]
        assert standings() == urgent
        assert standings(late=True) == urgent[:3]
        assert standings(standing="begun") == urgent[2:3]
        assert [seat for seat, _ in standings(sort="evaluator")] == ["Dublin", "Expert 1", "Expert 2", "Norwich"]
        counts = progress.counts(session, officer, call, Filters(), late)
        assert (counts.total, counts.late) == (4, 3)

        more = assignments.extend(
            session, call, [asked["Norwich"]], until=late + timedelta(days=5), reason="Ill.", actor=officer, now=START
        )
        assert [line.seat for line in more.lines] == ["Norwich"]
        assert standings(late=True) == [urgent[0], urgent[2]]
        assert standings()[:3] == [urgent[0], urgent[2], urgent[1]]  # who has more time is less urgent

        made = reminders.send(session, call, UUID(int=5), list(asked.values()), actor=officer, now=START)
        assert made.mails == 3
        assert [left["why"] for left in made.left_out] == ["closed"]
        assert standings(sort="reminded")[0] == ("Expert 1", "closed")  # never reminded

        (short,) = progress.lacking(session, officer, call)
        assert (short.closed, short.asked) == ({"experts": 1, "members": 0}, {"experts": 2, "members": 2})

        dossier = tale.dossier(dossier_id)
        granada = players["Granada"].seat.id
        assignments.reassign(
            session, dossier, players["Dublin"].seat.id, granada, reason="Away.", actor=officer, now=START
        )
        assert ("Granada", "asked") in standings()
        assert "Dublin" not in dict(standings())

        sheets, seats = progress.closed_sheets(session, officer, call)
        assert [seats[sheet.evaluator].name for sheet in sheets] == ["Expert 1"]
        assert behaviour.figures(sheets, 3) == {}

        assert replies.choose(session, dossier, ["A fact."], actor=officer, now=START) == 1
        assert replies.open_all(session, call, actor=officer, now=START) == 1
        (passage,) = replies_query.passages(session, dossier.id)
        lead = tale.story.actor(tale.lead(), START)
        replies.send(session, dossier, {passage.id: "It is so."}, actor=lead, now=START)
        tale.story.commit()
        (line,) = replies_query.of_call(session, officer, call)
        assert (line.passages, line.sent_at) == (1, START)
