"""Networks as ops: the runtimes that execute a traced graph, tiles, and expected speed."""
