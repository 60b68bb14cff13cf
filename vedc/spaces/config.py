"""Configs of OpenColorIO: opened by name or file, their transforms by the names in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from vedc.color import Transform
from vedc.errors import MissingError, UserError
from vedc.spaces.opened import Kind, known

#: How OpenColorIO names configs that it holds itself.
SCHEME: Final = "ocio://"
#: The config that names of colour spaces come from where a spec names none.
BUILT_IN: Final = "ocio://studio-config-latest"
#: Names of built-in configs that move on with OpenColorIO.
_ENDINGS: Final = (".ocio", ".ocioz", ".yaml", ".yml")
_MOVING: Final = ("default", "cg-config-latest", "studio-config-latest")
_CURE: Final = "pip install 'vedc[ocio]'"
_ACES, _XYZ = "aces_interchange", "cie_xyz_d65_interchange"


def _ocio() -> Any:
    """Raises MissingError ``missing-extra``."""
    try:
        import PyOpenColorIO
    except ImportError:
        message = "colour spaces by name need OpenColorIO, which is not installed"
        raise MissingError.one("missing-extra", message, hint=_CURE) from None
    # It logs to stderr what it also raises.
    PyOpenColorIO.SetLoggingLevel(PyOpenColorIO.LOGGING_LEVEL_NONE)
    return PyOpenColorIO


def _errors(ocio: Any) -> tuple[type[Exception], ...]:
    """OpenColorIO's exceptions: a missing file is not a subclass of the other."""
    return ocio.Exception, ocio.ExceptionMissingFile


def built_in_names() -> list[str]:
    """Configs that OpenColorIO holds itself. Raises MissingError."""
    registry = _ocio().BuiltinConfigRegistry()
    return [*_MOVING, *(name for name, *_ in registry.getBuiltinConfigs() if name not in _MOVING)]


def built_in(text: str) -> str | None:
    """The name, with its scheme, of a built-in config that a text means; None of a file."""
    name = text.removeprefix(SCHEME)
    is_file = name == text and ("/" in name or name.lower().endswith(_ENDINGS))
    return None if is_file else f"{SCHEME}{name}"


@lru_cache(maxsize=8)
def open_built_in(name: str) -> Config:
    """Raises UserError ``unknown-ocio`` and MissingError."""
    ocio = _ocio()
    try:
        config = ocio.Config.CreateFromFile(name)
        return Config(config.getName(), config)
    except _errors(ocio) as error:
        raise UserError.one("unknown-ocio", _reason(error)) from None


def open_file(path: Path) -> Config:
    """The config of a file, read again. Raises UserError ``bad-ocio`` and MissingError."""
    ocio = _ocio()
    ocio.ClearAllCaches()  # tables are kept by path, whatever has become of them
    try:
        config = ocio.Config.CreateFromFile(str(path))
        config.validate()
    except _errors(ocio) as error:
        raise UserError.one("bad-ocio", _reason(error)) from None
    return Config(path.name, config)


def _reason(error: Exception) -> str:
    """OpenColorIO's message, in one line."""
    return " ".join(str(error).split()).rstrip(".")


@dataclass(frozen=True)
class View:
    """How a film is shown: its light on a display, and back."""

    display: str
    view: str
    look: str
    out: Transform
    back: Transform | None
    """None where OpenColorIO cannot invert the view."""


