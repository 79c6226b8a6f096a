"""The draft of the next annual meeting: begun with the text of 2015, changed by two bodies, commented on by member cities; and an
erratum to what is sealed. Words of our own."""

from datetime import date, datetime, timedelta

from rvc_portal.demonstration.cast import Cast
from rvc_portal.demonstration.composition import EDITION
from rvc_portal.demonstration.story import Player, Story
from rvc_portal.domain.following import Owner
from rvc_portal.domain.outline import Place
from rvc_portal.domain.vocabulary import LinkKind, OwnerKind, SeatKind
from rvc_portal.gateways import network
from rvc_portal.models.base import new_id
from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Meeting, MeetingHost
from rvc_portal.queries import conclusions as texts
from rvc_portal.queries import drafting as query
from rvc_portal.queries import members
from rvc_portal.services import adoption, clause_links, clause_owners, drafting, errata
from rvc_portal.services.errata import Correction

NEW = {
    "en": (
        "Each sub-network names a city that gathers, before the end of the year, what its members have learnt from working with "
        "schools, and the Secretariat publishes it on the Network’s platform."
    ),
    "fr": (
        "Chaque sous-réseau désigne une ville qui rassemble, avant la fin de l’année, ce que ses membres ont appris de leur "
        "travail avec les écoles, et le Secrétariat le publie sur la plateforme du Réseau."
    ),
}
ONE_LANGUAGE = {"fr": "Les villes membres accueillent à tour de rôle une résidence croisée de jeunes créateurs."}
SENTENCE = {
    "en": " A progress note is sent to all members at mid-year.",
    "fr": " Une note d’étape est adressée à tous les membres en milieu d’année.",
}
REMARK = "We would rather say “as far as means allow”: small cities cannot promise this every year."
ANSWER = "Agreed, the Secretariat will propose a wording for both languages."
REMARK_FR = "Le calendrier nous paraît serré pour une ville qui reçoit déjà la réunion."
SLIP = "The word is a slip of the typist’s; the French text is right."


def play(story: Story, cast: Cast, now: datetime) -> None:
    """Begun a month ago, worked on until yesterday."""
    begun = now - timedelta(days=30)
    officer = story.actor(cast.officer, begun)
    meeting = _meeting(story, now)
    drafting.begin(story.session, meeting, copied=True, actor=officer, now=begun)
    story.commit()
    _write(story, cast, meeting, now - timedelta(days=20))
    _comment(story, cast, meeting, now - timedelta(days=6))
    _erratum(story, cast, now - timedelta(days=2))
    story.commit()


def _meeting(story: Story, now: datetime) -> Meeting:
    """The meeting after those that the Network knows, where nobody has prepared it yet."""
    edition = max(known.edition or 0 for known in network.meetings()) + 1
    there = texts.of_edition(story.session, edition)
    if there is not None:
        return there
    host = MeetingHost(id=new_id(), position=0, city="Saint-Jean-Pied-de-Port-sur-la-Rivière", country="FR")
    meeting = Meeting(id=new_id(), edition=edition, year=now.year + 1, hosts=[host])
    story.session.add(meeting)
    story.session.flush()
    return meeting


def _write(story: Story, cast: Cast, meeting: Meeting, at: datetime) -> None:
    """The Secretariat and a coordinator add, revise, move, split and adopt."""
    session = story.session
    officer = story.actor(cast.officer, at)
    steering = story.actor(_coordinator(cast).account, at)
    second = _named(story, meeting, "2")
    typed = {language: second.text(language) + more for language, more in SENTENCE.items()}
    drafting.save(session, second, typed, {"en": 1, "fr": 1}, actor=steering, now=at)
    added = drafting.add(session, meeting, NEW, under=None, after=second, actor=steering, now=at + timedelta(hours=1))
    drafting.add(session, meeting, ONE_LANGUAGE, under=None, after=None, actor=officer, now=at + timedelta(hours=2))
    drafting.move(
        session,
        added,
        Place(None, 0),
        seen=query.last_change(session, meeting),
        actor=officer,
        now=at + timedelta(days=1),
    )
    last = texts.of(session, meeting).clauses[-2][0]
    drafting.remove(
        session, last, seen=query.last_change(session, meeting), actor=officer, now=at + timedelta(days=2)
    )  # fmt: skip
    owners = [Owner(OwnerKind.SECRETARIAT), Owner(OwnerKind.MEMBERS)]
    clause_owners.set_owners(session, added, owners, actor=officer, now=at)
    clause_owners.set_due(session, added, meeting.ends_on or date(meeting.year + 1, 1, 31), actor=officer, now=at)
    sealed = texts.of_edition(session, EDITION)
    assert sealed is not None
    clause_links.link(session, added, LinkKind.MEETING, sealed.id, actor=officer, now=at)
    adoption.adopt(session, _named(story, meeting, "2"), actor=officer, now=at + timedelta(days=12))
    story.commit()


def _comment(story: Story, cast: Cast, meeting: Meeting, at: datetime) -> None:
    """Two member cities; one of them is answered."""
    session, clause = story.session, _named(story, meeting, "1")
    first, second = cast.members[:2]
    for player, text, language in ((first, REMARK, "en"), (second, REMARK_FR, "fr")):
        focal = story.actor(player.account, at)
        (city,) = members.own_cities(session, focal)[:1]
        asked = drafting.comment(session, clause, text, language, member=city, actor=focal, now=at)
        if player is first:
            officer = story.actor(cast.officer, at)
            drafting.comment(session, clause, ANSWER, "en", answer_to=asked, actor=officer, now=at + timedelta(hours=5))
    story.commit()


def _erratum(story: Story, cast: Cast, at: datetime) -> None:
    sealed = texts.of_edition(story.session, EDITION)
    assert sealed is not None
    clause = texts.of(story.session, sealed).clauses[0][0]
    words = clause.text("en").split()
    wanted = Correction("en", " ".join(words[:3]), " ".join([*words[:2], "always", words[2]]), SLIP, "en")
    errata.issue(story.session, clause, wanted, actor=story.actor(cast.officer, at), now=at)


def _coordinator(cast: Cast) -> Player:
    return next(player for player in cast.group if player.seat.kind == SeatKind.COORDINATOR)


def _named(story: Story, meeting: Meeting, name: str) -> Clause:
    return dict(texts.of(story.session, meeting).named())[name]
