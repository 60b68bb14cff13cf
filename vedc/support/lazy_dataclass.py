"""Dataclasses that are cheap to declare.

``dataclasses`` writes and compiles half a dozen methods for every class at import, which took a
third of the start-up of every command. The ``dataclass`` of this module means the same, and
``replace``, ``fields`` and ``asdict`` work on its classes; but its methods are closures, and
``__init__`` is compiled only once a class has had many instances. Type checkers see the original.

It supports ``frozen``, ``slots``, ``eq``, ``order``, ``repr`` and fields with a default, a default
factory or ``compare=False``. A class that inherits fields is left to ``dataclasses``.
"""

from __future__ import annotations

from operator import attrgetter, ge, gt, le, lt
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass, field
else:

    def dataclass(cls=None, **options):
        return (lambda cls: _made(cls, **options)) if cls is None else _made(cls, **options)

    def field(**options):
        return _Field(options)


__all__ = ["dataclass", "field"]

_MISSING: Final = object()
#: Instances of a class after which compiling its ``__init__`` pays.
_MANY: Final = 12


class _Field:
    """The options of a field until its class is made."""

    __slots__ = ("options",)

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options


class _FromTwin:
    """The data that ``dataclasses`` keeps in a class, taken from a twin of it on first access."""

    def __init__(
        self, name: str, annotations: dict[str, str], defaults: dict[str, Any], frozen: bool
    ) -> None:
        self.name, self.annotations, self.defaults = name, annotations, defaults
        self.frozen, self.value = frozen, None

    def __get__(self, instance: object, owner: type) -> Any:
        if self.value is None:
            import dataclasses

            own = {
                name: dataclasses.field(**value.options) if isinstance(value, _Field) else value
                for name, value in self.defaults.items()
            }
            # A class without a docstring would be given one with its signature, which takes time.
            own |= {"__annotations__": self.annotations, "__doc__": "A twin."}
            twin = type("Twin", (), own)
            # Without methods: they would be compiled but never called.
            bare = {"init": False, "repr": False, "eq": False, "match_args": False}
            frozen = self.frozen and self.name == "__dataclass_params__"
            self.value = getattr(dataclasses.dataclass(**bare, frozen=frozen)(twin), self.name)
        return self.value


def _made(
    cls: type,
    *,
    frozen: bool = False,
    slots: bool = False,
    eq: bool = True,
    order: bool = False,
    repr: bool = True,
) -> type:
    if any("__dataclass_fields__" in vars(base) for base in cls.__mro__[1:]):
        import dataclasses

        return dataclasses.dataclass(frozen=frozen, slots=slots, eq=eq, order=order, repr=repr)(cls)
    own = dict(vars(cls))
    annotations = own.get("__annotations__", {})
    names = tuple(name for name, kind in annotations.items() if not kind.startswith("ClassVar"))
    defaults = {name: own[name] for name in names if name in own}
    methods: dict[str, Any] = {"__match_args__": names}
    compared = [n for n in names if not _compare_off(defaults.get(n))]
    if eq:
        methods |= _comparisons(_values(compared), frozen, order)
    if repr:
        methods["__repr__"] = _repr(names)
    if frozen:
        methods |= {"__setattr__": _refuse_set, "__delattr__": _refuse_delete}
        if slots:
            methods |= _state(names)
    for name in ("__dataclass_fields__", "__dataclass_params__"):
        methods[name] = _FromTwin(name, annotations, defaults, frozen)
    methods = {name: made for name, made in methods.items() if own.get(name) is None}
    made = _with_slots(cls, names, own | methods) if slots else cls
    if not slots:
        for name, method in methods.items():
            setattr(cls, name, method)
        for name, value in defaults.items():  # the others stay, as plain class attributes
            if isinstance(value, _Field):
                delattr(cls, name)
                if (plain := value.options.get("default", _MISSING)) is not _MISSING:
                    setattr(cls, name, plain)
    if "__init__" not in own:
        made.__init__ = _initialiser(made, names, defaults)  # type: ignore[misc]
    return made


