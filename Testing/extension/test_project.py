"""What the project says of itself in several places agrees: its version, its Pythons, what CI may do."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
import yaml
from extension.checkout import ROOT, tracked

import medvos

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*_*.yml"))
# What a job may do beyond reading: the site is published to Pages, a release has files.
MAY_WRITE = {"site.yml": {"pages", "id-token"}, "release.yml": {"contents"}}
RELEASE = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", re.MULTILINE)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict:
    return tomllib.loads(text_of("pyproject.toml"))["project"]


def test_the_citation_and_the_changelog_have_the_version_of_the_package():
    citation = yaml.safe_load(text_of("CITATION.cff"))
    version, released = RELEASE.findall(text_of("CHANGELOG.md"))[0]
    assert medvos.__version__ == citation["version"] == version
    assert citation["date-released"] == date.fromisoformat(released)


def test_the_changelog_descends_and_links_each_version():
    text = text_of("CHANGELOG.md")
    versions = [tuple(map(int, version.split("."))) for version, _ in RELEASE.findall(text)]
    dates = [released for _, released in RELEASE.findall(text)]
    assert versions == sorted(set(versions), reverse=True)
    assert dates == sorted(dates, reverse=True)
    assert all(f"\n[{version}]: https://" in text for version in ["Unreleased", *(v for v, _ in RELEASE.findall(text))])


def test_ci_runs_every_python_that_the_package_names():
    named = {c.rpartition(" ")[2] for c in project()["classifiers"] if re.search(r":: 3\.\d+$", c)}
    jobs = yaml.safe_load(text_of(".github/workflows/ci.yml"))["jobs"]
    assert set(jobs["linux"]["strategy"]["matrix"]["python"]) == named
    assert any(step.get("run", "").startswith(".ci/run") for step in jobs["linux"]["steps"])


def test_what_is_written_is_never_written_for_a_pull_request():
    for name in MAY_WRITE:
        # YAML takes the key `on` for true.
        triggers = yaml.safe_load(text_of(f".github/workflows/{name}"))[True]
        assert set(triggers) <= {"push", "workflow_dispatch"}
        assert triggers["push"].keys() <= {"branches", "tags"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_write_only_what_they_publish_use_pinned_actions_and_end(path: Path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["cancel-in-progress"]
    for job in workflow["jobs"].values():
        writes = {name for name, right in job.get("permissions", {}).items() if right != "read"}
        assert writes == MAY_WRITE.get(path.name, set())
        assert job["timeout-minutes"] <= 30
        assert all(re.search(r"@v\d", step["uses"]) for step in job["steps"] if "uses" in step)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_issue_forms_ask_first_to_remove_patient_data(path: Path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    first = form["body"][0]
    assert first["type"] == "markdown" and first["attributes"]["value"].startswith("## Remove patient data first")
    boxes = [box for part in form["body"] if part["type"] == "checkboxes" for box in part["attributes"]["options"]]
    assert any("patient data" in box["label"] and box["required"] for box in boxes)


def test_the_bug_form_asks_for_what_is_needed_to_reproduce():
    body = yaml.safe_load(text_of(".github/ISSUE_TEMPLATE/bug_report.yml"))["body"]
    assert {"how", "info", "version", "slicer"} <= {part.get("id") for part in body}
    assert "medvos info" in str(body)


def test_the_container_is_built_from_the_wheel_alone():
    copied = re.findall(r"^(?:COPY|ADD) (.+) \S+$", text_of("Dockerfile"), re.MULTILINE)
    allowed = [line[1:] for line in text_of(".dockerignore").splitlines() if line.startswith("!")]
    assert copied == allowed == ["dist/medvos-*.whl"]


def test_the_checkout_has_the_files_of_a_project_that_others_join():
    names = {path.relative_to(ROOT).as_posix() for path in tracked()}
    wanted = {"CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "CODE_OF_CONDUCT.md", ".pre-commit-config.yaml"}
    assert wanted | {".github/PULL_REQUEST_TEMPLATE.md", ".github/workflows/ci.yml"} <= names


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "CODE_OF_CONDUCT.md"])
def test_links_to_files_of_the_checkout_lead_there(name: str):
    links = re.findall(r"\]\(([^)#]+)\)", text_of(name))
    assert all((ROOT / link).exists() for link in links if "://" not in link)


def test_the_hooks_run_the_checks_of_ci():
    hooks = {
        hook["id"] for repo in yaml.safe_load(text_of(".pre-commit-config.yaml"))["repos"] for hook in repo["hooks"]
    }
    script = text_of(".ci/run")
    assert {"ruff", "ruff-format", "mypy", "codespell"} <= hooks
    assert all(f'"$venv/bin/{tool}"' in script for tool in ("ruff", "mypy", "codespell", "pytest"))
