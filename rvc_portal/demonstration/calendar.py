"""The calendar of the demonstration, as the Secretariat issued it: the ten years that begin with the meeting of 2015."""

from datetime import datetime

from rvc_portal.demonstration.cast import Cast
from rvc_portal.demonstration.composition import MEETING
from rvc_portal.demonstration.story import Story
from rvc_portal.services import calendar


def play(story: Story, cast: Cast, now: datetime) -> None:
    """Issue it."""
    calendar.issue(story.session, MEETING.year, actor=story.actor(cast.officer, now), now=now)
    story.commit()
