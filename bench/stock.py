"""This assistant beside stock Rasa, in one run: `make bench-stock`.

Both learn the same phrases and rules (bench/plain.py), one after the other, then answer the same
conversations, made of tests/phrases, one after the other, with the same action server
(bench/acting.py), so that the shop's own work is left out. Stock Rasa is what `rasa init` sets up:
default pipeline and policies, REST channel, conversations in memory. This assistant is what `make
run` trains and starts: web channel, inbox and conversations on disk. Both run on one thread.

`--phrases 0` takes all phrases of all languages: stock Rasa then trains for hours. `--folder` keeps
what was trained; a second run with it measures the answers alone.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import yaml

from shop.environment import free_port, settings
from tests.journeys.chat import Chat
from tests.journeys.system import ROOT

READY_SECONDS = 600.0
TURNS, ALONE, TOGETHER, SHOPPERS = 8, 8, 48, 16
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
PYTHON = os.path.abspath(os.environ.get("ASSISTANT_PYTHON", ".venv/assistant/bin/python"))
TRAIN = {
    "shopkeeper": ("channels.train", "--name", "model"),
    "stock": ("rasa", "train", "--fixed-model-name", "model", "--skip-validation", "--quiet"),
}
Say = Callable[[str], object]


@dataclass(frozen=True)
class Figures:
    """Seconds, milliseconds and megabytes; `cpu` is what the process itself computed."""

    train_s: float
    train_cpu_s: float
    ready_s: float
    rate: float
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    memory_mb: float


def train(
    project: Path, environment: dict[str, str], module: str, name: str = "trained.json"
) -> tuple[float, float]:
    """Wall clock and processor seconds of a training, whose cache is in the project; remembered
    there under `name`."""
    known = project / name
    if known.exists():
        return tuple(json.loads(known.read_text()))  # type: ignore[return-value]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(
        [PYTHON, "-m", *TRAIN[module]],
        cwd=project,
        env=environment,
        check=True,
        capture_output=True,
    )
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    times = time.perf_counter() - began, used
    known.write_text(json.dumps(times))
    return times


def conversations(count: int, seed: int) -> list[list[str]]:
    """Phrases of shoppers that neither learnt from, in the order of chance."""
    files = yaml.safe_load((ROOT / "tests/phrases/en.yml").read_text("utf-8"))["nlu"]
    phrases = [line[2:] for block in files for line in block["examples"].splitlines() if line]
    source = random.Random(seed)
    return [["hello", *source.sample(phrases, TURNS - 1)] for _ in range(count)]


def shopkeeper(project: Path, env: dict[str, str]) -> tuple[list[str], str, Callable[[], Say]]:
    """How it is started, when it is ready, and how a shopper comes to it."""
    files = [f"--{name}={ROOT / name}.yml" for name in ("endpoints", "credentials")]
    model = f"--model={project / 'models/model.tar.gz'}"
    command = [PYTHON, "-m", "channels.serve", *files, model, f"--port={env['ASSISTANT_PORT']}"]
    url = env["ASSISTANT_URL"]
    return (
        command,
        f"{url}/webhooks/web/health",
        lambda: Chat(url, env["PUBLIC_URL"], "en", "EUR").say,
    )


def stock(project: Path, env: dict[str, str]) -> tuple[list[str], str, Callable[[], Say]]:
    port = free_port(5205)
    (project / "credentials.yml").write_text("rest:\n")
    action_url = f"http://127.0.0.1:{env['ACTIONS_PORT']}/webhook"
    (project / "endpoints.yml").write_text(f"action_endpoint: {{url: '{action_url}'}}\n")
    command = [PYTHON, "-m", "rasa", "run", "--port", str(port), "--interface", "127.0.0.1"]
    http = httpx.Client(timeout=60, limits=httpx.Limits(max_connections=SHOPPERS))

    def shopper() -> Say:
        sender = f"s{random.random()}"
        url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
        return lambda text: http.post(url, json={"sender": sender, "message": text}).json()

    return command, f"http://127.0.0.1:{port}/", shopper


def timed(shopper: Callable[[], Say], texts: Sequence[str]) -> Iterator[float]:
    say = shopper()
    for text in texts:
        began = time.perf_counter()
        say(text)
        yield (time.perf_counter() - began) * 1000


def wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not get ready")


def cpu_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """The proportional set: what is shared with other processes is divided among them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


def measured(start: Callable[..., tuple], project: Path, env: dict[str, str]) -> Figures:
    trained = train(project, env, start.__name__)
    command, probe, shopper = start(project, env)
    began = time.perf_counter()
    with (project / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=project, env=env, stdout=log, stderr=log)
    try:
        wait(probe, process)
        ready = time.perf_counter() - began
        for texts in conversations(2, seed=1):
            list(timed(shopper, texts))
        alone = [ms for texts in conversations(ALONE, seed=2) for ms in timed(shopper, texts)]
        used, began = cpu_ms(process.pid), time.perf_counter()
        with ThreadPoolExecutor(SHOPPERS) as pool:
            all_of_them = conversations(TOGETHER, seed=3)
            list(pool.map(lambda texts: list(timed(shopper, texts)), all_of_them))
        count = TOGETHER * TURNS
        rate = count / (time.perf_counter() - began)
        used = (cpu_ms(process.pid) - used) / count
        p95 = statistics.quantiles(alone, n=20)[-1]
        memory = memory_mb(process.pid)
        return Figures(*trained, ready, rate, statistics.median(alone), p95, used, memory)
    finally:
        process.terminate()
        process.wait(30)


def lines(ours: Figures, theirs: Figures) -> Iterator[str]:
    yield f"{'':<34}{'Shopkeeper':>12}{'stock Rasa':>12}{'ratio':>8}"
    for name, label in (
        ("rate", f"messages/s, {SHOPPERS} shoppers at once"),
        ("p50_ms", "answer to one shopper, median ms"),
        ("p95_ms", "answer to one shopper, p95 ms"),
        ("cpu_ms", "processor time a message, ms"),
        ("memory_mb", "memory after that (PSS), MB"),
        ("train_s", "training, s"),
        ("train_cpu_s", "training, processor s"),
        ("ready_s", "from start to ready, s"),
    ):
        one, other = asdict(ours)[name], asdict(theirs)[name]
        yield f"{label:<34}{one:>12.1f}{other:>12.1f}{one / other:>8.2f}"


def main() -> None:
    parser = argparse.ArgumentParser("bench.stock", description=__doc__.splitlines()[0])
    parser.add_argument("--phrases", type=int, default=8, help="of each label and language; 0: all")
    parser.add_argument("--languages", nargs="+", default=["en"])
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    folder = (given.folder or Path(tempfile.mkdtemp())).resolve()
    if not (folder / "stock").exists():
        export = ["bench.plain", str(folder), str(given.phrases), *given.languages]
        subprocess.run([PYTHON, "-m", *export], check=True, cwd=ROOT)
    var = Path(tempfile.mkdtemp())
    env = {**os.environ, **settings({"VAR_DIR": str(var)}), **ONE_THREAD, "PYTHONPATH": str(ROOT)}
    acting = subprocess.Popen([PYTHON, "-m", "bench.acting", env["ACTIONS_PORT"]], cwd=ROOT)
    try:
        ours = measured(shopkeeper, folder / "shopkeeper", env)
        theirs = measured(stock, folder / "stock", env)
    finally:
        acting.terminate()
    print(*lines(ours, theirs), sep="\n")


if __name__ == "__main__":
    sys.exit(main())
