"""Settings of every test run."""

import os

#: Verify each graph after lowering and after each pass, in subprocesses too.
os.environ["VEDC_VERIFY_IR"] = "1"
