"""What an answer says about itself: no model, a failed model, no memory; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from agents.language import Language
from agents.llm.port import (
    LlmError,
    LlmMalformed,
    LlmRefused,
    LlmTimeout,
    LlmTruncated,
)

_REASONS_PT: Mapping[type[LlmError], str] = {
    LlmTimeout: "não respondeu a tempo",
    LlmRefused: "recusou o pedido",
    LlmTruncated: "parou no meio da resposta",
    LlmMalformed: "enviou algo que não é uma resposta",
}
_REASONS_EN: Mapping[type[LlmError], str] = {
    LlmTimeout: "it did not answer in time",
    LlmRefused: "it refused the request",
    LlmTruncated: "it stopped in the middle",
    LlmMalformed: "it sent what is no answer",
}


@dataclass(frozen=True, slots=True)
class Words:
    """The notes in one language."""

    no_model: str
    no_plan: str
    failed: str
    rests: str
    broke_off: str
    no_memory: str
    truncated: str
    broken: str
    unreachable: str
    reasons: Mapping[type[LlmError], str]

    def model_failed(self, error: LlmError | None) -> str:
        return self.failed.format(reason=self._reason(error))

    def model_broke_off(self, error: LlmError | None) -> str:
        return self.broke_off.format(reason=self._reason(error))

    def model_rests(self, error: LlmError | None) -> str:
        return f"{self.rests.format(reason=self._reason(error))}\n\n"

    def _reason(self, error: LlmError | None) -> str:
        # The error's own sentence is for the log and the health page: it names
        # settings, which is nothing that an operator of the plan can act on.
        return (
            self.reasons.get(type(error), self.unreachable)
            if error
            else self.unreachable
        )


WORDS: Mapping[Language, Words] = {
    "en": Words(
        no_model="_Computed from the plan; no language model was used._",
        no_plan="_No language model was used._",
        failed="_The language model failed: {reason}. "
        "This answer was computed from the plan without it._",
        rests="_The language model failed a moment ago: {reason}. "
        "This answer was computed from the plan without it._",
        broke_off="_The language model broke off here: {reason}. "
        "What follows was computed from the plan without it._",
        no_memory="_Earlier answers could not be recalled: "
        "the memory is not available at the moment._",
        truncated="The answer was cut: it grew too long.",
        broken="Something went wrong inside Resync; the log of the server tells more.",
        unreachable="it is unreachable or overloaded",
        reasons=_REASONS_EN,
    ),
    "pt": Words(
        no_model="_Calculado a partir do plano; nenhum modelo de linguagem foi usado._",
        no_plan="_Nenhum modelo de linguagem foi usado._",
        failed="_O modelo de linguagem falhou: {reason}. "
        "Esta resposta foi calculada a partir do plano, sem ele._",
        rests="_O modelo de linguagem falhou há pouco: {reason}. "
        "Esta resposta foi calculada a partir do plano, sem ele._",
        broke_off="_O modelo de linguagem parou aqui: {reason}. "
        "O que segue foi calculado a partir do plano, sem ele._",
        no_memory="_Respostas anteriores não puderam ser consultadas: "
        "a memória não está disponível no momento._",
        truncated="A resposta foi cortada: ficou longa demais.",
        broken="Algo deu errado dentro do Resync; o log do servidor diz mais.",
        unreachable="está inacessível ou sobrecarregado",
        reasons=_REASONS_PT,
    ),
}
