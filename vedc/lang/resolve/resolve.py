"""Canonical spec and probed files to the typed :class:`~vedc.edit.model.Edit` of an output.

Semantic errors of a spec are found here, and all reported at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vedc.edit.model import Edit, Output
from vedc.edit.tables.containers import STREAM, extension
from vedc.edit.timecode import brief
from vedc.edit.times import to_frames
from vedc.errors import sort_problems
from vedc.lang.resolve.captions import Wanted
from vedc.lang.resolve.changed import note_sizes
from vedc.lang.resolve.film import Film
from vedc.lang.resolve.grades.asking import GradeAsking
from vedc.lang.resolve.grades.lists import Answers
from vedc.lang.resolve.grades.question import LaidOut
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.resolve.reframe.asking import ReframeAsking
from vedc.lang.resolve.reframe.in_place import for_output
from vedc.lang.resolve.remarks import Remarks
from vedc.lang.resolve.scope import Scope
from vedc.lang.resolve.sections.ladder import check_ladder, check_segment, with_rendition
from vedc.lang.resolve.sections.output_extras import cover_of
from vedc.lang.resolve.sections.output_paths import check_paths
from vedc.lang.resolve.sections.output_remarks import remark
from vedc.lang.resolve.sections.outputs import resolve_output
from vedc.lang.resolve.sections.sheets import resolve_sheet
from vedc.lang.resolve.sections.targets import check_target
from vedc.lang.resolve.speech.asking import said_asked, words_asked
from vedc.lang.resolve.speech.question import AskedWords
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import Problems, SpecNode


def resolve(
    document: Document,
    context: CheckContext,
    output: int = 0,
    undecided: SpecNode | None = None,
    rendition: SpecNode | None = None,
) -> Edit | None:
    """The edit for one output of a canonical spec; None for a broken output.

    With problems, which are added to those of ``context``, or with open questions, it serves only
    for its checks. ``undecided`` is the timeline before decisions were put into it: they do not
    change the canvas. ``rendition`` is an entry of the output's ladder.
    """
    tree = for_output(document.root, output)
    document = replace(document, root=tree)
    scope = open_scope(document, context)
    check_paths(tree["outputs"], context.files, scope.assets.check(), context.problems)
    written = with_rendition(tree["outputs"].items[output], rendition)
    before = undecided or tree["timeline"]
    canvas = scope.canvas(written, before, rendition)
    film = Film(scope, tree, canvas)
    film.captions.wanted = Wanted.of(written, tree)
    edit = film.edit(scope.path)
    scope.compositions.check_unused(film.canvas)
    made = None if written.broken else _output(written, tree, film, context)
    if made is None:
        return None
    if made.loudness is not None and edit.master.limiter is not None:
        message = "the film has a `limiter`, and a loudness has a ceiling of its own"
        hint = "leave the limiter out, and give {i, tp}"
        context.problems.add("conflict", message, written["loudness"], hint)
    if canvas.size_known and canvas.rate_known and film.sure:
        remarks = scope.remarks.warnings
        largest = scope.canvas(written, before).profile if context.draft == 1 else None
        check_ladder(written, largest, context.problems, remarks)
        check_target(written, canvas.designed, canvas.profile, film.length, remarks)
    if canvas.size_known:
        by = canvas.design / context.draft
        note_sizes(written, tree["timeline"], by, scope.remarks.warnings)
    streams = film.captions.streams(made)
    warnings = sort_problems(scope.remarks.warnings)
    return replace(edit, output=made, caption_streams=streams, warnings=warnings)


def asking_grades(
    document: Document,
    root: SpecNode,
    names: Mapping[tuple[int, int], str],
    answers: Answers,
    context: CheckContext,
) -> GradeAsking:
    """The questions of decided grade steps. ``root`` is the spec with its cuts and transitions
    decided, ``document`` the one without: decisions do not change the canvas. See
    :class:`~vedc.lang.resolve.grades.asking.GradeAsking`."""

    def lay_out(tree: SpecNode) -> LaidOut:
        hushed = replace(context, problems=Problems())
        scope = open_scope(replace(document, root=tree), hushed)
        canvas = scope.canvas(SpecNode({}), document.root["timeline"])
        film = Film(scope, tree, canvas)
        edit = film.edit(scope.path)
        tracks = [n for n, track in enumerate(tree["timeline"]["tracks"]) if enabled(track)]
        return LaidOut(edit, film.placed, tracks, canvas.profile)

    assets = open_scope(replace(document, root=root), context).assets
    return GradeAsking(root, names, answers, lay_out, assets, context.problems)


def asking_reframes(
    document: Document,
    root: SpecNode,
    names: Mapping[tuple[int, int], str],
    context: CheckContext,
) -> ReframeAsking:
    """The questions of crops; in the spec ``root`` everything else is decided; as for
    :func:`asking_grades`. See :class:`~vedc.lang.resolve.reframe.asking.ReframeAsking`."""

    def lay_out(output: int | None) -> LaidOut:
        hushed = replace(context, problems=Problems())
        scope = open_scope(replace(document, root=root), hushed)
        written = SpecNode({}) if output is None else root["outputs"].items[output]
        canvas = scope.canvas(written, document.root["timeline"])
        film = Film(scope, root, canvas)
        edit = film.edit(scope.path)
        tracks = [n for n, track in enumerate(root["timeline"]["tracks"]) if enabled(track)]
        return LaidOut(edit, film.placed, tracks, canvas.profile)

    assets = open_scope(replace(document, root=root), context).assets
    return ReframeAsking(root, names, lay_out, assets, context.problems)


def asking_words(document: Document, root: SpecNode, context: CheckContext) -> list[AskedWords]:
    """The questions of captions made from speech; in the spec ``root`` the clips are decided."""
    assets = open_scope(replace(document, root=root), context).assets
    return words_asked(root, assets, context.problems)


def asking_said(document: Document, context: CheckContext) -> list[AskedWords]:
    """The questions of cuts by words."""
    assets = open_scope(document, context).assets
    return said_asked(document.root, assets, context.problems)


def open_scope(document: Document, context: CheckContext) -> Scope:
    """The scope in which the timelines of a spec are resolved."""
    return Scope(document, context, Remarks(), Film.of_composition)


def _output(node: SpecNode, tree: SpecNode, film: Film, context: CheckContext) -> Output | None:
    files, problems = context.files, context.problems
    path = files.inside(node["path"], written=True) or files.root
    profile, length = film.canvas.profile, film.length
    rate = profile.fps if film.canvas.rate_known else None
    if "sheet" in node:
        every = node["sheet"].get("every")
        values = film.values(length, sure=film.sure)
        known = every is not None and values.knows(every)
        apart = values.seconds(every, "every") if known else None
        return resolve_sheet(node, path, apart, rate, problems)
    at = None
    if "at" in node:
        values = film.values(length, sure=film.sure)
        seconds = values.seconds(node["at"], "at")
        at = to_frames(seconds, profile.fps)
        if film.sure and values.knows(node["at"]) and at >= to_frames(length, profile.fps):
            message = f"at is {brief(seconds)}, and the film ends at {brief(length)}"
            hint = f"give a time before {brief(length)}"
            problems.add("at-beyond-end", message, node["at"], hint)
    remark(node, film.timeline, rate, film.scope.remarks.warnings)
    if not film.canvas.size_known:
        profile = replace(profile, width=2, height=2)  # a size that suits every format
    segment = None
    if extension(node["path"].text) in STREAM.extensions and "segment" in node:
        values = film.values(length, sure=film.sure)
        seconds = values.seconds(node["segment"], "segment")
        if values.knows(node["segment"]):
            segment = check_segment(node["segment"], seconds, problems)
    made = resolve_output(node, path, profile, at, problems, tree.get("profile"), segment)
    return replace(made, cover=cover_of(node, files))
