"""Uploads one form: the arguments are the address and the parts as JSON (test/clients/forms.ts)."""

import json
import sys
from pathlib import Path

import requests

address, parts = sys.argv[1], json.loads(sys.argv[2])


def value(part):
    content = Path(part["path"]).read_bytes()
    return (part["fileName"], content, part["type"]) if part["type"] else (part["fileName"], content)


answer = requests.post(
    address,
    data=[(part["field"], part["text"]) for part in parts if "text" in part],
    files=[(part["field"], value(part)) for part in parts if "path" in part],
    timeout=60,
)
print(answer.text)
print(answer.status_code, end="")
