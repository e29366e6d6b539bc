"""What is installed is the package and its licence: `python -m tests.test_wheel FILE` tells how large a wheel is."""

import re
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[1]
CEILING = 900_000  # bytes: docs/decisions.md
BELONGS = re.compile(
    r"secops_oncall/([\w-]+/)*[\w-]+\.(py|toml|json)|secops_oncall/py\.typed"
    r"|secops_oncall-[\w.]+\.dist-info/(METADATA|WHEEL|RECORD|entry_points\.txt|licenses/LICENSE)"
    r"|secops_oncall-[\w.]+\.data/data/share/man/man1/oncall\.1"
)


def judged(wheel: Path) -> int:
    """The size of a wheel in bytes; ValueError for one that is too large, or has in it what doesn't belong there."""
    with ZipFile(wheel) as archive:
        strangers = [name for name in archive.namelist() if not BELONGS.fullmatch(name)]
    if strangers:
        raise ValueError(f"{wheel.name} holds {strangers[0]}")
    size = wheel.stat().st_size
    if size > CEILING:
        raise ValueError(f"{wheel.name} has {size} bytes, more than {CEILING}")
    return size


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the wheel and of the source archive."""
    from hatchling.builders.sdist import SdistBuilder
    from hatchling.builders.wheel import WheelBuilder

    folder = tmp_path_factory.mktemp("dist")
    list(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))
    list(SdistBuilder(str(ROOT)).build(directory=str(folder)))
    return folder


def test_the_wheel_is_the_package_and_no_more(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert judged(wheel) > 0
    with ZipFile(wheel) as archive:
        installed = set(archive.namelist())
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "secops_oncall").rglob("*.py")}
    assert sources <= installed


@pytest.mark.parametrize(
    ("name", "size", "wrong"), [("tests/a.py", 1, "tests/a.py"), ("secops_oncall/a.py", CEILING, "more")]
)
def test_what_does_not_belong_there_is_told(name: str, size: int, wrong: str, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "oncall.whl", "w") as archive:
        archive.writestr(name, b"#" * size)
    with pytest.raises(ValueError, match=wrong):
        judged(tmp_path / "oncall.whl")


def test_the_source_archive_can_be_tested_and_built(built: Path) -> None:
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        ".ci/run",
        ".gitlab-ci.yml",
        "docs/pages.md",
        "tests/test_ci.py",
    } <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith(("dist/", "build/", ".venv"))]


def main(wheels: Iterable[str]) -> None:
    """Print the size of each wheel; ValueError for one that isn't as it should be."""
    for wheel in map(Path, wheels):
        sys.stdout.write(f"{wheel.name} {judged(wheel) / 1000:.0f} kB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
