"""The simulator's plan put into the graph directly, without HTTP."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from tws import decoding
from tws.plan import Plan
from tws.plan.build import job_node, stream_node
from tws.simulator import things
from tws.simulator.listing import Listing
from tws.simulator.scenarios.base import Told

PAGE = 500


def plan_of(told: Told) -> tuple[Plan, datetime]:
    """Everything whole, by way of the JSON that the server would send."""
    model, seconds = told.living.catch_up(), told.living.now
    now = datetime.fromtimestamp(seconds, UTC)
    listing = Listing(told.distortions)

    def pages(items: Sequence[Any]):
        for start in range(0, len(items), PAGE):
            part = items[start : start + PAGE]
            made = [listing.render(model, item, seconds, whole=True) for item in part]
            yield msgspec.json.encode({"results": made, "count": len(items)})

    plan = Plan()
    for body in pages(model.jobs):
        for job in decoding.jobs_page(body).items:
            plan.put_job(job_node(job, now, whole=True))
    for body in pages(model.streams):
        for stream in decoding.jobstreams_page(body).items:
            plan.put_stream(stream_node(stream, now, whole=True))
    for body in pages(model.workstations):
        for place in decoding.workstations_page(body).items:
            plan.put_workstation(place, now)
    for body in pages(model.resources):
        for thing in decoding.resources_page(body).items:
            plan.put_resource(thing, now)
    engine = things.engine_info_v1(model)
    plan.state = decoding.plan_state(msgspec.json.encode(engine))
    return plan, now
