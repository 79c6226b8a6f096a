"""An annual meeting to come, half prepared: its agenda is public, cities name their delegates, one task is late.

The cities are real; that they meet there, and everybody who comes, is made up.
"""

import io
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from rvc_portal.demonstration import pieces as made_up
from rvc_portal.demonstration.cast import Cast
from rvc_portal.demonstration.cities import cities
from rvc_portal.demonstration.story import Story
from rvc_portal.domain.agenda import Kind, Readers, Slot
from rvc_portal.domain.vocabulary import OwnerKind
from rvc_portal.models.meeting import Meeting
from rvc_portal.models.seat import Member
from rvc_portal.services import agenda, delegates, preparation
from rvc_portal.services.agenda import Paper, Point
from rvc_portal.services.delegates import Person
from rvc_portal.services.pieces import NO_SCANNER
from rvc_portal.services.preparation import Duty, Terms

EDITION, ZONE = 14, "America/Chicago"
HOST = ("Iowa City", "literature")
DAYS = 3

POINTS = (
    (0, "09:00", "09:30", "Great Hall", Kind.PLENARY, None, "Opening by the mayor of the host city",
     "Ouverture par le maire de la ville hôte"),
    (0, "09:30", "10:45", "Great Hall", Kind.PLENARY, None, "What became of the conclusions of the last meeting",
     "Suites données aux conclusions de la dernière réunion"),
    (0, "10:45", "11:15", "", Kind.BREAK, None, "Coffee", "Café"),
    (0, "11:15", "12:30", "Great Hall", Kind.PLENARY, None, "New members present themselves",
     "Présentation des nouveaux membres"),
    (0, "14:00", "16:00", "Library", Kind.WORKSHOP, "literature", "Reading in public space",
     "Lire dans l’espace public"),
    (0, "14:00", "16:00", "Studio", Kind.WORKSHOP, "music", "Music schools and the city",
     "Les écoles de musique et la ville"),
    (0, "14:00", "16:00", "Market Hall", Kind.WORKSHOP, "gastronomy",
     "Kitchens that teach: from the market to the school canteen",
     "Des cuisines qui enseignent : du marché à la cantine scolaire"),
    (0, "19:00", "22:00", "", Kind.VISIT, None, "Evening of the host city by the river",
     "Soirée de la ville hôte au bord du fleuve"),
    (1, "09:00", "11:00", "Council Chamber", Kind.MAYORS, None, "Culture in the budget of a city",
     "La culture dans le budget d’une ville"),
    (1, "09:30", "11:00", "Studio", Kind.WORKSHOP, "film", "Cinemas as public places", "Le cinéma, lieu public"),
    (1, "11:00", "11:30", "", Kind.BREAK, None, "Coffee", "Café"),
    (1, "11:30", "13:00", "Great Hall", Kind.PLENARY, None, "First reading of the conclusions",
     "Première lecture des conclusions"),
    (1, "15:00", "18:00", "", Kind.VISIT, None, "Walk through the quarter of the printers",
     "Promenade dans le quartier des imprimeurs"),
    (2, "09:30", "12:00", "Great Hall", Kind.PLENARY, None, "Amendments and adoption of the conclusions",
     "Amendements et adoption des conclusions"),
    (2, "12:00", "12:30", "Great Hall", Kind.PLENARY, None, "The next host city presents itself",
     "Présentation de la prochaine ville hôte"),
)  # fmt: skip
"""Day, from, to, hall, kind, field, and the title in both languages."""

COMING = (
    ("Norwich", "Eleanor Whitcombe", "Head of the City of Literature office", False),
    ("Norwich", "Daniel Okafor", "Deputy Leader of the Council", True),
    ("Dublin", "Aoife Ní Bhriain", "Director of the UNESCO City of Literature office", False),
    ("Reykjavík", "Sigríður Jónsdóttir", "Office of Culture and Sport", False),
)

