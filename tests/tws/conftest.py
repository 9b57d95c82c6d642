"""What the tests of the plan share."""

from collections.abc import Iterator

import pytest

from tws.simulator import Simulator, serve


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """The default night, with time standing still."""
    with serve(speed=0) as running:
        yield running
