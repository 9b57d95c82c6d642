"""Somebody must act: prompts, confirmations, held and cancelled work."""

from tws.simulator.model import Definition, Stream
from tws.simulator.scenarios.base import FINE, Story, abend, root, scenario


def _stream(story: Story, name: str = "TAXES", **fields: int) -> Stream:
    draft = story.draft
    return draft.stream(
        name,
        draft.workstation(f"AGT_{name[:8]}"),
        folder="/GOV/",
        at=-story.minutes(50, 70),
        **fields,
    )


@scenario("prompt-open", "A prompt waits for its answer")
def prompt_open(story: Story) -> None:
    """A predefined prompt of the target; a later job waits behind it."""
    draft, taxes = story.draft, _stream(story)
    first = draft.job(taxes, "TAX_COLLECT", 5, fate=FINE)
    target = draft.job(taxes, "TAX_SEND", 5, after=[first])
    after = draft.job(taxes, "TAX_FILE", 5, after=[target])
    prompt = draft.prompt("Send the declaration now? (y/n)", "TAX_RELEASE")
    draft.need_prompt(target, prompt)
    story.expect(target, root("prompt_open", prompt))
    story.expect(after, root("prompt_open", prompt), through=[target])


@scenario("prompt-unnamed", "A prompt without a name")
def prompt_unnamed(story: Story) -> None:
    """An ad hoc prompt has only its text."""
    draft, taxes = story.draft, _stream(story)
    target = draft.job(taxes, "TAX_SEND", 5)
    prompt = draft.prompt("Has the tape of the tax office arrived?")
    draft.need_prompt(target, prompt)
    story.expect(target, root("prompt_open", prompt))


@scenario("prompt-no", "A prompt was answered no")
def prompt_no(story: Story) -> None:
    """It is not asked again: it blocks for good until it is replied or released."""
    draft, taxes = story.draft, _stream(story)
    target = draft.job(taxes, "TAX_SEND", 5)
    prompt = draft.prompt(
        "Send the declaration now? (y/n)", "TAX_RELEASE", "ANSWERED_NO"
    )
    draft.need_prompt(target, prompt)
    story.expect(target, root("prompt_open", prompt))


@scenario("prompt-stream", "A prompt of the stream holds all its jobs")
def prompt_stream(story: Story) -> None:
    """The target has no dependency of its own."""
    draft, taxes = story.draft, _stream(story)
    draft.chain(taxes, ("TAX_A", "TAX_B", "TAX_C"))
    prompt = draft.prompt("Start the yearly run? (y/n)", "TAX_START")
    draft.need_prompt(taxes, prompt)
    story.expect(taxes.jobs[2], root("prompt_open", prompt), through=[taxes])
    story.expect(taxes, root("prompt_open", prompt))


@scenario("prompt-far", "A prompt two streams away")
def prompt_far(story: Story) -> None:
    """Each stream waits for the one before; the first waits for a person."""
    draft = story.draft
    one, two, three = (_stream(story, name) for name in ("ONE", "TWO", "THREE"))
    first = draft.job(one, "ONE_RUN", 5)
    prompt = draft.prompt("Is the interface open?", "INTERFACE_OPEN")
    draft.need_prompt(first, prompt)
    second = draft.job(two, "TWO_RUN", 5, after=[first])
    draft.follow(three, two)
    target = draft.job(three, "THREE_RUN", 5)
    story.expect(
        target, root("prompt_open", prompt), through=[three, two, second, first]
    )


@scenario("two-causes-prompt-file", "A prompt and a missing file at once")
def two_causes_prompt_file(story: Story) -> None:
    """The prompt has been asked for long; the file has not come either."""
    draft, taxes = story.draft, _stream(story)
    target = draft.job(taxes, "TAX_SEND", 5)
    prompt = draft.prompt("Send the declaration now? (y/n)", "TAX_RELEASE", "ASKED")
    draft.need_prompt(target, prompt)
    file = draft.file("/data/tax/declaration.xml", taxes.workstation)
    draft.need_file(target, file)
    story.expect(target, root("prompt_open", prompt), root("file_missing", file))


