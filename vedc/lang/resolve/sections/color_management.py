"""Colour spaces, displays and views by the names of an OpenColorIO config."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from vedc.color import CANVAS_COLORS, Color, Management, Transform
from vedc.errors import UserError
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.yaml.tree import ANY, Problems, SpecNode
from vedc.ops.shared import camera_log
from vedc.support.suggest import did_you_mean

if TYPE_CHECKING:
    from vedc.spaces.config import Config, View
    from vedc.spaces.displays import Measured

#: Scene-referred transfers: for these, a config must relate its spaces to ACES.
_SCENE: Final = frozenset({*camera_log.CURVES, "linear"})
_VIEW_KEYS: Final = ("display", "view", "look")


class ColorManagement:
    """The OpenColorIO settings of a spec. Mistakes go to the problems of ``context``, each once.
    Without settings, OpenColorIO is not loaded."""

    def __init__(
        self,
        tree: SpecNode,
        context: CheckContext,
        warnings: Problems,
        around: ColorManagement | None = None,
    ) -> None:
        """``around`` belongs to the film in which the spec is a composition."""
        self._context, self._problems = context, context.problems
        self._warnings = warnings
        self._profile = tree.get("profile") or SpecNode({})
        self._named = self._profile.get("ocio")
        self._reported: set[tuple[str, int]] = set()
        self._config: Config | None = None
        self._sources: dict[tuple[str, str], Transform | None] = {}
        self._managements: dict[tuple[str, str, str], Management | None] = {}
        if self._named is not None and not self._named.broken:
            self._config = self._opened(self._named)
        if around is not None:
            self._within(around)
        for key in _VIEW_KEYS:
            if self._named is None and key in self._profile and ANY not in self._profile.lost:
                self._report(
                    "no-ocio",
                    f"{key!r} belongs to an OpenColorIO config, and `ocio` names none",
                    self._profile[key],
                    "write ocio: studio-config-latest beside it, or name a .ocio file",
                )

    @property
    def managed(self) -> bool:
        """Whether the film's colours are managed, even by an unusable config."""
        return self._named is not None

    def management(self, output: SpecNode) -> Management | None:
        """The colour management of an output; None if there is none, or it is wrong."""
        config = self._config
        if config is None:
            if not self.managed:
                for key in ("display", "view"):
                    if key in output and not self._profile.lost:
                        self._report(
                            "no-ocio",
                            f"{key!r} belongs to an OpenColorIO config, and the profile names none",
                            output[key],
                            "write profile: {ocio: studio-config-latest}",
                        )
            return None
        display, view, look = (output.get(k) or self._profile.get(k) for k in _VIEW_KEYS)
        if "display" in output and "view" not in output:
            view = None  # the profile's view belongs to another display
        name: str | None = config.default_display
        if display is not None:
            name = self._one_of(display, config.displays, "display", config.name)
        worn: str | None = ""
        if look is not None:
            worn = self._one_of(look, config.looks, "look", config.name)
        if name is None:
            return None
        shown: str | None = config.default_view(name)
        if view is not None:
            shown = self._one_of(view, config.views(name), f"view for {name!r}", config.name)
        if shown is None or worn is None:
            return None
        names = (name, shown, worn)
        if names not in self._managements:
            at = view or display or self._named
            assert at is not None
            self._managements[names] = self._managed(config, names, at)
        return self._managements[names]

    def source(self, asset: SpecNode, path: str) -> Transform | None:
        """The transform from a file's code values to light, if it has a colour space, given or by
        the config's file rules."""
        given = asset.get("color")
        named = given.get("space") if given is not None else None
        if named is None:
            words = given is not None and {"primaries", "transfer"} & {*given.entries}
            return None if words or self._config is None else self._by_rules(path)
        if named.broken or (self.managed and self._config is None):
            return None
        config = self._config or self._built_in(named)
        if config is None:
            return None
        space = self._space(named, config)
        return self._transform(config, space, named) if space is not None else None

    def check_composition(self, profile: SpecNode | None) -> None:
        """Report keys that the profile of a composition cannot have."""
        own = profile.entries if profile is not None else {}
        for key in ("ocio", *_VIEW_KEYS):
            if key in own:
                self._report(
                    "composed-view",
                    f"a composition is seen through the film's view, and has no {key!r}",
                    own[key],
                    "give it to the profile of the film",
                )
        if self.managed and "color" in own:
            self._report(
                "composed-view",
                "a composition of a film with `ocio` is scene light, and has no colour of its own",
                own["color"],
                "leave `color` out",
            )

    def check_scene_light(self, transfer: str, at: SpecNode) -> None:
        """Report a camera's curve that the config cannot place."""
        config = self._config
        if config is None or transfer not in _SCENE or config.from_aces() is not None:
            return
        self._report(
            "no-interchange",
            f"{config.name} does not say what its spaces are in terms of ACES (it has no role "
            f"aces_interchange), so light of {transfer!r} has no place in it",
            at,
            "name the config's own space for it: color: {space: ...}",
        )

    # Inside

    def _within(self, around: ColorManagement) -> None:
        """Take the film's config; report another one."""
        own, outer = self._config, around._config
        if own is not None and (outer is None or own.name != outer.name):
            film = f"uses {outer.name}" if outer is not None else "has none"
            assert self._named is not None
            self._report(
                "another-ocio",
                f"a composition is seen through the film's view, and the film {film}, not "
                f"{own.name}",
                self._named,
                "give the film the same `ocio`, or leave it out here",
            )
        self._named, self._config = self._named or around._named, outer

    def _report(self, code: str, message: str, at: SpecNode, hint: str | None = None) -> None:
        if (code, id(at)) not in self._reported:
            self._reported.add((code, id(at)))
            self._problems.add(code, message, at, hint)

    def _opened(self, named: SpecNode) -> Config | None:
        from vedc.spaces import config as configs

        try:
            name = configs.built_in(named.text)
            if name is not None:
                return configs.open_built_in(name)
            path = self._context.files.existing(named, one=True, local=True)
            if path is None:
                return None
            config = configs.open_file(path)
        except UserError as error:
            self._refuse(error, named)
            return None
        if not config.working:
            message = f"{named.text!r} has no role scene_linear, in which films are composited"
            self._report("bad-ocio", message, named, "add the role to the config")
            return None
        return config

    def _refuse(self, error: UserError, at: SpecNode) -> None:
        problem = error.problems[0]
        hint = problem.hint
        if problem.code == "unknown-ocio":
            from vedc.spaces.config import SCHEME, built_in_names, listed

            names = built_in_names()
            text = at.text.removeprefix(SCHEME)
            near = did_you_mean(text, names)
            tail = f"; did you mean {near!r}?" if near else ""
            hint = f"OpenColorIO holds {listed(names)}"
            self._report("unknown-ocio", f"there is no built-in config {text!r}{tail}", at, hint)
            return
        if problem.code == "bad-ocio":
            hint = hint or "correct the config; ociocheck of OpenColorIO checks all of it"
        self._report(problem.code, problem.message, at, hint)

    def _built_in(self, at: SpecNode) -> Config | None:
        from vedc.spaces import config as configs

        try:
            return configs.open_built_in(configs.BUILT_IN)
        except UserError as error:
            self._refuse(error, at)
            return None

    def _one_of(self, named: SpecNode, names: Sequence[str], kind: str, config: str) -> str | None:
        """The name that a text means, ignoring case; None (reported) if there is none."""
        if named.broken:
            return None
        for name in names:
            if name.casefold() == named.text.casefold():
                return name
        from vedc.spaces.config import listed

        near = did_you_mean(named.text, names)
        tail = f"; did you mean {near!r}?" if near else ""
        hint = f"there are {listed(names)}" if names else "leave it out"
        self._report("unknown-name", f"{config} has no {kind} {named.text!r}{tail}", named, hint)
        return None

    def _space(self, named: SpecNode, config: Config) -> str | None:
        found = config.space(named.text)
        if found is not None:
            return found
        from vedc.spaces.config import listed

        near = did_you_mean(named.text, config.spaces)
        tail = f"; did you mean {near!r}?" if near else ""
        message = f"{config.name} has no colour space {named.text!r}{tail}"
        self._report("unknown-name", message, named, f"there are {listed(config.space_names)}")
        return None

    def _by_rules(self, path: str) -> Transform | None:
        """A finished picture needs none: it comes in through the view."""
        config = self._config
        assert config is not None and self._named is not None
        space = config.by_file_rules(path)
        if space is None or config.is_finished(space) or config.is_data(space):
            return None
        return self._transform(config, space, self._named)

    def _transform(self, config: Config, space: str, at: SpecNode) -> Transform | None:
        key = (config.name, space)
        if key not in self._sources:
            try:
                managed = config is self._config
                made = config.source(space) if managed else config.to_aces(space)
                self._sources[key] = made
            except UserError as error:
                self._refuse(error, at)
                self._sources[key] = None
        return self._sources[key]

    def _managed(
        self, config: Config, names: tuple[str, str, str], at: SpecNode
    ) -> Management | None:
        from vedc.spaces.displays import measured, working_name

        try:
            view = config.view(*names)
            back = view.back or self._without_view(config, view, at)
            light = config.display_light(view.display, view.view)
            from_aces, primaries = config.from_aces(), working_name(config.working_primaries())
        except UserError as error:
            self._refuse(error, at)
            return None
        color = self._color(measured(light) if light is not None else None, view, at)
        if back is None or color is None:
            return None
        return Management(
            config.name, config.working, *names, primaries, color, back, view.out, from_aces
        )

    def _without_view(self, config: Config, view: View, at: SpecNode) -> Transform | None:
        space = config.space(view.display)
        if space is None:
            message = f"the view {view.view!r} cannot be run backwards, as titles need it"
            self._report("bad-ocio", message, at, "choose another view")
            return None
        self._warnings.warn(
            "view-not-inverted",
            f"the view {view.view!r} cannot be run backwards: titles and finished pictures come "
            "in without it, and may look different",
            at,
            "choose another view to keep them as they are",
        )
        return config.source(space)

    def _color(self, found: Measured | None, view: View, at: SpecNode) -> Color | None:
        """The colour tags of a view's files: its display's, or those in the profile."""
        own = self._profile.get("color")
        if own is not None and not own.broken:
            color = CANVAS_COLORS[own.text]
            if found is not None and not found.lacks:
                same = (color.primaries, color.transfer) == (
                    found.color.primaries,
                    found.color.transfer,
                )
                if not same:
                    self._report(
                        "conflict",
                        f"the display {view.display!r} is not {own.text}: its files are "
                        f"{found.color.primaries} with {found.color.transfer}",
                        own,
                        "leave `color` out, or choose another display",
                    )
            return color
        if found is None:
            self._report(
                "unknown-display",
                f"the config does not say what the display {view.display!r} is (it has no role "
                "cie_xyz_d65_interchange), so the file's tags are not known",
                at,
                "say what the view is made for, such as color: bt709 in the profile",
            )
            return None
        if found.lacks:
            said = f"{found.color.primaries} with the curve {found.color.transfer}"
            self._warnings.warn(
                "display-not-tagged",
                f"no tag of a file says {found.lacks} of the display {view.display!r}: the file "
                f"says {said}, and players display it that way",
                at,
                "deliver it as what it is made for, or choose another display",
            )
        return found.color
