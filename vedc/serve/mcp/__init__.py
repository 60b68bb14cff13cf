"""``vedc mcp``: the compiler as a server of the Model Context Protocol, for agents.

One folder is served, over standard input and output. What a tool does is what the command of that
name does: both call the same functions.
"""
