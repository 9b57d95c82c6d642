"""The default scenario: a bank's night, with an ABEND that payroll waits behind."""

from collections.abc import Sequence

from tws.simulator.draft import MINUTE, Draft
from tws.simulator.living import LivingPlan
from tws.simulator.model import Definition, Job, Stream, Workstation
from tws.simulator.scenarios.base import FINE, Story, abend, root, scenario

LOADER_LOG = (
    "2 of 4 partitions loaded",
    "SQL0964C  The transaction log for the database is full.  SQLSTATE=57011",
    "ERROR: load of GL.POSTINGS failed at record 184220",
    "Rolling back 184220 records",
    "load_gl.sh: exiting with return code 12",
)


@scenario("night", "A bank's night", crowded=False)
def night(story: Story) -> None:
    """One ABEND holds payroll and more; a prompt, a busy database, a lost link; lives on."""
    draft = story.draft
    fin = draft.workstation("AGT_FIN", limit=10)
    pay = draft.workstation("AGT_PAY", limit=6)
    risk = draft.workstation("AGT_RISK", type="FTA", limit=8)
    bill = draft.workstation("AGT_BILL", limit=8)
    branch = draft.workstation("FTA_BRANCH", type="FTA", os="WINDOWS", limit=5)
    final = _final(draft)
    ledger = _ledger(draft, fin)
    _payroll(story, pay, ledger)
    _billing(story, bill)
    _risk(story, risk, ledger, final)
    _branches(story, branch)
    _backup(story, draft.master, ledger)
    story.heals_after = 1200.0
    story.first(_live_on)
    story.coming = 2 * sum(len(jobs) for *_, jobs, _ in RETURNING)
    story.then(lambda living: setattr(living.engine, "failure_rate", 0.01))


def _final(draft: Draft) -> Stream:
    """The rollover of the plan, done hours ago."""
    final = draft.stream("FINAL", draft.master, at=-420)
    draft.chain(final, ("STARTAPPSERVER", "MAKEPLAN", "SWITCHPLAN"), 3)
    for job in final.jobs:
        job.fates = (FINE,)
    reports = draft.stream("FINALPOSTREPORTS", draft.master)
    draft.follow(reports, final.jobs[-1])
    for job in draft.chain(
        reports, ("CHECKSYNC", "CREATEPOSTREPORTS", "UPDATESTATS"), 4
    ):
        job.fates = (FINE,)
    return final


def _ledger(draft: Draft, fin: Workstation) -> Job:
    """The general ledger: GL_LOAD abends."""
    ledger = draft.stream("LEDGER", fin, folder="/FIN/", at=-75)
    extract = draft.job(ledger, "GL_EXTRACT", 12, fate=FINE)
    check = draft.job(ledger, "GL_CHECK", 6, after=[extract], fate=FINE)
    load = draft.job(
        ledger,
        "GL_LOAD",
        20,
        after=[check],
        fate=abend(12, *LOADER_LOG),
        definition=Definition(
            task="/opt/batch/fin/load_gl.sh --partitions 4",
            user="finusr",
            description="Loads the day's postings into the general ledger",
        ),
    )
    post = draft.job(ledger, "GL_POST", 15, after=[load])
    close = draft.job(ledger, "GL_CLOSE", 8, after=[post])
    draft.job(ledger, "GL_REPORT", 5, after=[close])
    return load


def _payroll(story: Story, pay: Workstation, load: Job) -> None:
    """Payroll waits behind the ledger, and its deadline is at risk."""
    draft = story.draft
    payroll = draft.stream("PAYROLL", pay, folder="/HR/", at=-60)
    extract = draft.job(payroll, "PAY_EXTRACT", 10, fate=FINE)
    calc = draft.job(payroll, "PAY_CALC", 21, after=[extract, load])
    check = draft.job(payroll, "PAY_CHECK", 6, after=[calc])
    transfer = draft.job(payroll, "PAY_TRANSFER", 12, after=[check], critical=True)
    draft.restrict(transfer, deadline=35)
    draft.job(payroll, "PAY_PRINT", 9, after=[check])
    failed = root("job_failed", load)
    story.expect(calc, failed, through=[load])
    story.expect(transfer, failed, through=[check, calc, load])
    story.expect(payroll, failed)


def _billing(story: Story, bill: Workstation) -> None:
    """Billing waits for a person."""
    draft = story.draft
    billing = draft.stream("BILLING", bill, folder="/SALES/", at=-50)
    collect = draft.job(billing, "BILL_COLLECT", 14, fate=FINE)
    rate = draft.job(billing, "BILL_RATE", 11, after=[collect], fate=FINE)
    release = draft.job(billing, "BILL_RELEASE", 7, after=[rate])
    prompt = draft.prompt(
        "Are the tariffs of this month released? (y/n)", "TARIFFS_RELEASED"
    )
    draft.need_prompt(release, prompt)
    send = draft.job(billing, "BILL_SEND", 10, after=[release])
    story.expect(send, root("prompt_open", prompt), through=[release])


