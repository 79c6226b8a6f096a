"""Scenes for the tests of this floor."""

from tests.scenes import scene_at, shelf  # noqa: F401
