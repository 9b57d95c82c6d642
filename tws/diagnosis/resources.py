"""Resources: who has them, and whether the holders will give them back."""

from tws.diagnosis.findings import Evidence, Root
from tws.diagnosis.running import overdue
from tws.diagnosis.scope import Assessment, Choice, Edge, Option, Ref, Scope
from tws.diagnosis.states import FINISHED, State, state_of
from tws.diagnosis.wording import several
from tws.payloads import Resource, ResourceHolder
from tws.plan import JobNode, ResourceNeed, StreamNode


def hold(item: JobNode | StreamNode, need: ResourceNeed, scope: Scope) -> Assessment:
    """The engine calls a need unsatisfied until it is allocated: so count the units."""
    if need.satisfied:
        return Assessment()
    resource = scope.resource(need.key)
    available = _available(need, resource)
    if available is None or available >= need.quantity:
        return Assessment()
    holders = _others(item, resource)
    busy = _busy(item, need, resource, scope)
    options = _stuck(holders, need, scope)
    freed = sum(holder.quantity or 0 for holder in holders)
    freed -= sum(option.weight for option in options)
    if not options:
        return Assessment(roots=[busy])
    if freed > 0:
        options.append(Option(freed, roots=(busy,)))
    short = need.quantity - available
    if sum(option.weight for option in options) < short:
        return Assessment(roots=[busy], choices=[_all(options)])
    return Assessment(choices=[Choice(short, tuple(options))])


def _available(need: ResourceNeed, resource: Resource | None) -> int | None:
    if resource is not None and resource.available is not None:
        return resource.available
    return need.available


def _others(
    item: JobNode | StreamNode, resource: Resource | None
) -> list[ResourceHolder]:
    holders = resource.holders if resource else []
    own = {item.id, item.key}
    return [
        holder
        for holder in holders
        if own.isdisjoint(
            {holder.job_id, holder.stream_id, holder.job_key, holder.stream}
        )
    ]


def _stuck(
    holders: list[ResourceHolder], need: ResourceNeed, scope: Scope
) -> list[Option]:
    """The holders that will not let go by themselves, and what is behind each."""
    relation = f"holds {need.key}"
    found = []
    for holder in holders:
        ref = _holder(holder, scope)
        if ref is None or (holder.quantity or 0) <= 0:
            continue
        if ref.kind == "job":
            option = _job_stuck(ref, relation, holder.quantity or 0, scope)
        else:
            option = _stream_stuck(ref, relation, holder.quantity or 0, scope)
        if option is not None:
            found.append(option)
    return found


def _holder(holder: ResourceHolder, scope: Scope) -> Ref | None:
    """By its id or, where the engine gives none, by its name."""
    if holder.job_id:
        return Ref("job", holder.job_id)
    if label := holder.job_key or holder.job:
        job = scope.named(label, to_stream=False)
        return Ref("job", job.id) if job else None
    if holder.stream_id:
        return Ref("stream", holder.stream_id)
    stream = scope.named(holder.stream, to_stream=True) if holder.stream else None
    return Ref("stream", stream.id) if stream else None


def _job_stuck(ref: Ref, relation: str, weight: int, scope: Scope) -> Option | None:
    job = scope.job(ref.id)
    if job is None or state_of(job) in FINISHED:
        return None
    if state_of(job) is State.RUNNING and not overdue(job, scope.now):
        return None
    return Option(weight, edges=(Edge(ref, relation),))


def _stream_stuck(ref: Ref, relation: str, weight: int, scope: Scope) -> Option | None:
    """A stream that holds a resource gives it back when it has ended."""
    stream, jobs = scope.stream(ref.id), scope.jobs_of(ref.id)
    if stream is None or state_of(stream) in FINISHED:
        return None
    active = [job for job in jobs if state_of(job) is State.RUNNING]
    if any(not overdue(job, scope.now) for job in active):
        return None
    return Option(weight, edges=(Edge(ref, relation),))


def _all(options: list[Option]) -> Choice:
    return Choice(sum(option.weight for option in options), tuple(options))


def _busy(
    item: JobNode | StreamNode,
    need: ResourceNeed,
    resource: Resource | None,
    scope: Scope,
) -> Root:
    available = _available(need, resource)
    holders = _others(item, resource)
    names = [_name(holder, scope) for holder in holders]
    total = resource.quantity if resource else need.total
    if names:
        detail = f"held by {several(names)}"
        action = "Nothing while its holders run normally: wait until one ends."
    elif total is not None and total < need.quantity:
        detail = f"it has only {total} in all"
        action = f"Raise its quantity: conman resource {need.key};{need.quantity}."
    else:
        detail = "the engine names no holder"
        action = f"Look at who uses it: conman showresources {need.key};keys."
    return Root(
        "resource_busy",
        need.key,
        f"{item.key} needs {need.quantity} of {need.key}, {available} are free: "
        f"{detail}.",
        action,
        _evidence(item, need, resource, scope),
        item.id,
        self_curing=bool(names),
        status=_use(need, resource),
    )


def _use(need: ResourceNeed, resource: Resource | None) -> str:
    total = resource.quantity if resource else need.total
    available = _available(need, resource)
    if total is None or available is None:
        return "busy"
    return f"busy {total - available} of {total}"


def _name(holder: ResourceHolder, scope: Scope) -> str:
    job = scope.plan.jobs.get(holder.job_id)
    stream = scope.plan.streams.get(holder.stream_id)
    if job is not None:
        name = job.key
    elif stream is not None and not holder.job_id:
        name = stream.key
    else:
        name = holder.job_key or holder.job or holder.stream or holder.stream_id
    return f"{name} ({holder.quantity})"


def _evidence(
    item: JobNode | StreamNode,
    need: ResourceNeed,
    resource: Resource | None,
    scope: Scope,
) -> tuple[Evidence, ...]:
    if resource is None:
        return (
            scope.seen(item, "resource.quantity", need.quantity),
            scope.seen(item, "resource.available", need.available),
        )
    return (
        scope.seen(item, "resource.quantity", need.quantity),
        scope.seen_at(need.key, "quantity", resource.quantity),
        scope.seen_at(need.key, "quantityAvailable", resource.available),
        *(
            scope.seen_at(need.key, "holder", _name(holder, scope))
            for holder in _others(item, resource)[:10]
        ),
    )
