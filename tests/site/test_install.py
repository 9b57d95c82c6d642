"""`make` builds .venv once, heals it, and says in one line why it cannot."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

INSTALL = Path(__file__).resolve().parent.parent.parent / "requirements" / "install.py"

pytestmark = pytest.mark.timeout(120)


def make_wheel(folder: Path, version: str) -> str:
    """A package that is nothing but its version; returns its line in a lock."""
    stem = f"tiny_package-{version}"
    files = {
        "tiny_package.py": f"VERSION = {version!r}\n",
        f"{stem}.dist-info/METADATA": (
            f"Metadata-Version: 2.1\nName: tiny-package\nVersion: {version}\n"
        ),
        f"{stem}.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = [
        f"{name},sha256={digest(text.encode())},{len(text)}"
        for name, text in files.items()
    ]
    files[f"{stem}.dist-info/RECORD"] = "\n".join(
        [*record, f"{stem}.dist-info/RECORD,,"]
    )
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"tiny-package=={version} \\\n    --hash=sha256:{sha}\n"


def digest(data: bytes) -> str:
    raw = hashlib.sha256(data).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    (root / "requirements").mkdir(parents=True)
    (root / "wheels").mkdir()
    shutil.copy(INSTALL, root / "requirements")
    lock = make_wheel(root / "wheels", "1.0")
    (root / "requirements" / "embedded.txt").write_text(lock)
    return root


def install(
    root: Path, lock: str = "embedded", **environment: str
) -> subprocess.CompletedProcess[str]:
    own = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(root / "wheels"),
    }
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    return subprocess.run(
        [sys.executable, root / "requirements" / "install.py", lock],
        env=kept | own | environment,
        capture_output=True,
        text=True,
        timeout=100,
    )


def installed(root: Path) -> str:
    code = "import tiny_package; print(tiny_package.VERSION, end='')"
    return subprocess.run(
        [root / ".venv" / "bin" / "python", "-c", code], capture_output=True, text=True
    ).stdout


def test_it_installs_once_and_again_only_when_the_lock_changes(checkout: Path) -> None:
    first = install(checkout)
    assert (first.returncode, first.stderr) == (0, "")
    assert "Installing 1 locked packages" in first.stdout
    assert installed(checkout) == "1.0"

    again = install(checkout)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")

    lock = make_wheel(checkout / "wheels", "2.0")
    (checkout / "requirements" / "embedded.txt").write_text(lock)
    assert install(checkout).returncode == 0
    assert installed(checkout) == "2.0"


def test_a_half_built_or_moved_environment_is_built_anew(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (checkout / ".venv" / "bin" / "python").chmod(0o755)
    assert install(checkout).returncode == 0
    assert installed(checkout) == "1.0"

    moved = checkout.rename(checkout.with_name("moved"))
    answer = install(moved)
    assert "Making .venv" in answer.stdout
    assert installed(moved) == "1.0"


def test_without_a_registry_it_says_so_in_one_line(checkout: Path) -> None:
    shutil.rmtree(checkout / "wheels")
    nobody = {
        "PIP_NO_INDEX": "0",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_FIND_LINKS": "",
    }

    answer = install(checkout, **nobody)

    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 1
    assert answer.stderr.startswith("The package registry cannot be reached.")


def test_a_package_that_is_not_the_locked_one_is_refused(checkout: Path) -> None:
    lock = checkout / "requirements" / "embedded.txt"
    lock.write_text(lock.read_text().partition("sha256:")[0] + "sha256:" + "0" * 64)

    answer = install(checkout)

    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 1
    assert "is not the one that was locked" in answer.stderr
    assert installed(checkout) == ""


def test_a_server_has_a_lock_of_its_own_and_any_other_word_is_wrong_usage(
    checkout: Path,
) -> None:
    wrong = install(checkout, lock="production")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == "Say which lock to install: embedded, dev, prod.\n"
    assert not (checkout / ".venv").exists()

    (checkout / "requirements" / "embedded.txt").rename(
        checkout / "requirements" / "prod.txt"
    )
    assert install(checkout, lock="prod").returncode == 0
    assert installed(checkout) == "1.0"
