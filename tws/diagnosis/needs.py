"""Prompts, files, and jobs on other networks."""

from tws.diagnosis.findings import Root
from tws.diagnosis.scope import Scope
from tws.diagnosis.wording import clock
from tws.plan import FileNeed, JobNode, PromptNeed, RemoteNeed, StreamNode

OPEN_PROMPT = {
    "NOT_ASKED": "has not been asked yet, and wants the answer yes all the same",
    "ASKED": "is open: nobody has answered it",
    "ANSWERED_NO": "was answered no, which holds for good: it is not asked again",
}


def prompt(item: JobNode | StreamNode, need: PromptNeed, scope: Scope) -> list[Root]:
    if need.satisfied or need.status == "ANSWERED_YES":
        return []
    told = OPEN_PROMPT.get(need.status, f"has the status {need.status or 'unknown'}")
    text = f' ("{need.text}")' if need.text and need.text != need.object else ""
    number = need.name or need.number
    action = (
        f"Find out what it asks for, then conman reply {number};y. The answer n would "
        "hold for good."
    )
    if need.status == "ANSWERED_NO":
        action = (
            "If that was wrong, release the dependency: conman "
            f"{_release(item)} {item.key};prompt={number}."
        )
    return [
        Root(
            "prompt_open",
            need.object,
            f"The prompt {need.object}{text} {told}.",
            action,
            (
                scope.seen(item, "promptStatus", need.status),
                scope.seen(item, "prompt", need.object),
            ),
            item.id,
            status=need.status or "open",
        )
    ]


def file(item: JobNode | StreamNode, need: FileNeed, scope: Scope) -> list[Root]:
    if need.satisfied or need.status == "Exists":
        return []
    where = f" on {need.workstation}" if need.workstation else ""
    checked = ""
    if need.last_checked:
        checked = f"; last looked for at {clock(need.last_checked, scope.now)}"
    return [
        Root(
            "file_missing",
            need.name,
            f"The file {need.name}{where} is not there"
            f" ({need.status or 'no status'}{checked}).",
            "Find who should deliver it; when it is there the engine sees it within "
            f"minutes. To go on without it: conman {_release(item)} {item.key}"
            f";opens={need.name}.",
            (
                scope.seen(item, "file.status", need.status),
                scope.seen(item, "file.timeLastChecked", need.last_checked),
            ),
            item.id,
            status="missing",
        )
    ]


def remote(item: JobNode | StreamNode, need: RemoteNeed, scope: Scope) -> list[Root]:
    if need.satisfied:
        return []
    agent = f" through {need.agent}" if need.agent else ""
    told = f"; there it is {need.remote_status}" if need.remote_status else ""
    return [
        Root(
            "internetwork",
            need.label,
            f"It waits for {need.label} in another network{agent}{told}.",
            "Ask the other side about it. To go on without it: conman "
            f"{_release(item)} {item.key};follows={need.label}.",
            (
                scope.seen(item, "internetwork.dependencyStatus", need.status),
                scope.seen(item, "internetwork.status", need.remote_status),
            ),
            item.id,
            status=need.remote_status or need.status,
        )
    ]


def _release(item: JobNode | StreamNode) -> str:
    return "rj" if isinstance(item, JobNode) else "rs"
