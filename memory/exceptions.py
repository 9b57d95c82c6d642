"""What can go wrong with memories; every message is a sentence that is safe to show."""


class MemoryGatewayError(Exception):
    """The root of this package's errors.

    MemoryGatewayError
      MemoryUnavailable      worth trying again later; answer without memory meanwhile
        MemoryBusy           too many calls wait already
        MemoryTimeout        no answer in time; what was asked may still happen
      MemoryMisconfigured    not worth trying again until a setting is changed
      UnknownMemory          there is no memory of this turn
      TextRejected           a person rejected the same text: that decision stands first
    """

    retryable = False


class MemoryUnavailable(MemoryGatewayError):
    """The semantic index, its embedder or the database does not answer."""

    retryable = True


class MemoryBusy(MemoryUnavailable):
    """Too many calls wait for the memory already."""


class MemoryTimeout(MemoryUnavailable):
    """The memory did not answer in time."""


class MemoryMisconfigured(MemoryGatewayError):
    """A setting and the index do not fit together; the message says what to do."""


class TextRejected(MemoryGatewayError):
    """The text of this memory was rejected in another memory."""


class UnknownMemory(MemoryGatewayError):
    """There is no memory of this turn."""
