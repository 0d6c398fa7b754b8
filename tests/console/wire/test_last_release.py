"""What the last release wrote is understood: phones and desks bring its words for days.

A field added to a request has a default. When a release is made, its bodies replace these.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from console.wire import decode_submission
from console.wire.field_codec import decode_field_said_json
from console.wire.requests import REQUEST_TYPES

RELEASE = "0.1.0"
KEY = "019ab4f2-7c00-7abc-8def-0123456789ab"
OTHER = "019ab4f2-7c01-7abc-8def-0123456789ab"
BOTH = {"zh": "有气味", "en": "A smell"}

REQUESTS: list[dict[str, Any]] = [
    {
        "type": "ReportIncident",
        "incident_id": KEY,
        "type_code": "gas_leak",
        "priority": 1,
        "lon": 120.15,
        "lat": 30.28,
        "address": BOTH,
        "words": BOTH,
        "source": "grid_worker",
    },
    {"type": "AcceptIncident", "incident_id": KEY},
    {"type": "RejectIncident", "incident_id": KEY, "reason": "x"},
    {"type": "MergeIncident", "incident_id": KEY, "into_id": OTHER},
    {"type": "ChangePriority", "incident_id": KEY, "priority": 2, "reason": ""},
    {
        "type": "DispatchUnits",
        "incident_id": KEY,
        "orders": [{"command_id": OTHER, "unit_id": "G-118"}],
        "text": BOTH,
    },
    {"type": "RecallCommand", "command_id": KEY, "reason": "x"},
    {"type": "AdvanceCommand", "command_id": KEY, "step": "done", "text": "x"},
    {"type": "AddNote", "incident_id": KEY, "text": "x"},
    {"type": "MarkSeen", "incident_id": KEY, "desk": "01"},
    {"type": "VerifyIncident", "incident_id": KEY},
    {"type": "CloseIncident", "incident_id": KEY, "outcome": "x"},
    {"type": "EvaluateIncident", "incident_id": KEY, "rating": 4, "text": "x"},
    {"type": "DeclareUnitStatus", "unit_id": "G-118", "status": "sos"},
]

FRAMES: list[dict[str, Any]] = [
    {
        "t": "fix",
        "lon": 120.1466,
        "lat": 30.2787,
        "at": 1_784_000_000_000,
        "heading": 90.0,
        "speed": None,
    },
    {"t": "got", "command_id": KEY},
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda r: str(r["type"]))
def test_b9_the_last_releases_requests_are_understood(request_: dict[str, Any]) -> None:
    body = {"key": KEY, "happened_at": 1_784_000_000_000, "request": request_}
    submission = decode_submission(json.dumps(body).encode())
    assert type(submission.request) is REQUEST_TYPES[request_["type"]]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: str(f["t"]))
def test_b9_the_last_releases_frames_are_understood(frame: dict[str, Any]) -> None:
    assert decode_field_said_json(json.dumps(frame).encode())
