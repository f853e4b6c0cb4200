"""Errors as problem documents (RFC 9457)."""

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
# RFC 6750: whoever is not known learns how to say who they are.
_HEADERS = {401: {"WWW-Authenticate": "Bearer"}}


class Problem(Exception):
    """`errors`: {"field", "message"} for each field that is wrong."""

    def __init__(self, status: int, title: str, detail: str, errors: Sequence[dict[str, str]] = ()) -> None:
        self.status, self.title, self.detail, self.errors = status, title, detail, list(errors)
        super().__init__(detail)


def install(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(_request: Request, error: Problem) -> JSONResponse:
        return document(error.status, error.title, error.detail, error.errors)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        fields = [{"field": _field(e["loc"]), "message": e["msg"]} for e in error.errors()]
        detail = "; ".join(f"{f['field']}: {f['message']}" for f in fields)
        return document(422, "Invalid request", detail, fields)

    # Databases say no to a number or a character that the type of the field allows.
    @app.exception_handler(OverflowError)
    @app.exception_handler(DataError)
    async def beyond(_request: Request, _error: Exception) -> JSONResponse:
        return document(422, "Invalid request", "A value is larger than any that can be kept.")

    @app.exception_handler(HTTPException)
    async def other(_request: Request, error: HTTPException) -> JSONResponse:
        answer = document(error.status_code, HTTPStatus(error.status_code).phrase, str(error.detail))
        answer.headers.update(error.headers or {})
        return answer


def _field(place: Sequence[int | str]) -> str:
    """The innermost name on the way to a value; the body itself where there is none."""
    return next((part for part in reversed(place) if isinstance(part, str)), "body")


def document(status: int, title: str, detail: str, errors: Sequence[dict[str, str]] = ()) -> JSONResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    told = {**body, "errors": list(errors)} if errors else body
    return JSONResponse(told, status, headers=_HEADERS.get(status), media_type=MEDIA_TYPE)
