"""A turn's row, from its first second to its last; every function is one transaction."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from agents.exceptions import TurnRunning, UnknownConversation
from agents.frames import Frame
from agents.models import Conversation, Turn
from agents.outcome import JsonDict, Outcome
from agents.prompts import HistoryItem

# Renewed each second; a process that could not for this long counts as dead.
LEASE = timedelta(seconds=6)
EXCHANGES_FOR_CONTEXT = 8
CUT_SHORT = "The server stopped before the answer was finished: ask again."


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A question that is about to be answered."""

    id: UUID
    conversation_id: UUID
    user_id: int | None
    agent_id: str
    question: str
    client_id: UUID | None
    first_seq: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running turn has come."""

    turn_id: UUID
    conversation_id: UUID
    answer: str
    tools: list[JsonDict]
    frames: list[Frame]
    first_seq: int
    next_seq: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation as the database knows it, with what its newest turn told."""

    agent_id: str
    next_seq: int
    frames: list[Frame] = field(default_factory=list)
    running: UUID | None = None  # by another process, or one that has just died
    untold: Outcome | None = None  # how the newest turn ended, which nobody was told


class AlreadyAsked(Exception):
    """The same ``client_id`` came twice: that question is not asked again."""


def _lease() -> Combinable:
    """By the database's clock, which all processes share."""
    return Now() + LEASE


@dataclass(frozen=True, slots=True)
class Begun:
    """A turn's row is there; what was said before it, and the next frame's number."""

    history: list[HistoryItem]
    next_seq: int


def begin(new: NewTurn) -> Begun:
    """Insert the turn.

    Raises:
        UnknownConversation: it is another user's.
        TurnRunning: another turn of the conversation runs, here or elsewhere.
        AlreadyAsked: there is a turn with this ``client_id``.
    """
    try:
        with transaction.atomic():
            return _begin(new)
    except IntegrityError as error:
        if "turn_client_id_once" in str(error):
            raise AlreadyAsked from error
        if "turn_running_once" in str(error):
            raise TurnRunning from error
        raise


def _begin(new: NewTurn) -> Begun:
    # The lock keeps two processes from giving out the same number.
    conversation, _ = Conversation.objects.select_for_update().get_or_create(
        id=new.conversation_id,
        defaults={
            "user_id": new.user_id,
            "agent_id": new.agent_id,
            "title": " ".join(new.question.split())[:120],
        },
    )
    if conversation.user_id != new.user_id:
        raise UnknownConversation
    end_the_abandoned(conversation.id)
    earlier = Turn.objects.filter(conversation=conversation).order_by("-number")
    earlier.exclude(frames=[]).exclude(status=Turn.Status.RUNNING).update(frames=[])
    last = earlier.values_list("number", flat=True).first() or 0
    Turn.objects.create(
        id=new.id,
        conversation=conversation,
        number=last + 1,
        client_id=new.client_id,
        question=new.question,
        first_seq=new.first_seq,
        lease_until=_lease(),
    )
    conversation.save(update_fields=["updated_at"])
    said = earlier.exclude(answer="").values_list("question", "answer")
    history = [HistoryItem(*row) for row in reversed(said[:EXCHANGES_FOR_CONTEXT])]
    return Begun(history, conversation.next_seq)


def save_progress(progress: Progress) -> str:
    """Save the text so far and renew the lease.

    Returns the turn's status: not ``running`` when another process has ended it.
    """
    with transaction.atomic():
        _save_next_seq(progress.conversation_id, progress.next_seq)
        mine = Turn.objects.filter(id=progress.turn_id)
        renewed = mine.filter(status=Turn.Status.RUNNING).update(
            answer=progress.answer,
            tools=progress.tools,
            frames=progress.frames,
            first_seq=progress.first_seq,
            last_seq=progress.next_seq - 1,
            lease_until=_lease(),
        )
    if renewed:
        return Turn.Status.RUNNING
    return mine.values_list("status", flat=True).first() or Turn.Status.INTERRUPTED


