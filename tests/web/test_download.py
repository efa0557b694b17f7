"""Files handed out: named in Chinese or not, of the kind their ending says, kept by nobody on the way."""

import pytest
from flask import Flask

from web.download import XLSX, attached


@pytest.mark.parametrize(
    ("name", "kind"), [("名单.xlsx", XLSX), ("整改通知单.pdf", "application/pdf"), ("audit.xlsx", XLSX)]
)
def test_a_file_carries_its_name_in_characters_that_a_server_can_send(name: str, kind: str) -> None:
    with Flask("hall").test_request_context():
        answer = attached(b"content", name)
        answer.direct_passthrough = False
        assert (answer.get_data(), answer.mimetype) == (b"content", kind)
        for value in answer.headers.values():
            value.encode("latin-1")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_sheet_to_look_at_is_not_a_download() -> None:
    with Flask("hall").test_request_context():
        assert attached(b"%PDF", "labels.pdf", inline=True).headers["Content-Disposition"].startswith("inline")
