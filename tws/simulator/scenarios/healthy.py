"""Nothing is wrong with the target, or something else is wrong nearby."""

from tws.simulator.model import Definition, Fate, Stream
from tws.simulator.scenarios.base import ENDLESS, FINE, Story, abend, root, scenario


def _stream(story: Story, name: str = "LOYALTY") -> Stream:
    draft = story.draft
    return draft.stream(
        name,
        draft.workstation(f"AGT_{name[:8]}"),
        folder="/CRM/",
        at=-story.minutes(50, 70),
    )


@scenario("healthy", "The job ran")
def healthy(story: Story) -> None:
    """Everything is done and in time."""
    draft, loyalty = story.draft, _stream(story)
    jobs = draft.chain(loyalty, ("LOY_READ", "LOY_COUNT", "LOY_SEND"), 6)
    for job in jobs:
        job.fates = (FINE,)
    story.expect(jobs[2], root("none", jobs[2]))
    story.expect(loyalty, root("none", loyalty))


@scenario("healthy-running", "The job runs within its estimate")
def healthy_running(story: Story) -> None:
    """Its stream runs too."""
    draft, loyalty = story.draft, _stream(story)
    target = draft.job(loyalty, "LOY_COUNT", 150, fate=FINE)
    story.expect(target, root("none", target))


@scenario("recovered", "It failed, was rerun, and succeeded")
def recovered(story: Story) -> None:
    """Two runs: the last one counts. Its follower ran as well."""
    draft, loyalty = story.draft, _stream(story)
    target = draft.job(loyalty, "LOY_COUNT", 5, fate=[Fate("ABEND", 8, 0.5), FINE])
    after = draft.job(loyalty, "LOY_SEND", 5, after=[target], fate=FINE)
    story.heals_after = 240.0
    story.expect(target, root("none", target))
    story.expect(after, root("none", after))


@scenario("rerun-running", "It failed before, and its rerun still runs")
def rerun_running(story: Story) -> None:
    """The follower waits for the rerun, not for the failure."""
    draft, loyalty = story.draft, _stream(story)
    before = draft.job(
        loyalty, "LOY_COUNT", 120, fate=[Fate("ABEND", 8, 0.05), ENDLESS]
    )
    target = draft.job(loyalty, "LOY_SEND", 5, after=[before])
    story.then(lambda living: living.rerun(before.id))
    story.then(lambda living: living.set_status(before.id, "EXEC"))
    story.expect(target, root("job_running", before), through=[before])


@scenario("confounder", "Another failed job that is not the cause")
def confounder(story: Story) -> None:
    """It failed in the same stream, but nothing of the target waits for it."""
    draft, loyalty = story.draft, _stream(story)
    first = draft.job(loyalty, "LOY_READ", 5, fate=FINE)
    draft.job(loyalty, "LOY_OPTIONAL", 5, after=[first], fate=abend(8))
    target = draft.job(loyalty, "LOY_COUNT", 5, after=[first])
    prompt = draft.prompt("Is the campaign approved? (y/n)", "CAMPAIGN_OK")
    draft.need_prompt(target, prompt)
    story.expect(target, root("prompt_open", prompt))


@scenario("confounder-louder", "A louder failure beside the real one")
def confounder_louder(story: Story) -> None:
    """A critical job failed with a high return code; a quiet one is the cause."""
    draft, loyalty, other = story.draft, _stream(story), _stream(story, "BIGDATA")
    loud = draft.job(other, "BIG_CRASH", 5, fate=abend(255), critical=True)
    draft.job(other, "BIG_AFTER", 5, after=[loud])
    quiet = draft.job(loyalty, "LOY_READ", 5, fate=abend(1))
    target = draft.job(loyalty, "LOY_SEND", 5, after=[quiet])
    story.expect(target, root("job_failed", quiet), through=[quiet])


@scenario("confounder-released", "A failed predecessor whose dependency was released")
def confounder_released(story: Story) -> None:
    """An operator released the dependency: the missing file is what holds the target."""
    draft, loyalty = story.draft, _stream(story)
    failed = draft.job(loyalty, "LOY_READ", 5, fate=abend(8))
    target = draft.job(loyalty, "LOY_COUNT", 5)
    draft.follow(target, failed).satisfied = True
    file = draft.file("/data/crm/points.dat", loyalty.workstation)
    draft.need_file(target, file)
    story.expect(target, root("file_missing", file))


@scenario("recovery-continue", "A failed predecessor that may be passed over")
def recovery_continue(story: Story) -> None:
    """Its recovery option is CONTINUE: the target ran."""
    draft, loyalty = story.draft, _stream(story)
    failed = draft.job(
        loyalty,
        "LOY_OPTIONAL",
        5,
        fate=abend(8),
        definition=Definition("/opt/batch/optional.sh", "crmusr", recovery="CONTINUE"),
    )
    target = draft.job(loyalty, "LOY_COUNT", 5, after=[failed], fate=FINE)
    story.expect(target, root("none", target))


@scenario("two-causes", "Two different causes at once")
def two_causes(story: Story) -> None:
    """A failed job on one branch, a held one on the other."""
    draft, loyalty = story.draft, _stream(story)
    failed = draft.job(loyalty, "LOY_READ", 5, fate=abend(8))
    held = draft.job(loyalty, "LOY_HELD", 5, priority=0)
    via = draft.job(loyalty, "LOY_VIA", 5, after=[failed])
    target = draft.job(loyalty, "LOY_SEND", 5, after=[via, held])
    story.expect(target, root("job_failed", failed), root("priority_zero", held))


@scenario("three-causes", "A failure, a prompt and a busy resource")
def three_causes(story: Story) -> None:
    """Each of the target's three predecessors has its own."""
    draft, loyalty, other = story.draft, _stream(story), _stream(story, "MAILER")
    failed = draft.job(loyalty, "LOY_READ", 5, fate=abend(8))
    asks = draft.job(loyalty, "LOY_ASKS", 5)
    prompt = draft.prompt("Is the campaign approved? (y/n)", "CAMPAIGN_OK")
    draft.need_prompt(asks, prompt)
    line = draft.resource("MAIL_LINE", other.workstation)
    holder = draft.job(other, "MLR_SEND", 160, fate=FINE)
    draft.need_resource(holder, line)
    wants = draft.job(loyalty, "LOY_WANTS", 5)
    draft.restrict(wants, start=-20)
    draft.need_resource(wants, line)
    target = draft.job(loyalty, "LOY_SEND", 5, after=[failed, asks, wants])
    story.expect(
        target,
        root("job_failed", failed),
        root("prompt_open", prompt),
        root("resource_busy", line),
    )
