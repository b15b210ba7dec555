"""What the surroundings say about a run: name, branch, commit, build URL, from GitHub Actions, GitLab CI, Jenkins, CircleCI, Azure Pipelines, or git."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

Facts = dict[str, str | None]


def describe_run(environ: Mapping[str, str] = os.environ, folder: Path | None = None) -> Facts:
    """name, project, branch, commit_sha, build_url, each None where nobody knows.

    Parameters: `environ`; `folder`, where git is asked what no CI service told.
    """
    facts: Facts = dict.fromkeys(("name", "project", "branch", "commit_sha", "build_url"))
    for variable, read in _SERVICES.items():
        if environ.get(variable):
            facts |= {name: value or None for name, value in read(environ).items()}
            break
    where = folder or Path.cwd()
    if facts["commit_sha"] is None:
        facts["commit_sha"] = _git(where, "rev-parse", "HEAD")
    if facts["branch"] is None and (branch := _git(where, "rev-parse", "--abbrev-ref", "HEAD")) != "HEAD":  # HEAD: none is checked out
        facts["branch"] = branch
    if facts["project"] is None and (root := _git(where, "rev-parse", "--show-toplevel")):
        facts["project"] = Path(root).name
    return facts


def _github(env: Mapping[str, str]) -> Facts:
    repository = env.get("GITHUB_REPOSITORY", "")
    server = env.get("GITHUB_SERVER_URL", "https://github.com")
    attempt = env.get("GITHUB_RUN_ATTEMPT", "1")
    run = env.get("GITHUB_RUN_ID")
    url = f"{server}/{repository}/actions/runs/{run}" + (f"/attempts/{attempt}" if attempt != "1" else "") if run and repository else None
    name = _joined(env.get("GITHUB_WORKFLOW"), env.get("GITHUB_JOB"), number=env.get("GITHUB_RUN_NUMBER"))
    # of a pull request, GITHUB_REF_NAME is `12/merge`
    branch = env.get("GITHUB_HEAD_REF") or env.get("GITHUB_REF_NAME")
    return {"name": name, "project": repository, "branch": branch, "commit_sha": env.get("GITHUB_SHA"), "build_url": url}


def _gitlab(env: Mapping[str, str]) -> Facts:
    return {
        "name": _joined(env.get("CI_PIPELINE_NAME") or env.get("CI_PROJECT_NAME"), env.get("CI_JOB_NAME"), number=env.get("CI_PIPELINE_IID")),
        "project": env.get("CI_PROJECT_PATH"),
        "branch": env.get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME") or env.get("CI_COMMIT_REF_NAME"),
        "commit_sha": env.get("CI_COMMIT_SHA"),
        "build_url": env.get("CI_JOB_URL") or env.get("CI_PIPELINE_URL"),
    }


def _jenkins(env: Mapping[str, str]) -> Facts:
    branch = env.get("CHANGE_BRANCH") or env.get("BRANCH_NAME") or env.get("GIT_BRANCH", "").removeprefix("origin/")
    return {
        "name": _joined(env.get("JOB_NAME"), number=env.get("BUILD_NUMBER")),
        "project": env.get("JOB_NAME", "").split("/")[0],
        "branch": branch,
        "commit_sha": env.get("GIT_COMMIT"),
        "build_url": env.get("BUILD_URL"),
    }


def _circleci(env: Mapping[str, str]) -> Facts:
    owner, repository = env.get("CIRCLE_PROJECT_USERNAME"), env.get("CIRCLE_PROJECT_REPONAME")
    return {
        "name": _joined(env.get("CIRCLE_JOB"), number=env.get("CIRCLE_BUILD_NUM")),
        "project": f"{owner}/{repository}" if owner and repository else repository,
        "branch": env.get("CIRCLE_BRANCH") or env.get("CIRCLE_TAG"),
        "commit_sha": env.get("CIRCLE_SHA1"),
        "build_url": env.get("CIRCLE_BUILD_URL"),
    }


def _azure(env: Mapping[str, str]) -> Facts:
    base, project, build = env.get("SYSTEM_COLLECTIONURI", ""), env.get("SYSTEM_TEAMPROJECT"), env.get("BUILD_BUILDID")
    branch = env.get("SYSTEM_PULLREQUEST_SOURCEBRANCH") or env.get("BUILD_SOURCEBRANCH", "")
    return {
        "name": _joined(env.get("BUILD_DEFINITIONNAME"), env.get("AGENT_JOBNAME"), number=env.get("BUILD_BUILDNUMBER")),
        "project": env.get("BUILD_REPOSITORY_NAME") or project,
        "branch": branch.removeprefix("refs/heads/"),
        "commit_sha": env.get("BUILD_SOURCEVERSION"),
        "build_url": f"{base}{project}/_build/results?buildId={build}".replace(" ", "%20") if base and project and build else None,
    }


# the variable that tells the service -> what it says
_SERVICES: dict[str, Callable[[Mapping[str, str]], Facts]] = {
    "GITHUB_ACTIONS": _github,
    "GITLAB_CI": _gitlab,
    "JENKINS_URL": _jenkins,
    "CIRCLECI": _circleci,
    "TF_BUILD": _azure,
}


def _joined(*words: str | None, number: str | None = None) -> str | None:
    text = " / ".join(word for word in words if word)
    return " ".join(filter(None, [text, f"#{number}" if number else None])) or None


def _git(folder: Path, *args: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(folder), *args], capture_output=True, text=True, timeout=5, check=True)  # noqa: S603, S607
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout.strip() or None