def _with_slots(cls: type, names: tuple[str, ...], own: dict[str, Any]) -> type:
    """The class made again: slots cannot be added to an existing class, nor coexist with
    defaults."""
    for name in (*names, "__dict__", "__weakref__"):
        own.pop(name, None)
    made = type(cls)(cls.__name__, cls.__bases__, own | {"__slots__": names})
    made.__qualname__ = cls.__qualname__
    return made


def _compare_off(default: object) -> bool:
    return isinstance(default, _Field) and default.options.get("compare") is False


def _values(names: list[str]) -> Callable[[Any], Any]:
    """The values of some fields, as something that compares and hashes."""
    return attrgetter(*names) if names else lambda self: ()


def _comparisons(values: Callable[[Any], Any], frozen: bool, order: bool) -> dict[str, Any]:
    def equal(self: Any, other: Any) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return values(self) == values(other)

    def hashed(self: Any) -> int:
        return hash(values(self))

    def compare(by: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def compared(self: Any, other: Any) -> Any:
            if other.__class__ is not self.__class__:
                return NotImplemented
            return by(values(self), values(other))

        return compared

    methods: dict[str, Any] = {"__eq__": equal, "__hash__": hashed if frozen else None}
    if order:
        ways = (("__lt__", lt), ("__le__", le), ("__gt__", gt), ("__ge__", ge))
        methods |= {name: compare(by) for name, by in ways}
    return methods


def _repr(names: tuple[str, ...]) -> Callable[[Any], str]:
    def represent(self: Any) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.__class__.__qualname__}({values})"

    return represent


def _refuse_set(self: Any, name: str, value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(self: Any, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(names: tuple[str, ...]) -> dict[str, Any]:
    """Pickling and copying of frozen objects without a ``__dict__``."""

    def get(self: Any) -> list[Any]:
        return [getattr(self, name) for name in names]

    def restore(self: Any, state: list[Any]) -> None:
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return {"__getstate__": get, "__setstate__": restore}


def _initialiser(cls: Any, names: tuple[str, ...], defaults: dict[str, Any]) -> Callable[..., None]:
    """An ``__init__`` that serves the first instances and then has itself compiled."""
    made = 0
    after = cls.__dict__.get("__post_init__")

    def initialise(self: Any, *args: Any, **given: Any) -> None:
        nonlocal made
        made += 1
        unknown = len(args) > len(names) or not given.keys() <= set(names[len(args) :])
        values = dict(zip(names, args, strict=False)) | given
        for name in names[len(args) :]:
            if name not in given:
                values[name] = _default(defaults.get(name, _MISSING))
                unknown |= values[name] is _MISSING
        if made > _MANY or unknown:  # for a wrong call, Python explains the error
            cls.__init__ = _compiled(cls, names, defaults)
            cls.__init__(self, *args, **given)
            return
        for name in names:
            object.__setattr__(self, name, values[name])
        if after is not None:
            after(self)

    return initialise


def _default(default: Any) -> Any:
    if not isinstance(default, _Field):
        return default
    factory = default.options.get("default_factory")
    return factory() if factory else default.options.get("default", _MISSING)


def _compiled(cls: Any, names: tuple[str, ...], defaults: dict[str, Any]) -> Callable[..., None]:
    space: dict[str, Any] = {"_set": object.__setattr__, "_MISSING": _MISSING}
    arguments, body = ["self"], []
    for name in names:
        default, value = defaults.get(name, _MISSING), name
        factory = default.options.get("default_factory") if isinstance(default, _Field) else None
        if factory:
            space[f"_make_{name}"] = factory
            value = f"_make_{name}() if {name} is _MISSING else {name}"
            arguments.append(f"{name}=_MISSING")
        elif (plain := _default(default)) is not _MISSING:
            space[f"_default_{name}"] = plain
            arguments.append(f"{name}=_default_{name}")
        else:
            arguments.append(name)
        slot = cls.__dict__.get(name) if "__slots__" in cls.__dict__ else None
        if slot is not None:
            space[f"_set_{name}"] = slot.__set__
            body.append(f" _set_{name}(self, {value})")
        else:
            body.append(f" _set(self, {name!r}, {value})")
    if "__post_init__" in cls.__dict__:
        body.append(" self.__post_init__()")
    exec(f"def __init__({', '.join(arguments)}):\n" + ("\n".join(body) or " pass"), space)
    made: Callable[..., None] = space["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made
