import subprocess
import sys
from pathlib import Path


def test_the_self_test_holds_and_leaves_pictures(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "qtmail", "--self-test", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAIL" not in done.stdout and "Traceback" not in done.stderr
    pictures = {path.name: path.stat().st_size for path in tmp_path.glob("*.png")}
    assert {"main-light.png", "main-dark.png", "chinese.png"} <= set(pictures)
    assert all(size > 10_000 for size in pictures.values())
