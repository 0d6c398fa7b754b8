"""The OpenAPI 3.1 document, made from the very types that read the bodies.

Sockets are told as `GET` with 101; their frames, msgpack, stand under `x-frames`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
from aiohttp import web

from console import __version__
from console.server.answers import ErrorBody
from console.server.bodies import LONGEST_TEXT as LONGEST_FIELD
from console.server.limits import Limits
from console.server.operation_table import (
    ALWAYS,
    OPERATIONS,
    PLAIN,
    SUBMISSION,
    Operation,
    error_codes,
)
from console.server.parts import PARTS
from console.wire.frames import DeskFrame, FieldPush, FieldSaid
from console.wire.requests import LONGEST_LIST, LONGEST_TEXT, REQUEST_TYPES

JSON = "application/json"
_REFS = "#/components/schemas/{name}"
_UUID7 = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_MAX_TIME_MS = (1 << 53) - 1
_NEW_IDS = {("ReportIncident", "incident_id"), ("Order", "command_id")}
"""Ids that the sender makes up."""
_REQUEST_PARTS = frozenset({*REQUEST_TYPES, "Order", "Text"})
_RANGES = {"lon": (-180, 180), "lat": (-90, 90), "priority": (1, 4), "rating": (1, 5)}

Schema = dict[str, Any]


async def get_document(request: web.Request) -> web.Response:
    """`GET /api/v1/openapi.json`."""
    body = _encoded(request.app[PARTS].limits, calls_of(request.app))
    return web.Response(body=body, content_type=JSON)


def calls_of(app: web.Application) -> frozenset[str]:
    """Method and path of every call that `app` takes."""
    return frozenset(
        f"{route.method} {route.resource.canonical}"
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    )


@lru_cache(maxsize=4)
def _encoded(limits: Limits, calls: frozenset[str]) -> bytes:
    return msgspec.json.encode(document(limits, calls))


def document(limits: Limits, calls: frozenset[str]) -> dict[str, Any]:
    """The document of a server with `limits` that takes `calls`."""
    paths: dict[str, dict[str, Any]] = {}
    for name, operation in OPERATIONS.items():
        method, _, path = name.partition(" ")
        if name in calls:
            paths.setdefault(path, {})[method.lower()] = _operation(path, operation, limits)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trellis",
            "version": __version__,
            "description": "The words to it are on docs/server-api.md.",
        },
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(path: str, operation: Operation, limits: Limits) -> Schema:
    told: Schema = {"summary": operation.summary, "responses": _responses(operation)}
    if operation.is_open:
        told["security"] = []
    named = [_parameter(name, "path") for name in re.findall(r"{(\w+)}", path)]
    named += [_parameter(name, "query") for name in operation.query]
    if named:
        told["parameters"] = named
    if operation.body is not None:
        schema = {"$ref": _ref(operation.body)}
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    if any(operation.frames):
        told["x-frames"] = _frames(operation, limits)
    told["x-largest-body-bytes"] = limits.body_limit(path)
    return told


def _responses(operation: Operation) -> Schema:
    answers: Schema = {}
    if any(operation.frames):
        answers["101"] = {"description": "The socket is open."}
    else:
        answers["200"] = _answer(operation)
    if operation.media != PLAIN:
        answers["304"] = {"description": "It is still what `If-None-Match` names."}
    for status in sorted({*ALWAYS, *operation.errors}):
        answers[str(status)] = _error(status)
    if operation.unready is not None:
        answers["503"] = _response("Not now.", {"$ref": _ref(operation.unready)})
    return answers


def _answer(operation: Operation) -> Schema:
    kind = operation.answer
    if kind is str:
        text = {"schema": {"type": "string"}}
        return {"description": "Done.", "content": dict.fromkeys(operation.media, text)}
    return _response("Done.", {"type": "object"} if kind is dict else {"$ref": _ref(kind)})


def _response(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {JSON: {"schema": schema}}}


def _error(status: int) -> Schema:
    codes = error_codes(status)
    schema = {
        "allOf": [
            {"$ref": _ref(ErrorBody)},
            {"properties": {"error": {"enum": codes}}},
        ]
    }
    told = _response(f"Not done: {', '.join(codes)}.", schema)
    if status == 429:
        whole_seconds = {"schema": {"type": "integer", "minimum": 1}}
        told["headers"] = {"Retry-After": {**whole_seconds, "description": "Seconds to wait."}}
    return told


_WORDS = {
    "after": "The cursor: what comes after it.",
    "limit": "How many, at most.",
    "at": "The moment, milliseconds since 1970-01-01 UTC.",
    "from": "From this moment on, milliseconds since 1970-01-01 UTC.",
    "to": "Up to this moment, milliseconds since 1970-01-01 UTC.",
    "unit_id": "The unit.",
    "incident_id": "The incident.",
    "name": "The file.",
}


def _parameter(name: str, where: str) -> Schema:
    bare = name.removesuffix("!")
    number = {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}
    text = {"type": "string", "minLength": 1, "maxLength": 64}
    return {
        "name": bare,
        "in": where,
        "required": where == "path" or name.endswith("!"),
        "description": _WORDS[bare],
        "schema": text if where == "path" else number,
    }


def _frames(operation: Operation, limits: Limits) -> Schema:
    server, client = operation.frames
    return {
        "encoding": "application/msgpack",
        "server": [{"$ref": _ref(kind)} for kind in server],
        "client": [{"$ref": _ref(kind)} for kind in client],
        "largest-client-frame-bytes": limits.frame_bytes if client else limits.listener_frame_bytes,
    }


def _schemas() -> dict[str, Schema]:
    """Every type that travels, by name."""
    _, found = msgspec.json.schema_components(list(_types()), ref_template=_REFS)
    schemas = {name: dict(schema) for name, schema in found.items()}
    for name in _sent_by_clients(schemas):
        _tighten(name, schemas[name])
    for name, cls in REQUEST_TYPES.items():
        schemas[name] = _tagged(schemas[cls.__name__], name)
    schemas["WireEvent"]["properties"]["fact"] = {
        "type": "object",
        "description": "The fields of the fact that `kind` and `version` name.",
    }
    schemas[SUBMISSION] = _submission()
    return schemas


def _types() -> Iterator[Any]:
    for operation in OPERATIONS.values():
        if operation.answer not in (dict, str):
            yield operation.answer
        if isinstance(operation.body, type):
            yield operation.body
    yield from (DeskFrame, FieldPush, FieldSaid, ErrorBody)
    yield from REQUEST_TYPES.values()


def _sent_by_clients(schemas: dict[str, Schema]) -> set[str]:
    bodies = {op.body.__name__ for op in OPERATIONS.values() if isinstance(op.body, type)}
    return {*_REQUEST_PARTS, *bodies} & schemas.keys()


def _tighten(name: str, schema: Schema) -> None:
    """What the types alone do not say: no other fields, lengths, ranges, keys."""
    schema["additionalProperties"] = False
    for field, told in schema["properties"].items():
        if told.get("type") == "string":
            told["maxLength"] = LONGEST_TEXT if name in _REQUEST_PARTS else LONGEST_FIELD
        if told.get("type") == "array":
            told["maxItems"] = LONGEST_LIST
        if field in _RANGES:
            told["minimum"], told["maximum"] = _RANGES[field]
        if (name, field) in _NEW_IDS:
            told["pattern"] = _UUID7


def _tagged(schema: Schema, name: str) -> Schema:
    properties = {"type": {"const": name}, **schema["properties"]}
    required = ["type", *schema.get("required", [])]
    return {**schema, "properties": properties, "required": required}


def _submission() -> Schema:
    mapping = {name: _REFS.format(name=name) for name in REQUEST_TYPES}
    return {
        "title": SUBMISSION,
        "type": "object",
        "description": "Sent again with the same key and body, it gets the first answer again.",
        "additionalProperties": False,
        "required": ["key", "happened_at", "request"],
        "properties": {
            "key": {"type": "string", "pattern": _UUID7},
            "happened_at": {
                "type": "integer",
                "minimum": 1,
                "maximum": _MAX_TIME_MS,
                "description": "The sender's time; more than a day ahead is refused.",
            },
            "seen": {
                "type": "integer",
                "minimum": 0,
                "maximum": _MAX_TIME_MS,
                "description": "The last event that the sender knew of when deciding.",
            },
            "request": {
                "oneOf": [{"$ref": ref} for ref in mapping.values()],
                "discriminator": {"propertyName": "type", "mapping": mapping},
            },
        },
    }


def _ref(kind: type | str) -> str:
    name = kind if isinstance(kind, str) else kind.__name__
    return _REFS.format(name=name)
