"""Run the tests of the front end's pure modules with Node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def test_the_pure_modules_of_the_front_end_hold():
    node = shutil.which("node")
    if node is None:
        pytest.skip("THERE IS NO NODE: the tests of the front end did not run")
    done = subprocess.run(
        [node, "--test", str(HERE / "modules.test.mjs")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
