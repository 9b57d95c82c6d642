"""The simulator over HTTP: addresses, pages, errors."""

import json
import urllib.error
import urllib.request
from typing import Any

from tws.simulator import Simulator


def get(simulator: Simulator, path: str, **headers: str) -> Any:
    request = urllib.request.Request(
        f"{simulator.url}{path}",
        headers={k.replace("_", "-"): v for k, v in headers.items()},
    )
    with urllib.request.urlopen(request, timeout=5) as response:
        return json.load(response)


def test_a_list_has_no_dependencies_but_a_single_job_has(simulator):
    found = get(simulator, "/api/v2/plan/job?oql=name%20%3D%20%27PAY_CALC%27")

    assert found["count"] == 1
    job = found["results"][0]
    assert "dependencies" not in job
    whole = get(simulator, f"/api/v2/plan/job/{job['id']}")
    assert [dep["dependencyType"] for dep in whole["dependencies"]] == [
        "INTERNAL",
        "EXTERNAL_JOB",
    ]
