"""Dependencies as V2 writes them."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from tws.simulator import statuses
from tws.simulator.formats import identifier, instant
from tws.simulator.model import (
    ENDED,
    Dependency,
    FileNeed,
    Follow,
    Job,
    Join,
    NetworkNeed,
    PromptNeed,
    ResourceNeed,
    Stream,
)

Json = dict[str, Any]


def render_dependency(dep: Dependency, number: int, within: str = "") -> Json:
    """Write one dependency of a job or stream, or one member of a join."""
    answer = RENDERERS[type(dep)](dep)
    answer.setdefault("id", identifier(dep.owner.id, "dependency", within, number))
    return {
        "dependencyType": answer.pop("dependencyType"),
        "satisfied": dep.satisfied,
        "depSequence": number,
        **answer,
    }


def _follow(dep: Follow) -> Json:
    answer: Json = {}
    if dep.statuses or dep.outputs:
        answer["conditional"] = True
        answer["statusConditions"] = list(dep.statuses)
        answer["outputConditions"] = list(dep.outputs)
    if dep.on is None:
        return {**answer, **_absent(dep)}
    answer["dependencyStatus"] = _follow_status(dep, dep.on)
    if isinstance(dep.on, Stream):
        return {**answer, **_external_stream(dep, dep.on)}
    inside = isinstance(dep.owner, Job) and dep.on.stream is dep.owner.stream
    return {**answer, **(_internal(dep.on) if inside else _external_job(dep, dep.on))}


def _follow_status(dep: Follow, on: Job | Stream) -> str:
    if dep.satisfied:
        return "SATISFIED"
    ended = on.status in ENDED if isinstance(on, Job) else not on.left
    return "UNSATISFIED" if ended else "UNDECIDED"


def _predecessor(job: Job) -> Json:
    return {
        "canceled": job.canceled,
        "status": statuses.job_status(job),
        "cancelPending": job.cancel_pending,
    }


def _internal(job: Job) -> Json:
    return {
        "dependencyType": "INTERNAL",
        "jobId": job.id,
        "jobName": job.name,
        "predecessorStatus": _predecessor(job),
    }


def _stream_names(dep: Follow, stream: Stream) -> Json:
    return {
        "jobStreamId": stream.id,
        "jobStreamName": stream.name,
        "jobStreamWorkstation": stream.workstation.key,
        "jobStreamSchedTime": instant(stream.sched),
        "jobStreamFolder": stream.folder,
        "pending": dep.pending,
        "zombie": dep.zombie,
    }


def _external_job(dep: Follow, job: Job) -> Json:
    return {
        "dependencyType": "EXTERNAL_JOB",
        **_stream_names(dep, job.stream),
        "jobId": job.id,
        "jobName": job.name,
        "jobWorkstationName": job.workstation.key,
        "predecessorStatus": _predecessor(job),
    }


def _external_stream(dep: Follow, stream: Stream) -> Json:
    return {
        "dependencyType": "EXTERNAL_JOBSTREAM",
        **_stream_names(dep, stream),
        "predecessorStatus": {
            "canceled": stream.canceled,
            "status": statuses.stream_status(stream),
            "cancelPending": stream.cancel_pending,
        },
    }


def _absent(dep: Follow) -> Json:
    """Write a dependency on something that is not in the plan."""
    name = dep.named
    if name is None:
        msg = "A dependency needs a predecessor, or the name of one."
        raise ValueError(msg)
    answer: Json = {
        "dependencyType": "EXTERNAL_JOB" if name.job else "EXTERNAL_JOBSTREAM",
        "dependencyStatus": _absent_status(dep),
        "jobStreamName": name.stream,
        "jobStreamWorkstation": name.workstation,
        "jobStreamFolder": name.folder,
        "pending": dep.pending,
        "zombie": dep.zombie,
    }
    if name.stream_id:
        answer["jobStreamId"] = name.stream_id
    if name.sched is not None:
        answer["jobStreamSchedTime"] = instant(name.sched)
    if name.job:
        answer["jobName"] = name.job
    if name.job_id:
        answer["jobId"] = name.job_id
    return answer


def _absent_status(dep: Follow) -> str:
    if dep.satisfied:
        return "SATISFIED"
    return "UNBOUND" if dep.pending or dep.zombie else "UNDECIDED"


def _join(dep: Join) -> Json:
    return {
        "dependencyType": "JOIN",
        "dependencyStatus": "SATISFIED" if dep.satisfied else "UNDECIDED",
        "joinName": dep.name,
        "joinQuantity": dep.quantity,
        "members": [
            render_dependency(member, number, dep.name)
            for number, member in enumerate(dep.members, 1)
        ],
        "criteria": "AT_LEAST" if dep.quantity else "ALL",
    }


def _file(dep: FileNeed) -> Json:
    file = dep.file
    state = "Exists" if file.exists else "Unavailable"
    answer: Json = {
        "dependencyType": "FILE",
        "dependencyStatus": "SATISFIED" if dep.satisfied else "UNSATISFIED",
        "file": {
            "name": file.path,
            "id": file.id,
            "workstation": file.workstation.key,
            "workstationId": file.workstation.id,
            "qualifier": "-f %p",
            "status": state if dep.checked else "Not Checked",
        },
    }
    if dep.checked:
        answer["timeLastChecked"] = instant(dep.checked)
    return answer


def _prompt(dep: PromptNeed) -> Json:
    prompt = dep.prompt
    refused = prompt.status == "ANSWERED_NO"
    answer: Json = {
        "dependencyType": "PROMPT",
        "id": prompt.id,
        "dependencyStatus": "SATISFIED"
        if dep.satisfied
        else ("UNSATISFIED" if refused else "UNDECIDED"),
        "text": prompt.text,
        "promptStatus": prompt.status,
        "promptType": prompt.type,
        "number": prompt.number,
    }
    if prompt.name:
        answer["promptName"] = prompt.name
        answer["folder"] = prompt.folder
    return answer


def _resource(dep: ResourceNeed) -> Json:
    resource = dep.resource
    return {
        "dependencyType": "RESOURCE",
        "dependencyStatus": "SATISFIED" if dep.satisfied else "UNSATISFIED",
        "name": resource.name,
        "folder": resource.folder,
        "workstation": resource.workstation.key,
        "workstationId": resource.workstation.id,
        "quantity": dep.quantity,
        "quantityHeld": dep.held,
        "available": resource.available,
        "actionOnComplete": "DEFAULT",
        "totalQuantity": resource.quantity,
    }


def _network(dep: NetworkNeed) -> Json:
    return {
        "dependencyType": "INTERNETWORK",
        "dependencyStatus": "SATISFIED" if dep.satisfied else "UNDECIDED",
        "networkAgent": dep.agent,
        "dependency": dep.text,
        "jobInPlanCompositeStatus": {"canceled": False, "status": dep.status},
    }


RENDERERS: dict[type, Callable[[Any], Json]] = {
    Follow: _follow,
    Join: _join,
    FileNeed: _file,
    PromptNeed: _prompt,
    ResourceNeed: _resource,
    NetworkNeed: _network,
}


# --- counts -----------------------------------------------------------------------

COUNTERS = {
    NetworkNeed: "numberOfInternetworkDependencies",
    PromptNeed: "numberOfPromptDependencies",
    ResourceNeed: "numberOfResourceDependencies",
    FileNeed: "numberOfFileDependencies",
}


def dependency_stats(node: Job | Stream) -> Json:
    """Count dependencies by kind."""
    kinds: Counter[str] = Counter()
    unresolved = resources = 0
    for dep in node.deps:
        if isinstance(dep, Follow | Join):
            members = [dep] if isinstance(dep, Follow) else dep.members
            for member in members:
                kinds[_follow_counter(member)] += 1
        else:
            kinds[COUNTERS[type(dep)]] += 1
        if not dep.satisfied:
            unresolved += 1
            resources += isinstance(dep, ResourceNeed)
    return {
        "numberOfDependencies": sum(kinds.values()),
        "numberOfJobDependencies": kinds["numberOfJobDependencies"],
        "numberOfJobStreamDependencies": kinds["numberOfJobStreamDependencies"],
        **{name: kinds[name] for name in COUNTERS.values()},
        "numberOfUnresolvedDependencies": unresolved,
        "numberOfNonResourceUnresolvedDependencies": unresolved - resources,
    }


def _follow_counter(follow: Follow) -> str:
    to_stream = isinstance(follow.on, Stream) or (
        follow.named is not None and not follow.named.job
    )
    return "numberOfJobStreamDependencies" if to_stream else "numberOfJobDependencies"
