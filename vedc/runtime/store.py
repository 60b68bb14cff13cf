from __future__ import annotations
import json, os, hashlib, uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
@dataclass
class Entry:
    key: str; kind: str; path: Path; size: int; used: float; meta: dict
class Store:
    def __init__(self, folder, limit=None):
        self.folder = Path(folder); self._o = self.folder / "objects"
    def _p(self, key): return self._o / key[:2] / key
    def has(self, key): return self._p(key).with_suffix(".json").exists()
    def get(self, key):
        p = self._p(key)
        try: m = json.loads(p.with_suffix(".json").read_text())
        except (OSError, ValueError): return None
        return Entry(key, m["kind"], p, m["size"], 0, m["meta"])
    @contextmanager
    def put(self, key, kind="", meta=None):
        p = self._p(key); p.parent.mkdir(parents=True, exist_ok=True)
        t = p.with_name(p.name + "." + uuid.uuid4().hex[:8])
        try:
            yield t
            size = t.stat().st_size
            os.replace(t, p)
            p.with_suffix(".json").write_text(json.dumps({"kind": kind, "size": size, "meta": meta}))
        finally:
            t.unlink(missing_ok=True)
    @contextmanager
    def pin(self, keys): yield
