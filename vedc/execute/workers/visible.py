"""Whether a worker on another machine has the files that a job is about, before its first frame."""

from __future__ import annotations

import socket

from vedc.edit.media_info import kept_digest, split_locator
from vedc.errors import Problem, RenderError
from vedc.execute.work import Job


def check_visible(job: Job, witness: str) -> None:
    """Raise RenderError ``not-on-machine`` for each file that this machine does not have, or has
    with other content, and for a cache that is not the one of ``witness``."""
    machine, problems = socket.gethostname(), list[Problem]()

    def lacks(what: str, hint: str) -> None:
        problem = Problem("not-on-machine", f"machine {machine} {what}", hint=hint)
        if problem not in problems:
            problems.append(problem)

    if not job.store.is_that_of(witness):
        lacks(
            f"does not see the cache {job.store.folder}",
            "all machines need one cache: name a folder that they share with --cache",
        )
    for output in job.outputs:
        name_of = output.files.digest if output.files is not None else None
        for planned, path in output.plan.files.items():
            if name_of is None or kept_digest(path) is not None:  # a composition, in the store
                continue
            shown, location = split_locator(path)[0], output.plan.locations.get(planned)
            hint = "put it into a folder that all machines see under the same path"
            try:
                differs = name_of(path) != planned
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                problem = f"machine {machine} cannot read '{shown}': {reason}"
            else:
                if not differs:
                    continue
                problem = f"machine {machine} has another '{shown}', with other content"
            found = Problem("not-on-machine", problem, location, hint)
            if found not in problems:
                problems.append(found)
    if problems:
        raise RenderError(tuple(problems))
