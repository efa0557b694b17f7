"""Files that a page hands out, to be kept by whoever asked for them."""

from io import BytesIO
from mimetypes import guess_type

from flask import send_file
from werkzeug.wrappers import Response

from web.services import patrol_paper
from web.services.errors import NotFound
from web.services.patrol_paper import Paper
from web.words import _

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def attached(content: bytes, name: str, *, inline: bool = False) -> Response:
    """A file under this name, of the kind its ending says. `inline`: to be looked at in the browser at once.

    The name may be Chinese: a header carries it escaped, since a server sends no other characters in headers.
    Nothing is kept by the browser or on the way.
    """
    kind = XLSX if name.endswith(".xlsx") else guess_type(name)[0]
    answer = send_file(BytesIO(content), mimetype=kind, as_attachment=not inline, download_name=name, max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def printed(paper: Paper, suffix: str, name: str) -> Response:
    """A paper as a file of this kind: pdf or xlsx; NotFound for any other."""
    if suffix not in ("pdf", "xlsx"):
        raise NotFound(_("没有这种文件"), remedy=_("请从原来的页面下载"))
    content = patrol_paper.as_pdf(paper) if suffix == "pdf" else patrol_paper.as_xlsx(paper)
    return attached(content, f"{name}.{suffix}")
