"""Commands about vedc itself: its language, its ops, this machine, the segment store."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from vedc.cli.options import (
    Json,
    PluginFiles,
    StoreName,
    command_group,
    print_json,
    say,
    shared_store,
)

cache = command_group("cache", "Manage the segment store.")


#: The same as ``vedc.ops.OpKind``, which takes longer to import.
Kind = Literal["grade", "blend", "transition", "key", "mask", "geometry", "stencil", "generator"]


def ops(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="Only ops that match all of these words."),
    ] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only ops of this kind.")] = None,
    plugins: PluginFiles = None,
    as_json: Json = False,
) -> None:
    """List or search the ops.

    The search knows the words of other tools: vedc ops ken burns.
    """
    from vedc.report.ops.explain import listing, listing_text, load_plugins, note_on

    load_plugins(plugins or [])
    phrase = " ".join(words or [])
    found = listing(phrase, kind)
    if as_json:
        print_json(found)
        print(note_on(phrase), end="", file=sys.stderr)
    else:
        say(listing_text(found, note_on(phrase)), end="")


def init(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="The spec to write.")] = Path(
        "edit.vedc.yaml"
    ),
    target: Annotated[
        str | None,
        typer.Option("--target", metavar="NAME", help="Where the film goes: youtube, web, ..."),
    ] = None,
) -> None:
    """Write a small spec to start from, which renders as it is."""
    from vedc.report.target import find_target
    from vedc.workspace.setup.template import write_template

    write_template(file, find_target(target) if target is not None else None)
    say(f"{file}: written; next: vedc render {file}")


def doctor(as_json: Json = False) -> None:
    """Show versions, codecs and hardware, for bug reports."""
    from vedc.workspace.setup.doctor import doctor_report

    report = doctor_report()
    if as_json:
        print_json(report)
        return
    for topic, value in report.items():
        say(f"{topic:12} {value}")


CacheDir = Annotated[Path, typer.Option("--cache", metavar="DIR", help="The cache folder.")]


ToStore = Annotated[
    bool, typer.Option("--allow-network", help="Use a --store that is on the network.")
]


@cache.command("ls")
def cache_ls(
    cache: CacheDir = Path(".vedc/cache"),
    store: StoreName = None,
    network: ToStore = False,
    as_json: Json = False,
) -> None:
    """List what is stored, most recently used first; of a shared store, what came last first."""
    from vedc.report.cache import Entry, data, text
    from vedc.workspace.cache import list_shared, open_store

    address = shared_store(store, network)
    entries: Sequence[Entry] = open_store(cache).ls() if address is None else list_shared(address)
    if as_json:
        print_json(data(entries))
    else:
        say(text(entries), end="")


@cache.command("gc")
def cache_gc(
    cache: CacheDir = Path(".vedc/cache"),
    store: StoreName = None,
    network: ToStore = False,
    limit: Annotated[
        str | None,
        typer.Option("--limit", metavar="SIZE", help="Size to shrink to, such as 2GB."),
    ] = None,
) -> None:
    """Remove the least recently used entries over the limit; of a shared store, the oldest."""
    from vedc.report.cache import Entry, summary
    from vedc.workspace.cache import collect, collect_shared

    address = shared_store(store, network)
    removed: Sequence[Entry]
    removed = collect(cache, limit) if address is None else collect_shared(address, limit)
    say(f"removed {summary(removed)}")


@cache.command("verify")
def cache_verify(cache: CacheDir = Path(".vedc/cache")) -> None:
    """Check the digest of every entry and remove damaged ones."""
    from vedc.workspace.cache import open_store

    store = open_store(cache)
    damaged = store.verify()
    if damaged:
        say(f"{len(damaged)} damaged entries removed; they are rendered again when needed")
    else:
        say(f"{len(store.ls())} entries, all sound")
