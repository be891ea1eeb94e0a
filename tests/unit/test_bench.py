"""The benchmarks' list, the shape of their results, and the arithmetic of their aims."""

import json
import os
import subprocess
import sys

import pytest

from bench import dashboard, history, inflight, memory, overhead, start, sync, throughput
from bench.__main__ import listing, main
from bench.catalogue import BENCHMARKS, Benchmark
from bench.figures import Figure, as_json, as_table, at_least, at_most, exit_code
from bench.filling import CHUNK, Filling
from bench.meter import Cost
from bench.open_runs import SHAPES, stalled_count
from bench.processes import Memory, cpu_seconds, family
from bench.processes import memory as memory_of
from bench.rq_remains import changed_keys

NAMES = {
    *("throughput", "sync", "inflight", "overhead", "start", "memory", "faults"),
    *("diagnosis", "history", "dashboard"),
}


def verdicts(figures: list[Figure]) -> dict[str, bool | None]:
    return {figure.name: figure.is_met for figure in figures if figure.aim}


def test_every_benchmark_is_listed_with_its_time() -> None:
    assert set(BENCHMARKS) == NAMES
    for name, benchmark in BENCHMARKS.items():
        assert benchmark.seconds > 0
        assert any(name in line and benchmark.meaning in line for line in listing().splitlines())


def test_without_a_name_the_list_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out.strip() == listing().strip()


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(SystemExit):
        main(["speed"])