class Config:
    """A config, with its transforms by the names in it. Impossible requests raise UserError
    ``bad-ocio``."""

    def __init__(self, name: str, config: Any) -> None:
        self.name, self._config = name, config
        self.working: str = self._role("scene_linear") or ""
        """The name of the space of scene light."""

    def _role(self, role: str) -> str | None:
        space = self._config.getColorSpace(role)
        return str(space.getName()) if space is not None else None

    # ------------------------------------------------------------ names

    @property
    def spaces(self) -> list[str]:
        """Names, aliases and roles."""
        names = []
        for space in self._config.getColorSpaces():
            names += [space.getName(), *space.getAliases()]
        return [*names, *(role for role, _ in self._config.getRoles())]

    @property
    def space_names(self) -> list[str]:
        """Of scenes: those that footage has."""
        names = (str(space.getName()) for space in self._config.getColorSpaces())
        return [name for name in names if not self.is_finished(name)]

    def space(self, text: str) -> str | None:
        """The name of the space that a name, an alias or a role means, in any case."""
        found = self._config.getColorSpace(text)
        return str(found.getName()) if found is not None else None

    @property
    def displays(self) -> list[str]:
        return list(self._config.getDisplays())

    def views(self, display: str) -> list[str]:
        return list(self._config.getViews(display))

    @property
    def looks(self) -> list[str]:
        return [look.getName() for look in self._config.getLooks()]

    @property
    def default_display(self) -> str:
        return str(self._config.getDefaultDisplay())

    def default_view(self, display: str) -> str:
        return str(self._config.getDefaultView(display))

    def is_finished(self, space: str) -> bool:
        """Whether a space is a display's: its pictures are ready for viewing."""
        ocio = _ocio()
        found = self._config.getColorSpace(space)
        return bool(found.getReferenceSpaceType() == ocio.REFERENCE_SPACE_DISPLAY)

    def is_data(self, space: str) -> bool:
        """Whether a space holds no colours."""
        return bool(self._config.getColorSpace(space).isData())

    def by_file_rules(self, path: str) -> str | None:
        """The space that a file's name stands for; None where only the default rule holds."""
        if self._config.getMajorVersion() < 2 or self._config.filepathOnlyMatchesDefaultRule(path):
            return None
        return self.space(self._config.getColorSpaceFromFilepath(path)[0])

    # ------------------------------------------------------------ transforms

    def source(self, space: str) -> Transform:
        """From the code values, or the light, of a space to the working light."""
        processor = self._made(lambda c: c.getProcessor(space, self.working))
        return self._transform(processor, f"{space} to {self.working}", "codes", "light")

    def to_aces(self, space: str) -> Transform:
        """From a space to light in ACES2065-1."""
        processor = self._made(lambda c: c.getProcessor(space, _ACES))
        return self._transform(processor, f"{space} to ACES2065-1", "codes", "light")

    def from_aces(self) -> Transform | None:
        """From light in ACES2065-1 to the working light; None where the config does not say what
        its spaces are in terms of ACES."""
        if self._role(_ACES) is None:
            return None
        processor = self._made(lambda c: c.getProcessor(_ACES, self.working))
        return self._transform(processor, f"ACES2065-1 to {self.working}", "light", "light")

    def view(self, display: str, view: str, look: str) -> View:
        """From the working light through looks and a view to a display, and back."""
        ocio = _ocio()
        names = ", ".join(name for name in (look, view, display) if name)

        def processor(direction: Any) -> Any:
            parts = [ocio.DisplayViewTransform(self.working, display, view)]
            if look:
                parts.insert(0, ocio.LookTransform(self.working, self.working, look))
            if direction == ocio.TRANSFORM_DIR_INVERSE:
                # Colours that a display cannot show are clipped, as the display would.
                parts.append(ocio.RangeTransform(0.0, 1.0, 0.0, 1.0))
            group = ocio.GroupTransform()
            for part in parts:
                group.appendTransform(part)
            return self._made(lambda c: c.getProcessor(group, direction))

        made = processor(ocio.TRANSFORM_DIR_FORWARD)
        out = self._transform(made, f"{self.working} to {names}", "light", "codes")
        try:
            backwards = processor(ocio.TRANSFORM_DIR_INVERSE)
            title = f"{names} to {self.working}"
            back = self._transform(backwards, title, "codes", "light")
        except UserError:
            back = None
        return View(display, view, look, out, back)

    def display_light(self, display: str, view: str) -> Any:
        """OpenColorIO's CPU processor from a display's code values to CIE XYZ for D65, 1.0 being
        100 cd/m2; None where the config does not say what its displays are."""
        ocio = _ocio()
        if self._role(_XYZ) is None:
            return None
        space = self._config.getDisplayViewColorSpaceName(display, view)
        name = display if space in ("", "<USE_DISPLAY_NAME>") else space
        if self._config.getColorSpace(name) is None or not self.is_finished(name):
            return None
        processor = self._made(lambda c: c.getProcessor(name, _XYZ))
        return processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)

    def working_primaries(self) -> Any:
        """The CPU processor from working light to CIE XYZ for D65; None as above."""
        ocio = _ocio()
        if self._role(_XYZ) is None or self._role(_ACES) is None:
            return None
        processor = self._made(lambda c: c.getProcessor(self.working, _XYZ))
        return processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)

    def _made(self, make: Any) -> Any:
        ocio = _ocio()
        try:
            return make(self._config)
        except _errors(ocio) as error:
            raise UserError.one("bad-ocio", _reason(error)) from None

    def _transform(self, processor: Any, title: str, start: Kind, end: Kind) -> Transform:
        return Transform(known(processor, start, end), title)


def listed(names: Sequence[str], most: int = 60) -> str:
    """Names for a message."""
    tail = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(name) for name in names[:most]) + tail
