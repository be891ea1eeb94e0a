"""`./run diagnose`: the page's verdict in a terminal, its exit code, and its object for machines."""

import json
import subprocess
import sys

from services.core.settings_fields import PROJECT_ROOT
from services.core.states import GenerationState
from tests.factories import finished_mascot
from tests.integration.pipeline.manual_pipeline import ManualPipeline


def run_diagnose(by_hand: ManualPipeline, *arguments: str) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(
        [sys.executable, "-m", "workers.commands", "diagnose", *arguments],
        cwd=PROJECT_ROOT,
        env=by_hand.studio.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    return ended


def test_a_stalled_pose_is_explained_and_asks_for_somebody(by_hand: ManualPipeline) -> None:
    mascot = finished_mascot(by_hand.studio.services)
    one = by_hand.studio.start_poses(mascot).generation_id
    ended = run_diagnose(by_hand, one)
    assert ended.returncode == 1
    assert "✖ The dispatcher does not run" in ended.stdout
    assert "services/diagnosis/causes/dispatcher_down.md" in ended.stdout
    assert "Timeline" in ended.stdout and "Started and charged" in ended.stdout


def test_a_finished_pose_is_found_by_its_prediction_and_printed_for_machines(
    by_hand: ManualPipeline,
) -> None:
    mascot = finished_mascot(by_hand.studio.services)
    one = by_hand.studio.start_poses(mascot).generation_id
    assert by_hand.finish(one) is GenerationState.SUCCEEDED
    ended = run_diagnose(by_hand, str(by_hand.attempts(one)[-1].prediction_id), "--json")
    seen = json.loads(ended.stdout)
    assert ended.returncode == 0
    assert seen["subject"]["generation_id"] == one
    assert seen["title"] == "No problems found" and seen["runbook"].endswith("/healthy.md")
    assert {source["name"] for source in seen["checked"]} >= {"database", "queue", "storage"}


def test_unknown_input_explains_what_can_be_pasted(by_hand: ManualPipeline) -> None:
    ended = run_diagnose(by_hand, "gen_nobody")
    assert ended.returncode == 2
    assert ended.stdout.strip()
