"""What follows a failure, and what comes after a success: reruns, questions, turns."""

from abc import ABC

from tws.simulator.model import (
    ENDED,
    FAILED,
    Definition,
    Fate,
    Job,
    Prompt,
    PromptNeed,
    ResourceNeed,
)
from tws.simulator.plan import Plan
from tws.simulator.waiting import Threshold

SOON = 60.0  # until a rerun that the definition asks for
SUCCEEDS = Fate()


class Recovery(Threshold, ABC):
    """Acts out the recovery options, and the repetition of jobs."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.heals_after = 0.0  # seconds until an operator reruns what failed

    # --- failures -------------------------------------------------------------

    def recover(self, job: Job) -> None:
        """Do what the definition wants after a failure, at once or later."""
        if job.status == "ABEND" and job.definition.recovery_job:
            self._run_recovery_job(job)
        else:
            self._go_on(job)

    def _go_on(self, job: Job) -> None:
        definition = job.definition
        if definition.recovery.endswith("_PROMPT"):
            self._ask_recovery(job)
        elif definition.recovery == "CONTINUE":
            self.pass_over(job)
        elif definition.recovery == "RERUN" and self._may_repeat(job, definition):
            delay = definition.repeat_every or SOON
            self.at(self.now + delay, self._rerun_as_defined, job)
        elif definition.recovery == "RERUN" and not definition.repeat_for:
            self._ask_recovery(job)  # the product asks by itself, once rerun in vain
        elif self.heals_after and not (job.run and job.run.fate.lasting):
            self.at(self.now + self.heals_after, self._heal, job)

    def _may_repeat(self, job: Job, definition: Definition) -> bool:
        failed = 0
        for run in reversed(job.runs):
            if run.status not in FAILED:
                break
            failed += 1
        return failed <= max(1, definition.repeat_for)

    def _rerun_as_defined(self, job: Job) -> None:
        if job.status in FAILED:
            self.rerun(job, "RECOVERY_RERUN")

    def pass_over(self, job: Job) -> None:
        """Let what follows a failed job go on."""
        if job.status in FAILED and not job.passed_over:
            job.passed_over = True
            self.touch(job)
            self.tell(job)
            if not job.stream.left:
                self.complete(job.stream)

    def _ask_recovery(self, job: Job) -> None:
        """Ask the operator how to go on."""
        definition = job.definition
        job.need_message = True
        if not self.plan.shows_recovery_prompts:
            return
        number = self.plan.next_prompt()
        text = f"{job.name} failed again. May it be rerun? (y/n)"
        prompt = Prompt(
            text=definition.recovery_prompt or text,
            name=definition.recovery_prompt_name,
            number=number,
            id=self.plan.new_id("recovery", number),
            status="ASKED",
            type="Restart Prompt",
        )
        need = PromptNeed(job, prompt)
        prompt.needs.append(need)
        job.deps.append(need)
        job.waiting += 1
        self.plan.prompts.append(prompt)

    def answered(self, job: Job) -> None:
        """The operator said yes to the question of a failed job."""
        if not job.need_message:
            return
        job.need_message = False
        if job.definition.recovery.startswith("RERUN"):
            self.rerun(job, "RECOVERY_RERUN")
        else:
            self.pass_over(job)

    # --- recovery jobs --------------------------------------------------------

    def _run_recovery_job(self, parent: Job) -> None:
        """Once for each failure, in the stream of the job that failed."""
        helper = parent.recovery
        if helper is not None:
            self.rerun(helper, "RECOVERY")
            return
        stream, name = parent.stream, parent.definition.recovery_job
        helper = Job(
            self.plan.new_id("recovery", parent.id, name),
            name,
            parent.workstation,
            stream=stream,
            position=len(stream.jobs) + 1,
            definition=Definition(f"/opt/batch/recovery/{name.lower()}.sh"),
            fates=(parent.recovery_fate,),
            rerun="RECOVERY",
            recovers=parent,
        )
        parent.recovery = helper
        self.plan.add_job(helper)
        self.consider(helper)

    def helped(self, helper: Job) -> None:
        """A recovery job went well: now the option of its parent counts."""
        parent = helper.recovers
        if parent is not None and parent.status in FAILED:
            self._go_on(parent)

    # --- runs again -----------------------------------------------------------

    def _heal(self, job: Job) -> None:
        if job.status in FAILED:
            job.fates = (*(run.fate for run in job.runs), SUCCEEDS)
            self.rerun(job)

    def rerun(self, job: Job, kind: str = "RERUN") -> None:
        """Run a job again, as an operator would or as its definition has it."""
        if job.status not in ENDED:
            return
        job.stream.left += 1
        job.stream.ended = None
        job.canceled = job.need_message = job.passed_over = False
        self._wait_again(job, kind)
        self.consider(job)

    def _wait_again(self, job: Job, kind: str) -> None:
        job.rerun = kind
        for need in job.deps:
            if isinstance(need, ResourceNeed):
                need.satisfied = False
        self.put(job, "HOLD")

    def take_turn(self, job: Job) -> bool:
        """Let a job that repeats itself wait for its next turn; whether there is one."""
        if not job.every or job.canceled or job.run is None:
            return False
        # A turn that took too long is followed by the next one at once.
        due = max(self.now, (job.due or job.run.submitted) + job.every)
        ends = [self.plan.end]
        ends += [job.every_end] if job.every_end is not None else []
        ends += [job.limits.latest] if job.limits and job.limits.latest else []
        if due > min(ends):
            job.due = 0.0
            return False
        self.put(job, "SUCC")
        job.due = due
        self._wait_again(job, "RERUN_EVERY")
        self.at(due, self.recheck, job)
        return True