def _recovery(story: Story, name: str = "") -> None:
    draft, taxes = story.draft, _stream(story)
    definition = Definition(
        "/opt/batch/tax/send.sh",
        "taxusr",
        recovery="RERUN_PROMPT",
        recovery_prompt="The transfer failed. Is the line up again, may it be rerun?",
        recovery_prompt_name=name,
    )
    failed = draft.job(taxes, "TAX_SEND", 5, fate=abend(8), definition=definition)
    target = draft.job(taxes, "TAX_FILE", 5, after=[failed])
    label = name or definition.recovery_prompt
    story.expect(target, root("prompt_open", label), through=[failed])
    story.expect(failed, root("prompt_open", label))


@scenario("recovery-prompt", "A failed job asks how to go on")
def recovery_prompt(story: Story) -> None:
    """Its recovery prompt is open: the answer decides, not a rerun by hand."""
    _recovery(story, "TAX_RECOVERY")


@scenario("recovery-prompt-unnamed", "A recovery prompt without a name")
def recovery_prompt_unnamed(story: Story) -> None:
    """The prompt has only its text."""
    _recovery(story)


@scenario("recovery-prompt-flags", "A recovery prompt that only the flags tell of")
def recovery_prompt_flags(story: Story) -> None:
    """The engine shows no prompt dependency, just needMessage and the definition."""
    story.draft.plan.shows_recovery_prompts = False
    _recovery(story, "TAX_RECOVERY")


@scenario("confirmation-pending", "The predecessor waits to be confirmed")
def confirmation_pending(story: Story) -> None:
    """PEND shows as WAITING in public, though the job is done."""
    draft, taxes = story.draft, _stream(story)
    done = draft.job(taxes, "TAX_MANUAL", 5, confirm=True, fate=FINE)
    target = draft.job(taxes, "TAX_AFTER", 5, after=[done])
    story.expect(target, root("confirmation_pending", done), through=[done])
    story.expect(done, root("confirmation_pending", done))


@scenario("held-by-user", "An operator held the job")
def held_by_user(story: Story) -> None:
    """Hold sets the priority to zero; everything else is met."""
    draft, taxes = story.draft, _stream(story)
    first = draft.job(taxes, "TAX_FIRST", 5, fate=FINE)
    target = draft.job(taxes, "TAX_HELD", 5, after=[first], priority=0)
    after = draft.job(taxes, "TAX_AFTER", 5, after=[target])
    story.expect(target, root("priority_zero", target))
    story.expect(after, root("priority_zero", target), through=[target])


@scenario("stream-held", "An operator held the stream")
def stream_held(story: Story) -> None:
    """The priority of the stream is zero; its jobs are otherwise free."""
    draft, taxes = story.draft, _stream(story, priority=0)
    draft.chain(taxes, ("TAX_A", "TAX_B"))
    story.expect(taxes.jobs[0], root("priority_zero", taxes), through=[taxes])
    story.expect(taxes, root("priority_zero", taxes))


@scenario("held-elsewhere", "A held job two streams away")
def held_elsewhere(story: Story) -> None:
    """The chain ends at a job with priority zero in another stream."""
    draft, one, two = story.draft, _stream(story, "LEASING"), _stream(story, "REPORTS")
    held = draft.job(one, "LSG_RUN", 5, priority=0)
    last = draft.job(one, "LSG_END", 5, after=[held])
    target = draft.job(two, "REP_RUN", 5, after=[last])
    story.expect(target, root("priority_zero", held), through=[last, held])


@scenario("cancel-pending", "The predecessor is to be cancelled")
def cancel_pending(story: Story) -> None:
    """It will be cancelled when its own dependency is met, and that one failed."""
    draft, taxes = story.draft, _stream(story)
    failed = draft.job(taxes, "TAX_FIRST", 5, fate=abend(8))
    leaving = draft.job(taxes, "TAX_LEAVING", 5, after=[failed], cancel_pending=True)
    target = draft.job(taxes, "TAX_AFTER", 5, after=[leaving])
    story.expect(target, root("job_failed", failed), through=[leaving, failed])


@scenario("cancelled-predecessor", "A cancelled predecessor does not block")
def cancelled_predecessor(story: Story) -> None:
    """The cancelled job freed the target; a prompt holds it."""
    draft, taxes = story.draft, _stream(story)
    gone = draft.job(taxes, "TAX_GONE", 5, priority=0)
    target = draft.job(taxes, "TAX_AFTER", 5, after=[gone])
    prompt = draft.prompt("Go on without TAX_GONE? (y/n)", "TAX_GO_ON")
    draft.need_prompt(target, prompt)
    story.then(lambda living: living.cancel(gone.id))
    story.expect(target, root("prompt_open", prompt))