TASKS = (
    (-4, HOST, "en", "Name the halls, with the number of seats in each and in the interpreters’ booths."),
    (10, None, "fr", "Envoyer aux villes membres le projet de conclusions dans les deux langues."),
    (24, HOST, "en", "Tell delegates which hotels are within walking distance, and until when rooms are kept."),
    (60, "steering", "en", "Propose who chairs the reading of the conclusions."),
    (90, "members", "en", "Send a page on what the city did for clause 3 since the last meeting."),
)
"""Days from now, whose, language and words; the Secretariat's where nobody is named."""


def play(story: Story, cast: Cast, now: datetime) -> None:
    """The Secretariat makes the meeting, publishes its agenda and opens the registration; four delegates are named."""
    begun, first = now - timedelta(days=45), (now + timedelta(days=190)).date()
    meeting = _made(story, cast, first, (now + timedelta(days=30)).date(), begun)
    _agenda(story, cast, meeting, first, begun)
    _tasks(story, cast, meeting, now, begun)
    _registration(story, cast, meeting, now)


def _made(story: Story, cast: Cast, first: date, until: date, at: datetime) -> Meeting:
    terms = Terms(EDITION, (_city(story, *HOST).id,), first, first + timedelta(days=DAYS - 1), ZONE, until)
    made = preparation.make(story.session, terms, actor=story.actor(cast.officer, at), now=at)
    story.commit()
    return made


def _agenda(story: Story, cast: Cast, meeting: Meeting, first: date, at: datetime) -> None:
    officer, session = story.actor(cast.officer, at), story.session
    writer = next(city for city in cities().values() if city.language == "fr")
    for day, starts, ends, hall, kind, field, english, french in POINTS:
        slot = Slot(first + timedelta(days=day), time.fromisoformat(starts), time.fromisoformat(ends), hall, english)
        item = agenda.add(session, meeting, Point(slot, french, kind, field), actor=officer, now=at)
        if kind is Kind.MAYORS:
            note = Paper("Note de cadrage de la table ronde", "fr", Readers.NETWORK, item_id=item.id)
            content = io.BytesIO(made_up.letter("note", writer, 1, first))
            agenda.add_file(
                session, story.instance.files, meeting, note, name="note-de-cadrage.pdf", content=content,
                scanner=NO_SCANNER, actor=officer, now=at,
            )  # fmt: skip
    link = Paper("How to reach the meeting", "en", Readers.ANYBODY, "https://meeting.example/travel")
    agenda.add_link(session, meeting, link, actor=officer, now=at)
    agenda.publish(session, meeting, actor=officer, now=at + timedelta(days=5))
    story.commit()


def _tasks(story: Story, cast: Cast, meeting: Meeting, now: datetime, at: datetime) -> None:
    officer, session = story.actor(cast.officer, at), story.session
    for days, whose, language, text in TASKS:
        due = (now + timedelta(days=days)).date()
        if isinstance(whose, tuple):
            duty = Duty(text, language, OwnerKind.MEMBER, due, _city(story, *whose).id)
        else:
            duty = Duty(text, language, OwnerKind(whose or OwnerKind.SECRETARIAT), due)
        preparation.add_task(session, meeting, duty, actor=officer, now=at)
    booked = Duty("Book the interpreters.", "en", OwnerKind.SECRETARIAT, (now - timedelta(days=12)).date())
    task = preparation.add_task(session, meeting, booked, actor=officer, now=at)
    preparation.finish_task(session, task, actor=officer, now=now - timedelta(days=20))
    story.commit()


def _registration(story: Story, cast: Cast, meeting: Meeting, now: datetime) -> None:
    at = now - timedelta(days=20)
    delegates.open_registration(story.session, meeting, actor=story.actor(cast.officer, at), now=at)
    acting = {str(player.seat.city): player.account for player in cast.members}
    for number, (city, name, title, mayor) in enumerate(COMING):
        when = at + timedelta(days=2 * number + 1)
        actor = story.actor(acting.get(city, cast.officer), when)
        person = Person(name, title, f"delegate{number + 1}@city.example", mayor)
        delegates.name(story.session, meeting, _city(story, city, HOST[1]), person, actor=actor, now=when)
    story.commit()


def _city(story: Story, city: str, field: str) -> Member:
    return story.session.scalars(sa.select(Member).where(Member.city == city, Member.field == field)).one()
