"""Below /api/ every error is JSON with a ``detail``, whoever found it: ninja, Django or its middleware."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import sync_and_async_middleware
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

API = "/api/"
JSON = "application/json"
DETAILS = {
    400: "The request cannot be read.",
    403: "This is not allowed.",
    404: "There is nothing at this address; /api/docs lists what there is.",
    500: "The answer failed for a reason that the server's log tells.",
}

Answer = Callable[[HttpRequest], HttpResponse]
AsyncAnswer = Callable[[HttpRequest], Awaitable[HttpResponse]]


@sync_and_async_middleware
def json_errors(get_response: Answer | AsyncAnswer) -> Answer | AsyncAnswer:
    """The outermost middleware, so that what the others refuse is JSON too."""
    if iscoroutinefunction(get_response):

        async def answer_later(request: HttpRequest) -> HttpResponse:
            return _told(request, await cast(AsyncAnswer, get_response)(request))

        return answer_later

    def answer(request: HttpRequest) -> HttpResponse:
        return _told(request, cast(Answer, get_response)(request))

    return answer


def _told(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response, with a page for people exchanged for a sentence for scripts.

    It keeps its headers: Allow, and what the other middleware has set.
    """
    is_api = request.path_info.startswith(API)
    if not is_api or response.status_code < 400 or _is_json(response["Content-Type"]):
        return response
    response.content = json.dumps({"detail": _detail(request, response)}).encode()
    response["Content-Type"] = JSON
    response["Content-Length"] = str(len(response.content))
    return response


def _detail(request: HttpRequest, response: HttpResponse) -> str:
    if allowed := response.headers.get("Allow"):
        return f"{request.method} is not possible at this address: use {allowed}."
    return DETAILS.get(response.status_code, response.reason_phrase)


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == JSON or kind.endswith("+json")


class JsonBody(Parser):
    """Reads a body as JSON, whatever it is labelled; what is none is told from its label."""

    def parse_body(self, request: HttpRequest) -> Any:  # noqa: ANN401  JSON
        try:
            return json.loads(request.body)
        except (ValueError, RecursionError) as error:
            if request.content_type and not _is_json(request.content_type):
                message = f"Send JSON ({JSON}), not {request.content_type[:100]}."
                raise HttpError(415, message) from error
            message = f"The body is not JSON: {error}."
            raise HttpError(400, message) from error


def tell_errors(api: NinjaAPI) -> None:
    """Have the API answer what it refuses in sentences."""
    api.exception_handler(ValidationError)(_not_valid)
    api.exception_handler(HttpError)(_refused)
    api.exception_handler(RequestDataTooBig)(_too_long)


def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    problems = [
        {"field": ".".join(str(part) for part in item["loc"]), "problem": item["msg"]}
        for item in error.errors
    ]
    return JsonResponse(
        {"detail": "The request is not valid.", "problems": problems}, status=422
    )


def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    # Ninja wraps what a parser says into a sentence of its own.
    told = error.__cause__ if isinstance(error.__cause__, HttpError) else error
    return JsonResponse({"detail": str(told)}, status=told.status_code)


def _too_long(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return JsonResponse(
        {"detail": f"The body is too long: at most {most} bytes are read."}, status=413
    )