def _risk(story: Story, risk: Workstation, load: Job, final: Stream) -> None:
    """Risk runs, and shares its database with the archive."""
    draft = story.draft
    stream = draft.stream("RISK", risk, folder="/RISK/", at=-40)
    draft.follow(stream, final.jobs[-1])
    market = draft.job(stream, "RISK_MARKETDATA", 9, fate=FINE)
    simulate = draft.job(
        stream, "RISK_SIMULATE", 55, after=[market], fate=FINE, critical=True
    )
    draft.restrict(simulate, deadline=120)
    database = draft.resource("RISKDB", risk)
    draft.need_resource(simulate, database)
    draft.job(stream, "RISK_VAR", 18, after=[simulate])
    limits = draft.job(stream, "RISK_LIMITS", 12, after=[simulate, load])
    archive = draft.stream("ARCHIVE", risk, folder="/RISK/", at=-20)
    move = draft.job(archive, "ARC_MOVE", 16)
    draft.need_resource(move, database)
    draft.job(archive, "ARC_VERIFY", 6, after=[move])
    story.expect(move, root("resource_busy", database))
    story.expect(limits, root("job_running", simulate), root("job_failed", load))
    story.expect(simulate, root("none", simulate))


def _branches(story: Story, branch: Workstation) -> None:
    """The branches' machine lost its link an hour ago."""
    draft = story.draft
    stream = draft.stream("BRANCH_SYNC", branch, folder="/OPS/", at=-55)
    draft.job(stream, "SYNC_PULL", 8)
    draft.job(stream, "SYNC_APPLY", 10, after=stream.jobs)
    branch.states.discard("LINKED")
    story.expect(stream.jobs[1], root("workstation_down", branch))


def _backup(story: Story, master: Workstation, load: Job) -> None:
    """What comes later tonight."""
    draft = story.draft
    backup = draft.stream("BACKUP", master, folder="/OPS/", at=95)
    draft.chain(backup, ("BKP_QUIESCE", "BKP_DUMP", "BKP_RESUME"), 12)
    story.expect(backup.jobs[0], root("time_not_reached", backup))
    monthly = draft.stream("REPORTING", master, folder="/FIN/")
    draft.follow(monthly, load.stream)
    draft.chain(monthly, ("REP_COLLECT", "REP_BUILD", "REP_MAIL"), 7)
    story.expect(monthly.jobs[0], root("job_failed", load), through=[load.stream])


RETURNING = (
    ("SETTLEMENT", "AGT_FIN", "/FIN/", ("STL_FETCH", "STL_MATCH", "STL_BOOK"), 17),
    ("INTRADAY", "AGT_RISK", "/RISK/", ("INT_PRICES", "INT_MARGIN"), 11),
    ("MAILBOX", "AGT_BILL", "/SALES/", ("MBX_READ", "MBX_ROUTE", "MBX_ACK"), 23),
    ("HRFEED", "AGT_PAY", "/HR/", ("HR_FETCH", "HR_APPLY"), 31),
)
AD_HOC = ("RELOAD_RATES", "EXPORT_AGAIN", "PURGE_TMP", "RESEND_FILES")


def _live_on(living: LivingPlan) -> None:
    """New work comes all night, so that the plan never dries out."""
    plan, now = living.plan, living.clock.start
    draft = Draft(plan, now, living.engine.chance)
    machines = {station.name: station for station in plan.workstations}
    for name, station, folder, jobs, every in RETURNING:

        def make(
            now: float,
            name: str = name,
            station: str = station,
            folder: str = folder,
            jobs: tuple[str, ...] = jobs,
        ) -> Stream:
            draft.now = now
            stream = draft.stream(name, machines[station], folder=folder, at=0)
            draft.chain(stream, jobs, 4 + draft.chance.random() * 5)
            return stream

        living.repeat(now - (every + 3) * MINUTE, every * MINUTE, make)
    _submit_now_and_then(living, draft, list(machines.values())[1:])


def _submit_now_and_then(
    living: LivingPlan, draft: Draft, machines: Sequence[Workstation]
) -> None:
    """Operators submit jobs that no plan has foreseen."""

    def make(now: float) -> Stream:
        draft.now = now
        station = draft.chance.choice([one for one in machines if one.usable])
        stream = draft.stream("JOBS", station, at=0, submitter="operator")
        name = draft.chance.choice(AD_HOC)
        draft.job(stream, name, 2 + draft.chance.random() * 6)
        return stream

    living.repeat(living.clock.start + 12 * MINUTE, 41 * MINUTE, make)
