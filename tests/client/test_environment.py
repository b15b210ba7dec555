"""What CI services and git say of a run."""

import shutil
import subprocess

import pytest

from artifactsvc.client.environment import describe_run
from artifactsvc.client.runs import run_id_of

SERVICES = {
    "github": (
        {
            "GITHUB_ACTIONS": "true", "GITHUB_WORKFLOW": "UI", "GITHUB_JOB": "chrome", "GITHUB_RUN_NUMBER": "12", "GITHUB_RUN_ID": "99",
            "GITHUB_REPOSITORY": "shop/web", "GITHUB_REF_NAME": "7/merge", "GITHUB_HEAD_REF": "fix", "GITHUB_SHA": "abc",
        },
        ("UI / chrome #12", "shop/web", "fix", "abc", "https://github.com/shop/web/actions/runs/99"),
    ),
    "gitlab": (
        {
            "GITLAB_CI": "true", "CI_PROJECT_NAME": "web", "CI_PROJECT_PATH": "shop/web", "CI_JOB_NAME": "e2e", "CI_PIPELINE_IID": "5",
            "CI_COMMIT_REF_NAME": "main", "CI_COMMIT_SHA": "abc", "CI_JOB_URL": "https://gitlab/j/1",
        },
        ("web / e2e #5", "shop/web", "main", "abc", "https://gitlab/j/1"),
    ),
    "jenkins": (
        {
            "JENKINS_URL": "https://ci/", "JOB_NAME": "web/main", "BUILD_NUMBER": "8", "GIT_BRANCH": "origin/main", "GIT_COMMIT": "abc",
            "BUILD_URL": "https://ci/job/web/8/",
        },
        ("web/main #8", "web", "main", "abc", "https://ci/job/web/8/"),
    ),
    "circleci": (
        {
            "CIRCLECI": "true", "CIRCLE_JOB": "e2e", "CIRCLE_BUILD_NUM": "3", "CIRCLE_PROJECT_USERNAME": "shop", "CIRCLE_PROJECT_REPONAME": "web",
            "CIRCLE_BRANCH": "main", "CIRCLE_SHA1": "abc", "CIRCLE_BUILD_URL": "https://circleci/3",
        },
        ("e2e #3", "shop/web", "main", "abc", "https://circleci/3"),
    ),
    "azure": (
        {
            "TF_BUILD": "True", "BUILD_DEFINITIONNAME": "UI", "AGENT_JOBNAME": "Chrome", "BUILD_BUILDNUMBER": "20260124.1", "BUILD_BUILDID": "77",
            "SYSTEM_COLLECTIONURI": "https://dev.azure.com/shop/", "SYSTEM_TEAMPROJECT": "Web Shop", "BUILD_REPOSITORY_NAME": "web",
            "BUILD_SOURCEBRANCH": "refs/heads/main", "BUILD_SOURCEVERSION": "abc",
        },
        ("UI / Chrome #20260124.1", "web", "main", "abc", "https://dev.azure.com/shop/Web%20Shop/_build/results?buildId=77"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("service", SERVICES)
def test_a_ci_service_names_the_run(service, tmp_path):
    environ, expected = SERVICES[service]
    assert tuple(describe_run(environ, tmp_path).values()) == expected


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed; .ci/run installs it")
def test_git_tells_what_no_service_does(tmp_path):
    git = ("git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e")
    for command in (("init", "-q", "-b", "topic"), ("commit", "-q", "--allow-empty", "-m", "m")):
        subprocess.run([*git, *command], check=True)
    facts = describe_run({}, tmp_path)
    assert (facts["branch"], facts["project"], len(facts["commit_sha"])) == ("topic", tmp_path.name, 40)


def test_nothing_is_told_where_there_is_nothing(tmp_path):
    assert set(describe_run({}, tmp_path).values()) == {None}


def test_the_same_words_are_the_same_run():
    assert run_id_of("build 7") == run_id_of("build 7") != run_id_of("build 8")
    assert run_id_of(None) != run_id_of(None)
    assert run_id_of("6f1c1c3e-4b60-4f0c-9d5c-0a4b7f1f8a01") == "6f1c1c3e-4b60-4f0c-9d5c-0a4b7f1f8a01"
