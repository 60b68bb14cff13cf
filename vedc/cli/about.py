"""Commands about vedc itself: its language, its ops, this machine, the segment store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from vedc.cli.options import Json, PluginFiles, print_json

cache = typer.Typer(
    name="cache",
    help="Look after the segment store.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


#: Kinds of ops, as ``vedc.ops.OpKind`` has them: loading that here would slow every command.
Kind = Literal["grade", "blend", "transition", "key", "mask", "geometry", "stencil", "generator"]


def schema() -> None:
    """Print the JSON Schema of the language."""
    from vedc.lang.docs.generate import schema_text

    print(schema_text(), end="")


def ops(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS]...", help="Only ops with all of these.")
    ] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only ops of a kind.")] = None,
    plugins: PluginFiles = None,
    as_json: Json = False,
) -> None:
    """List the ops, or search them: names, what they do, when to use them, parameters."""
    from vedc.report.ops.explain import listing, listing_text, load_plugins

    load_plugins(plugins or [])
    found = listing(" ".join(words or []), kind)
    if as_json:
        print_json(found)
    else:
        print(listing_text(found), end="")


def init(
    file: Annotated[Path, typer.Argument(help="The spec to write.")] = Path("edit.vedc.yaml"),
) -> None:
    """Write a small spec that renders as it is, to start from."""
    from vedc.report.inspect import write_template

    write_template(file)
    print(f"{file}: written; next: vedc render {file}")


def doctor(as_json: Json = False) -> None:
    """Tell what this machine has: versions, codecs, instruction sets."""
    from vedc.report.inspect import doctor_report

    found = doctor_report()
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        print(f"{name:12} {value}")


CacheDir = Annotated[Path, typer.Option("--cache", metavar="DIR", help="The cache folder.")]


@cache.command("ls")
def cache_ls(cache: CacheDir = Path(".vedc/cache"), as_json: Json = False) -> None:
    """List what the store holds, most recently used first."""
    from vedc.report.inspect import cache_listing, cache_text

    listing = cache_listing(cache)
    if as_json:
        print_json(listing)
    else:
        print(cache_text(listing), end="")


@cache.command("gc")
def cache_gc(
    cache: CacheDir = Path(".vedc/cache"),
    limit: Annotated[
        str | None, typer.Option("--limit", help="Keep at most this much, such as 2GB; 0 for none.")
    ] = None,
) -> None:
    """Remove what was used longest ago until the store is within its limit."""
    from vedc.report.inspect import cache_collect

    print(cache_collect(cache, limit))


@cache.command("verify")
def cache_verify(cache: CacheDir = Path(".vedc/cache")) -> None:
    """Check every entry's digest and remove what is damaged."""
    from vedc.report.inspect import cache_check

    print(cache_check(cache))
