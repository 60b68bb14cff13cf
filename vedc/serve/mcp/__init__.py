"""``vedc mcp``: the compiler as a server of the Model Context Protocol, for agents.

One folder is served, over standard input and output. A tool does the same as the command of that
name: both call the same functions.
"""
