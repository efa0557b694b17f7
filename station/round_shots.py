"""Pictures for forms that are not saved yet: taken, judged, kept before a fact names them; or why there is none."""

import hashlib
import threading
from dataclasses import dataclass, replace

from config.errors import Refused
from config.words import say
from drivers.errors import DeviceFault
from station.photographing import Photographing, Shot
from station.photos import BadPhoto, NoRoom, Photos

MOST = 8  # pictures of one form
Key = tuple[str, str]  # round, checkpoint


@dataclass(frozen=True, slots=True)
class Draft:
    """Pictures of a form. `bad`: one that should be taken again; `why`: why there is none; `words` say it.

    `kept`: why bad ones were kept all the same.
    """

    photos: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    bad: Shot | None = None
    why: str = ""
    words: str = ""


class RoundShots:
    """The forms' pictures, by round and checkpoint."""

    def __init__(self, photographing: Photographing, photos: Photos) -> None:
        self._photographing, self._photos = photographing, photos
        self._lock = threading.Lock()
        self._drafts: dict[Key, Draft] = {}

    @property
    def cameras(self) -> tuple[str, ...]:
        """The cameras of this station."""
        return self._photographing.names

    def of(self, key: Key) -> Draft:
        """What there is for a form."""
        return self._drafts.get(key) or Draft(why="" if self.cameras else say("本站没有摄像头"))

    def shoot(self, key: Key, camera: str) -> Draft:
        """Take a picture; a good one is kept at once. A camera that fails ends within its deadline, and says why."""
        draft = self.of(key)
        if len(draft.photos) >= MOST:
            raise Refused(say("一次最多 {n} 张照片", n=MOST), saved=say("已拍的照片都在"), remedy=say("请直接保存"))
        try:
            shot = self._photographing.shoot(camera)
        except DeviceFault as fault:
            words = say("摄像头没有拍到：{reason}", reason=fault)
            return self._put(key, replace(draft, bad=None, why=say("相机故障"), words=words))
        if shot.fault:
            return self._put(key, replace(draft, bad=shot, words=shot.words))
        return self._keep(key, shot, "")

    def keep_anyway(self, key: Key, reason: str) -> Draft:
        """Keep the bad picture, for a reason. Refused without one."""
        draft = self.of(key)
        return self._keep(key, draft.bad, reason) if draft.bad else draft

    def drop(self, key: Key) -> Draft:
        """Let go of the bad picture."""
        return self._put(key, replace(self.of(key), bad=None, words=""))

    def picture(self, key: Key, digest: str) -> bytes | None:
        """The bytes of a picture of this form; None for any other."""
        draft = self.of(key)
        if draft.bad and digest_of(draft.bad) == digest:
            return draft.bad.frame.jpeg
        return self._photos.read(digest) if digest in draft.photos else None

    def used(self, key: Key) -> None:
        """The form is saved."""
        with self._lock:
            self._drafts.pop(key, None)

    def _keep(self, key: Key, shot: Shot, reason: str) -> Draft:
        draft = self.of(key)
        try:
            digest = self._photographing.keep(shot, reason)
        except NoRoom as full:
            return self._put(key, replace(draft, bad=None, why=say("磁盘已满"), words=f"{full.what}，{full.saved}"))
        except BadPhoto as bad:
            return self._put(key, replace(draft, bad=None, why=say("相机故障"), words=bad.what))
        photos = tuple(dict.fromkeys((*draft.photos, digest)))
        return self._put(key, Draft(photos, (*draft.kept, reason.strip()) if shot.fault else draft.kept))

    def _put(self, key: Key, draft: Draft) -> Draft:
        with self._lock:
            self._drafts[key] = draft
        return draft


def digest_of(shot: Shot) -> str:
    """The digest by which a picture that is not kept is shown."""
    return hashlib.sha256(shot.frame.jpeg).hexdigest()
