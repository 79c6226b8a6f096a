"""What tests of real workers share."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from tests.engines.working import SlowInbox
from tests.servers import free_port


@pytest.fixture
def inbox() -> Iterator[tuple[SlowInbox, str]]:
    slow = SlowInbox()
    controller = Controller(slow, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield slow, f"smtp://127.0.0.1:{controller.port}"
    slow.held = False
    controller.stop()
