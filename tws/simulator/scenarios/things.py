"""Something is missing or taken: files and resources."""

from tws.simulator.model import Job, Resource, Stream, Workstation
from tws.simulator.scenarios.base import ENDLESS, FINE, Story, abend, root, scenario


def _stream(story: Story, name: str, station: Workstation) -> Stream:
    return story.draft.stream(name, station, folder="/DATA/", at=-story.minutes(50, 70))


def _place(story: Story) -> tuple[Workstation, Resource]:
    station = story.draft.workstation("AGT_DATA")
    return station, story.draft.resource("DB_SLOTS", station)


def _wanting(
    story: Story, station: Workstation, resource: Resource, units: int = 1
) -> Job:
    """A job that comes later and finds the resource taken."""
    draft = story.draft
    stream = draft.stream("CONSUMER", station, folder="/DATA/", at=-20)
    job = draft.job(stream, "CON_LOAD", 8)
    draft.need_resource(job, resource, units)
    draft.job(stream, "CON_AFTER", 3, after=[job])
    return job


@scenario("file-missing", "A file has not come")
def file_missing(story: Story) -> None:
    """The target opens a file that is checked every two minutes."""
    draft = story.draft
    station = draft.workstation("AGT_DATA")
    stream = _stream(story, "INBOUND", station)
    target = draft.job(stream, "INB_LOAD", 6)
    after = draft.job(stream, "INB_STATS", 6, after=[target])
    there = draft.file("/data/in/header.csv", station, exists=True)
    missing = draft.file("/data/in/rates.csv", station)
    draft.need_file(target, there)
    draft.need_file(target, missing)
    story.expect(target, root("file_missing", missing))
    story.expect(after, root("file_missing", missing), through=[target])


@scenario("file-stream", "A file that the stream waits for")
def file_stream(story: Story) -> None:
    """The dependency is the stream's, the file lies on another workstation."""
    draft = story.draft
    station, other = draft.workstation("AGT_DATA"), draft.workstation("AGT_GATE")
    stream = _stream(story, "INBOUND", station)
    draft.chain(stream, ("INB_A", "INB_B"))
    missing = draft.file("/gate/ready.flag", other)
    draft.need_file(stream, missing)
    story.expect(stream.jobs[1], root("file_missing", missing), through=[stream])


@scenario("resource-busy", "A resource is held by a job that runs normally")
def resource_busy(story: Story) -> None:
    """The holder is within its estimate: the resource is the root."""
    draft = story.draft
    station, slots = _place(story)
    stream = _stream(story, "PRODUCER", station)
    holder = draft.job(stream, "PRO_LOAD", 150, fate=FINE)
    draft.need_resource(holder, slots)
    target = _wanting(story, station, slots)
    story.expect(target, root("resource_busy", slots))


@scenario("resource-many", "Several jobs together hold too much")
def resource_many(story: Story) -> None:
    """Three of four units are taken by two jobs; the target needs two."""
    draft = story.draft
    station = draft.workstation("AGT_DATA")
    tapes = draft.resource("TAPES", station, 4, folder="/HW/")
    stream = _stream(story, "PRODUCER", station)
    for name, units in (("PRO_A", 2), ("PRO_B", 1)):
        draft.need_resource(draft.job(stream, name, 140, fate=FINE), tapes, units)
    target = _wanting(story, station, tapes, 2)
    story.expect(target, root("resource_busy", tapes))


@scenario("resource-holder-stuck", "The holder of the resource is itself stuck")
def resource_holder_stuck(story: Story) -> None:
    """A stream holds the resource until it ends, and one of its jobs failed."""
    draft = story.draft
    station, slots = _place(story)
    stream = _stream(story, "PRODUCER", station)
    draft.need_resource(stream, slots)
    failed = draft.job(stream, "PRO_LOAD", 6, fate=abend(8))
    draft.job(stream, "PRO_FREE", 6, after=[failed])
    target = _wanting(story, station, slots)
    story.expect(target, root("job_failed", failed), through=[stream, failed])


@scenario("resource-holder-asks", "The holder of the resource waits for a person")
def resource_holder_asks(story: Story) -> None:
    """The stream that holds the resource waits for a prompt in its middle."""
    draft = story.draft
    station, slots = _place(story)
    stream = _stream(story, "PRODUCER", station)
    draft.need_resource(stream, slots)
    draft.job(stream, "PRO_LOAD", 6, fate=FINE)
    waits = draft.job(stream, "PRO_SWITCH", 6, after=stream.jobs[:1])
    prompt = draft.prompt("Switch the tables now? (y/n)", "SWITCH_TABLES")
    draft.need_prompt(waits, prompt)
    target = _wanting(story, station, slots)
    story.expect(target, root("prompt_open", prompt), through=[stream, waits])


@scenario("resource-holder-overdue", "The holder runs far beyond its estimate")
def resource_holder_overdue(story: Story) -> None:
    """The holder should have taken nine minutes: it is the root, not the resource."""
    draft = story.draft
    station, slots = _place(story)
    stream = _stream(story, "PRODUCER", station)
    holder = draft.job(stream, "PRO_HANG", 9, fate=ENDLESS)
    draft.need_resource(holder, slots)
    target = _wanting(story, station, slots)
    story.expect(target, root("job_running", holder), through=[holder])


@scenario("resource-zero", "A resource with quantity zero")
def resource_zero(story: Story) -> None:
    """Nobody holds it; somebody set its quantity to zero."""
    station, slots = _place(story)
    slots.quantity = 0
    target = _wanting(story, station, slots)
    story.expect(target, root("resource_busy", slots))


@scenario("resource-negative", "A resource with less than nothing available")
def resource_negative(story: Story) -> None:
    """Its quantity was lowered while jobs held it."""
    draft = story.draft
    station = draft.workstation("AGT_DATA")
    tapes = draft.resource("TAPES", station, 3)
    stream = _stream(story, "PRODUCER", station)
    for name in ("PRO_A", "PRO_B", "PRO_C"):
        draft.need_resource(draft.job(stream, name, 140, fate=FINE), tapes)
    target = _wanting(story, station, tapes)
    story.then(lambda living: setattr(living.resource(tapes.id), "quantity", 1))
    story.expect(target, root("resource_busy", tapes))


@scenario("resource-stream", "A stream waits for a resource")
def resource_stream(story: Story) -> None:
    """The need is the stream's; its jobs depend on nothing."""
    draft = story.draft
    station, slots = _place(story)
    stream = _stream(story, "PRODUCER", station)
    holder = draft.job(stream, "PRO_LOAD", 150, fate=FINE)
    draft.need_resource(holder, slots)
    consumer = draft.stream("CONSUMER", station, folder="/DATA/", at=-20)
    draft.need_resource(consumer, slots)
    draft.chain(consumer, ("CON_A", "CON_B"))
    story.expect(consumer.jobs[0], root("resource_busy", slots), through=[consumer])