def finish(outcome: Outcome, progress: Progress) -> None:
    """Save how the turn ended; what another process made of it meanwhile gives way."""
    with transaction.atomic():
        _save_next_seq(progress.conversation_id, progress.next_seq + 1)
        Turn.objects.filter(id=progress.turn_id).update(
            answer=outcome.answer,
            status=outcome.status,
            mode=outcome.mode,
            tools=outcome.tools,
            evidence=outcome.evidence,
            grounding=outcome.grounding,
            sources=outcome.sources,
            error=outcome.error,
            frames=progress.frames,
            first_seq=progress.first_seq,
            last_seq=progress.next_seq,  # that of the final frame, told next
            finished_at=Now(),
            lease_until=None,
        )


def _save_next_seq(conversation_id: UUID, next_seq: int) -> None:
    """Always before the turn is written: begin() locks in this order, too.

    The other way round a turn that ends and one that begins would deadlock over the
    constraint that only one of them may run.
    """
    locked = Conversation.objects.select_for_update()
    conversation = locked.filter(id=conversation_id).first()
    if conversation is not None and conversation.next_seq < next_seq:
        conversation.next_seq = next_seq
        conversation.save(update_fields=["next_seq", "updated_at"])


def end_the_abandoned(conversation_id: UUID) -> None:
    """A turn whose process died is over, with the text that was saved."""
    Turn.objects.filter(
        conversation=conversation_id,
        status=Turn.Status.RUNNING,
        lease_until__lt=Now(),
    ).update(
        status=Turn.Status.INTERRUPTED,
        error=CUT_SHORT,
        finished_at=Now(),
        lease_until=None,
        last_seq=None,  # nobody has told how it ended
    )


def stop_elsewhere(conversation_id: UUID) -> None:
    """Take a turn from the process that runs it: its next save tells it so."""
    Turn.objects.filter(
        conversation=conversation_id, status=Turn.Status.RUNNING
    ).update(status=Turn.Status.STOPPED, lease_until=None)


def open_conversation(conversation_id: UUID, user_id: int | None) -> Opened | None:
    """The conversation, if it is this user's."""
    end_the_abandoned(conversation_id)
    found = Conversation.objects.filter(id=conversation_id).first()
    if found is None or found.user_id != user_id:
        return None
    newest = found.turns.order_by("-number").first()
    if newest is None:
        return Opened(found.agent_id, found.next_seq)
    if newest.status == Turn.Status.RUNNING:
        return Opened(found.agent_id, found.next_seq, newest.frames, newest.id)
    outcome = outcome_of(newest, found)
    if newest.last_seq is None:
        return Opened(found.agent_id, found.next_seq, newest.frames, untold=outcome)
    # The row is saved just before its final frame is told, so that one is made again.
    final: Frame = {
        **outcome.frame(),
        "conversation": str(found.id),
        "seq": newest.last_seq,
    }
    return Opened(found.agent_id, found.next_seq, [*newest.frames, final])


def outcome_of(turn: Turn, conversation: Conversation) -> Outcome:
    return Outcome(
        turn_id=turn.id,
        conversation_id=conversation.id,
        agent_id=conversation.agent_id,
        question=turn.question,
        answer=turn.answer,
        status=turn.status,
        mode=turn.mode or Turn.Mode.COMPUTED,
        tools=turn.tools,
        sources=turn.sources,
        grounding=turn.grounding,
        evidence=turn.evidence,
        error=turn.error,
    )


def find_asked(client_id: UUID, user_id: int | None) -> Outcome | None:
    """The turn of this user that a client has asked for under this id.

    In whichever conversation: a client that lost its socket may have got a new one.
    """
    turn = (
        Turn.objects.filter(client_id=client_id, conversation__user=user_id)
        .select_related("conversation")
        .order_by("created_at")
        .first()
    )
    return None if turn is None else outcome_of(turn, turn.conversation)


def look_at(turn_id: UUID) -> Outcome:
    """A turn that another process runs, as far as it has saved it."""
    turn = Turn.objects.select_related("conversation").get(id=turn_id)
    end_the_abandoned(turn.conversation_id)
    turn.refresh_from_db()
    return outcome_of(turn, turn.conversation)
