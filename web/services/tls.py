"""The hall's own certificates: an authority that phones trust once, and the hub's certificate under it.

No public authority can vouch for a name inside a hall. The authority may only vouch for the hall's names and for
private addresses, so that a stolen key of it deceives no phone about anything else.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from config.words import say
from station.durable import write_durably
from web.services.errors import BadInput

FOLDER = "tls"  # inside the hub's folder
AUTHORITY, AUTHORITY_KEY, SERVER, SERVER_KEY = "authority.crt", "authority.key", "hub.crt", "hub.key"
AUTHORITY_LIFE, SERVER_LIFE = timedelta(days=3650), timedelta(days=800)  # phones take no more than 825 days
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")
_EARLIER = timedelta(days=1)  # for phones whose clocks are slow


@dataclass(frozen=True, slots=True)
class Made:
    """What was made. `print256`: the authority's SHA-256, by which people compare it; `until`: the hub's last day."""

    names: tuple[str, ...]
    print256: str
    until: datetime
    new_authority: bool


def certify(folder: Path, hall: str, names: Sequence[str], now: datetime) -> Made:
    """A certificate of the hub for these names and addresses, under the hall's authority (made on the first run).

    BadInput for a name that cannot be one, or one that the authority was not made for.
    """
    wanted = [_name(each) for each in names]
    place = folder / FOLDER
    fresh = not (place / AUTHORITY).exists()
    if fresh:
        _make_authority(place, hall, wanted, now)
    issuer = x509.load_pem_x509_certificate((place / AUTHORITY).read_bytes())
    _refuse_foreign(issuer, wanted)
    signer = serialization.load_pem_private_key((place / AUTHORITY_KEY).read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now + SERVER_LIFE, issuer.not_valid_after_utc)
    server = (
        _builder(_subject(names[0]), issuer.subject, key, now, until)
        .add_extension(x509.SubjectAlternativeName(wanted), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    write_durably(place / SERVER_KEY, _pem(key))
    write_durably(place / SERVER, server.public_bytes(serialization.Encoding.PEM))
    return Made(tuple(names), issuer.fingerprint(hashes.SHA256()).hex(), until, fresh)


def files(folder: Path) -> tuple[Path, Path] | None:
    """The hub's certificate and its key; None while there is none."""
    found = folder / FOLDER / SERVER, folder / FOLDER / SERVER_KEY
    return found if all(path.exists() for path in found) else None


def server(folder: Path) -> x509.Certificate | None:
    """The hub's certificate as browsers see it after the next start; None while none. ValueError: broken."""
    found = files(folder)
    return x509.load_pem_x509_certificate(found[0].read_bytes()) if found else None


def authority(folder: Path) -> x509.Certificate | None:
    """The hall's authority as phones are to trust it; None while there is none."""
    path = folder / FOLDER / AUTHORITY
    return x509.load_pem_x509_certificate(path.read_bytes()) if path.exists() else None


def _make_authority(place: Path, hall: str, names: Iterable[x509.GeneralName], now: datetime) -> None:
    key, subject = ec.generate_private_key(ec.SECP256R1()), _subject(say("{hall}本地证书", hall=hall)[:60])
    permitted: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_network(each)) for each in PRIVATE]
    permitted += [name for name in names if isinstance(name, x509.DNSName)]
    made = (
        _builder(subject, subject, key, now, now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_signs_certificates(), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_durably(place / AUTHORITY_KEY, _pem(key))
    write_durably(place / AUTHORITY, made.public_bytes(serialization.Encoding.PEM))


def _refuse_foreign(issuer: x509.Certificate, names: Iterable[x509.GeneralName]) -> None:
    permitted = issuer.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    known = {each.value for each in permitted if isinstance(each, x509.DNSName)}
    for name in names:
        if isinstance(name, x509.DNSName) and name.value not in known:
            raise BadInput(
                say("本厅证书不是为 {name} 建的", name=name.value),
                remedy=say("请用原来的名称或内网地址；要换名称，请移走 tls 目录后重做，各手机重新信任"),
            )


def _name(text: str) -> x509.DNSName | x509.IPAddress:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        if (
            text
            and len(text) <= 253
            and all(part and part.replace("-", "").isalnum() for part in text.split("."))
            and text.isascii()
        ):
            return x509.DNSName(text.lower())
        raise BadInput(
            say("“{name}”不是主机名或地址", name=text[:60]), remedy=say("请写成 hall.local 或 192.168.1.10")
        ) from None
    if not any(address in ipaddress.ip_network(each) for each in PRIVATE if address.version == 4):
        raise BadInput(say("{name} 不是内网地址", name=text), remedy=say("请写内网的 IPv4 地址"))
    return x509.IPAddress(address)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    begun = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return begun.serial_number(x509.random_serial_number()).not_valid_before(now - _EARLIER).not_valid_after(until)


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _signs_certificates() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
