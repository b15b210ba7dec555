"""The JSON of the API as types. Times are ISO 8601 in UTC with milliseconds and `Z`; sizes are bytes."""

from typing import TypedDict


class Limits(TypedDict):
    version: str
    max_file_size: int
    batch_max_files: int
    allowed_types: list[str]
    step_types: list[str]
    max_steps: int
    max_json_size: int
    max_field_size: int


class Run(TypedDict):
    id: str
    name: str
    project: str | None
    branch: str | None
    commit_sha: str | None
    build_url: str | None
    environment: str | None
    status: str
    started_at: str | None
    completed_at: str | None
    created_at: str


class Result(TypedDict):
    id: str
    test_run_id: str | None
    name: str
    full_name: str
    suite: str | None
    status: str
    duration_ms: int | None
    error_message: str | None
    error_type: str | None
    started_at: str | None
    completed_at: str | None
    created_at: str


class ListedArtifact(TypedDict):
    """An item of a list (endpoint 5)."""

    id: str
    artifact_type: str
    file_name: str
    file_size: int
    mime_type: str
    step_number: int | None
    iteration_number: int
    artifact_category: str | None
    download_url: str
    captured_at: str | None


class Artifact(ListedArtifact):
    test_case_result_id: str
    checksum: str
    storage_path: str
    description: str | None
    uploaded_at: str


class Screenshot(TypedDict):
    id: str
    url: str
    file_name: str
    file_size: int


class Step(TypedDict, total=False):
    """`screenshot` and `artifacts` are there in a report with artifacts, `screenshot_artifact_id` in a step by itself."""

    id: str
    step_number: int
    step_type: str
    action: str | None
    description: str | None
    status: str
    duration_ms: int | None
    element_selector: str | None
    element_name: str | None
    element_type: str | None
    input_value: str | None
    expected_value: str | None
    actual_value: str | None
    error_message: str | None
    error_type: str | None
    stack_trace: str | None
    started_at: str | None
    completed_at: str | None
    screenshot: Screenshot | None
    artifacts: list[ListedArtifact]
    screenshot_artifact_id: str | None


class StepReport(TypedDict):
    """Endpoint 2. The counts are those of the whole test case, whatever was filtered."""

    test_case_result_id: str
    total_steps: int
    passed_steps: int
    failed_steps: int
    skipped_steps: int
    pending_steps: int
    steps: list[Step]


class StepsStored(TypedDict):
    """`step_ids` come in the order sent."""

    message: str
    step_ids: list[str]
    test_case_result_id: str


class BatchedArtifact(TypedDict):
    id: str
    file_name: str
    step_number: int | None
    download_url: str


class FailedFile(TypedDict):
    file_index: int
    file_name: str
    error: str


class BatchStored(TypedDict):
    """Endpoint 4. `failed` names the files that were refused; the others are stored."""

    message: str
    artifacts: list[BatchedArtifact]
    failed: list[FailedFile]
