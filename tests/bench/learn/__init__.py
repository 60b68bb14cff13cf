"""Learning from films: six synthetic editors, and whether `vedc learn` finds their habits.

Run as ``python -m tests.bench learn``, or ``python -m tests.bench.learn [--films 1] [--seed 16]
FOLDER``, where an interrupted run goes on. Footage is in three groups that share no file; each
editor cuts films from every group. Habits learned from the films of two groups are judged on those
of the third, so neither the film nor its footage has been seen. Who the editors are, and why they
are not the learner's own, is in ``editors.py``.
"""

from tests.bench.learn.run import main

__all__ = ["main"]
