"""Finds what a dependency means that gives a name and no id."""

from datetime import datetime

from tws.plan.graph import Plan
from tws.plan.names import Node, readings


def labelled(
    plan: Plan, label: str, scheduled: datetime | None = None, *, to_stream: bool
) -> list[Node]:
    """The jobs, or streams, of this name; with a time, only those of that day's run."""
    for step in readings(label):
        found = {
            node.id: node
            for reading in step
            for node in plan.named(reading.job or reading.stream)
            if bool(reading.job) != to_stream and reading.fits(node)
        }
        if found:
            return [
                node
                for node in found.values()
                if scheduled is None or node.scheduled == scheduled
            ]
    return []
