"""Jobs that ended badly, or wait for somebody to say how they ended."""

from tws.diagnosis.findings import Evidence, Root
from tws.diagnosis.scope import Scope
from tws.diagnosis.wording import clock
from tws.plan import JobNode, PromptNeed

ANSWERED = frozenset({"ANSWERED_YES", "ANSWERED_NO"})


def failed(job: JobNode, scope: Scope) -> Root:
    """Its recovery prompt, while that is open; else the failure itself."""
    prompt = recovery_prompt(job)
    if prompt:
        return Root(
            "prompt_open",
            prompt,
            f"{job.key} ended in {job.status}{_code(job)}; its recovery prompt is open.",
            f"Answer it when the failure is understood: conman reply {prompt};y "
            f"({_recovery(job)}), or n to leave {job.key} as it is.",
            (scope.seen(job, "promptStatus", "ASKED"), *_evidence(job, scope)),
            job.id,
            status="ASKED",
        )
    return Root(
        "job_failed",
        job.key,
        f"{_story(job, scope)}{_earlier(job)}",
        _remedy(job),
        _evidence(job, scope),
        job.id,
    )


def recovery_prompt(job: JobNode) -> str:
    """The prompt that its failure has raised and nobody has answered; or ``""``."""
    for need in job.needs:
        if isinstance(need, PromptNeed) and need.type == "Restart Prompt":
            open_ = not need.satisfied and need.status not in ANSWERED
            return need.object if open_ else ""
    asks = job.recovery.endswith("_PROMPT")
    return job.recovery_prompt if asks and job.status == "ABEND" else ""


def unconfirmed(job: JobNode, scope: Scope) -> Root:
    return Root(
        "confirmation_pending",
        job.key,
        f"It has ended{_code(job)} and waits for somebody to confirm how.",
        f"Look at its log, then conman confirm {job.key};succ (or ;abend).",
        (
            scope.seen(job, "status", job.status),
            scope.seen(job, "requiresConfirmation", job.requires_confirmation),
        ),
        job.id,
    )


def _story(job: JobNode, scope: Scope) -> str:
    when = f" at {clock(job.ended, scope.now)}" if job.ended else ""
    if job.status == "FAIL":
        return f"It could not be launched (FAIL){when}."
    signal = _signal(job.return_code)
    return f"It ended in {job.status}{_code(job)}{signal}{when}."


def _code(job: JobNode) -> str:
    return "" if job.return_code is None else f" with return code {job.return_code}"


def _signal(code: int | None) -> str:
    if code is None or not 128 < code <= 192:
        return ""
    return f" (on UNIX: ended by signal {code - 128})"


def _earlier(job: JobNode) -> str:
    if not job.earlier:
        return ""
    runs = ", ".join(
        run.status if run.return_code is None else f"{run.status} rc {run.return_code}"
        for run in job.earlier[-3:]
    )
    return f" It was run {len(job.earlier) + 1} times; before: {runs}."


def _recovery(job: JobNode) -> str:
    if job.recovery.startswith("RERUN"):
        return "yes runs it again"
    return "yes lets its successors go on"


def _remedy(job: JobNode) -> str:
    if job.status == "FAIL":
        return (
            "Find why the launch failed (user, script, agent), then rerun it: "
            f"conman rr {job.key}. A FAIL cannot be confirmed."
        )
    return (
        f"Read its log (conman sj {job.key};stdlist), mend the cause, then rerun it: "
        f"conman rr {job.key}. If the failure does no harm: "
        f"conman confirm {job.key};succ."
    )


def _evidence(job: JobNode, scope: Scope) -> tuple[Evidence, ...]:
    found = [scope.seen(job, "status", job.status)]
    if job.return_code is not None:
        found.append(scope.seen(job, "returnCode", job.return_code))
    if job.ended:
        found.append(scope.seen(job, "actualEndTime", job.ended))
    if job.recovery:
        found.append(scope.seen(job, "recoveryOption", job.recovery))
    if job.earlier:
        found.append(scope.seen(job, "runs", len(job.earlier) + 1))
    return tuple(found)
