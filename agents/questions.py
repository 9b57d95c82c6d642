"""What counts as a question, whichever way it comes in."""

from agents.exceptions import EmptyQuestion, QuestionTooLong
from agents.llm.text import clean

MOST_BYTES = 16_384


def read_question(text: str) -> str:
    """The question without what cannot be stored and without the blanks around it.

    Raises:
        EmptyQuestion: nothing is left.
        QuestionTooLong: it is more than a frame of the socket may hold.
    """
    question = clean(text).strip()
    if not question:
        raise EmptyQuestion
    if len(question.encode()) > MOST_BYTES:
        raise QuestionTooLong
    return question