@pytest.mark.parametrize(("value", "code"), [(5.0, 0), (5.1, 1)])
def test_the_exit_code_says_whether_every_aim_is_met(
    value: float,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = [Figure("time", value, "s", at_most(5)), Figure("floor", 9.0, "s")]
    monkeypatch.setitem(BENCHMARKS, "sync", Benchmark(lambda scale: figures, 1, "made up"))
    assert main(["sync", "--json"]) == code
    assert json.loads(capsys.readouterr().out) == [
        {"name": "time", "value": value, "unit": "s", "aim": "≤ 5", "met": code == 0},
        {"name": "floor", "value": 9.0, "unit": "s", "aim": None, "met": None},
    ]


def test_json_and_table_hold_every_figure() -> None:
    figures = [Figure("a", 1.23456, "×", at_least(2)), Figure("b", 2.0, "")]
    assert [line["value"] for line in json.loads(as_json(figures))] == [1.235, 2.0]
    assert "MISSED" in as_table(figures).splitlines()[0]
    assert exit_code(figures) == 1


def test_a_bound_itself_is_met() -> None:
    assert at_most(2).is_met_by(2.0) and not at_most(2).is_met_by(2.001)
    assert at_least(20).is_met_by(20.0) and not at_least(20).is_met_by(19.999)


def test_the_floor_of_the_throughput_is_admission_and_the_last_pose() -> None:
    assert throughput.floor_seconds(300) == pytest.approx(55.0)
    assert sync.floor_seconds(60) == pytest.approx(75.0)


@pytest.mark.parametrize(
    ("seconds", "cpu", "peer_seconds", "expected"),
    [
        (57.5, 29.0, 54.0, (True, True, True)),
        (58.0, 31.0, 30.0, (False, False, False)),
    ],
)
def test_throughput_is_held_against_floor_cpu_and_peer(
    seconds: float, cpu: float, peer_seconds: float, expected: tuple[bool, bool, bool]
) -> None:
    figures = throughput.figures(300, seconds, cpu, 10, peer_seconds)
    assert tuple(verdicts(figures).values()) == expected


def test_throughput_counts_poses_a_minute() -> None:
    values = {f.name: f.value for f in throughput.figures(300, 60.0, 3.0, 10, 60.0)}
    assert values["poses a minute"] == pytest.approx(300)
    assert values["peer's poses a minute"] == pytest.approx(10)
    assert values["poses a minute beside the peer"] == pytest.approx(30)
    assert values["CPU of workers and dispatcher for a pose"] == pytest.approx(10)


def test_sync_has_a_fifth_more_than_its_floor() -> None:
    assert verdicts(sync.figures(60, 90.0, 1.0)) == {"time": True}
    assert verdicts(sync.figures(60, 90.1, 1.0)) == {"time": False}


def test_inflight_counts_half_a_core_and_ten_seconds() -> None:
    assert set(verdicts(inflight.figures(1000, 0.5, 10.0, 30.0)).values()) == {True}
    assert set(verdicts(inflight.figures(1000, 0.51, 10.1, 30.0)).values()) == {False}


def test_start_compares_medians() -> None:
    figures = start.figures([9.0, 2.4, 2.0], [1.0, 1.0, 5.0])
    assert figures[0].value == pytest.approx(2.4) and figures[0].is_met


def test_memory_states_the_peak_without_an_aim() -> None:
    met = verdicts(memory.figures(Memory(pss=160.0, peak=400.0), 700.1, 12))
    assert list(met.values()) == [True, False]


def test_each_step_is_held_against_the_bare_job() -> None:
    costs = {"bare job": Cost(0.002), "submit": Cost(0.006, 12, 3, 27), "look": Cost(0.0061)}
    slower = {name: Cost(2 * cost.cpu_seconds) for name, cost in costs.items()}
    met = verdicts(list(overhead.figures([costs, slower])))
    assert list(met.values()) == [True, False]


def test_a_share_of_a_cost_stays_exact() -> None:
    share = Cost(1.0, 5, 3, 8).per(2)
    assert (share.cpu_seconds, share.statements, share.transactions) == (0.5, 2.5, 1.5)
    assert share.round_trips == 4


def test_this_process_can_be_measured() -> None:
    assert os.getpid() in family(os.getpid())
    assert cpu_seconds([os.getpid()]) > 0
    measured = memory_of(os.getpid())
    assert 0 < measured.pss and 0 < measured.peak


def test_a_process_that_is_gone_costs_nothing() -> None:
    assert cpu_seconds([2**22 + 1]) == 0


def test_a_live_diagnosis_is_told_without_the_providers_answer() -> None:
    measured = {history.LIVE: history.Measured(1.5, 19)}
    found = {f.name: f for f in history.figures(measured, 0.6, stalled_count(), {}, 0)}
    assert found[history.LIVE].value == pytest.approx(900) and found[history.LIVE].is_met
    assert found[f"{history.LIVE}: SQL statements"].is_met is False


def test_only_a_diagnosis_is_held_to_a_number_of_statements() -> None:
    measured = {"jobs: page 1": history.Measured(1.1, 40)}
    met = verdicts(history.figures(measured, 0.6, stalled_count() - 1, {"runs": 5}, 0))
    assert met == {
        "jobs: page 1": False,
        "stalled runs reported wrongly": False,
        "accounts whose credits do not add up": True,
    }


def test_three_hundred_runs_go_on_and_forty_of_them_stand_still() -> None:
    assert sum(shape.count for shape in SHAPES) == 300
    assert stalled_count() == 40


def test_the_last_chunk_of_a_filling_ends_with_it() -> None:
    filling = Filling(CHUNK + 5, "file:///")
    assert filling.bound()["last"] == CHUNK - 1
    assert filling.bound(CHUNK)["last"] == CHUNK + 4


def test_a_far_page_is_reached_by_its_cursors() -> None:
    following = {None: "2", "2": "3", "3": None}
    assert history.far_cursor(following.get, page=1) is None
    assert history.far_cursor(following.get, page=3) == "3"
    assert history.far_cursor(following.get, page=9) == "3"


def test_each_page_is_held_against_the_peers_own() -> None:
    pages = [dashboard.Page(1, 0.02, 0.01, 49), dashboard.Page(100, 0.01, 0.02, 5000)]
    assert list(verdicts(dashboard.figures(pages, 0.001, 2, 0)).values()) == [True, False]


def test_keys_that_are_new_gone_or_other_have_changed() -> None:
    before, after = {b"a": b"1", b"b": b"1", b"c": b"1"}, {b"a": b"1", b"b": b"2", b"d": b"1"}
    assert changed_keys(before, after) == {b"b", b"c", b"d"}


def test_injecting_faults_needs_neither_tests_nor_development_packages() -> None:
    hidden = ("tests", "pytest", "hypothesis", "playwright", "moto", "flask", "rq_dashboard")
    script = f"""
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hidden())
from bench.inject import main
main([])
main(["never_enqueued", "--help"])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "never-enqueued" in done.stdout
