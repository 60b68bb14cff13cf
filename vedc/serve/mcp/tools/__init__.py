"""The tools, one file for each subject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vedc.serve.mcp.core.tool import Tool
from vedc.serve.mcp.tools import films, folder, footage, pictures, review, specs, words

#: Every tool by name, in the order in which an agent needs them.
TOOLS: Final[Mapping[str, Tool]] = {
    tool.name: tool
    for module in (folder, footage, words, specs, pictures, review, films)
    for tool in module.TOOLS
}
