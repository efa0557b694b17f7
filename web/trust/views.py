"""The page of the hall's certificate, open to everybody: whoever has to trust it cannot have a login yet."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Blueprint, Response, render_template

from config.words import say
from web.door import hub
from web.services import tls
from web.services.errors import NotFound

bp = Blueprint("trust", __name__, url_prefix="/ca")


@bp.get("")
def page() -> str:
    """What it is for, its fingerprint, and how a phone trusts it."""
    found = tls.authority(hub().settings.folder)
    digest = found.fingerprint(hashes.SHA256()).hex().upper() if found else ""
    groups = [digest[at : at + 4] for at in range(0, len(digest), 4)]
    return render_template("trust/page.html", found=found, groups=groups, port=hub().settings.tls_port)


@bp.get("/hall.crt")
def certificate() -> Response:
    """The certificate itself, in the form that phones install."""
    found = tls.authority(hub().settings.folder)
    if found is None:
        raise NotFound(say("本厅还没有自己的证书"), remedy=say("请管理员运行 zaigang hub tls"))
    return Response(found.public_bytes(Encoding.DER), content_type="application/x-x509-ca-cert")
