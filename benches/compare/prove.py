"""Proves `probe compare`: finds a slow-down of 10 % in one operator every time, and raises no alarm without one.

    python3 benches/compare/prove.py --out DIR [--found 10] [--equal 20] [--network shufflenet_v2]

Builds the commit that is checked out twice, plain and with one operator that spins for a tenth of its time after
its kernel. Then it runs `probe compare --against`, the slow build against the plain one and the plain one against a
copy of itself, and the plain build's two sides in one process. Prints a line a try, and at the end how many were as
they should be; ends with code 1 where one was not.

The machine must be quiet: on a busy one nothing is known for certain, and a slow-down is not found.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# Where a worker runs a step's kernel.
KERNEL = re.compile(r"^( +)(self\.scratch\.with\(worker, .*step\.run\(.*)$", re.MULTILINE)
SLOWER = r"""\1let began = step.nodes().contains(&NODE).then(Instant::now);
\1\2
\1if let Some(began) = began {
\1    let until = began.elapsed().mul_f64(1.1);
\1    while began.elapsed() < until {}
\1}"""
SESSION = "crates/ops/src/cpu/session.rs"


def build(tree, target, copy):
    """Builds `probe` of the sources in `tree` and copies it."""
    cargo = ["cargo", "build", "--quiet", "--package", "probe", "--no-default-features"]
    subprocess.run(cargo, cwd=tree, env=os.environ | {"CARGO_TARGET_DIR": str(target)}, check=True)
    shutil.copy(target / "debug" / "probe", copy)


def builds(out, network, operator):
    """A plain build, a copy of it, and one in which `operator` is slow."""
    plain, same, slow = (out / name for name in ["plain", "same", "slow"])
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree)], check=True)
        try:
            build(tree, out / "target", plain)
            shutil.copy(plain, same)
            cost = subprocess.run(
                [plain, "cost", "--model", network, "--format", "json"],
                check=True, capture_output=True, text=True,
            )
            names = [op["name"] for op in json.loads(cost.stdout)["ops"]]
            session = tree / SESSION
            slower = SLOWER.replace("NODE", str(names.index(operator)))
            text, replaced = KERNEL.subn(slower, session.read_text())
            assert replaced == 1, f"{SESSION} runs kernels elsewhere now"
            session.write_text(text)
            build(tree, out / "target", slow)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], check=True)
    return plain, same, slow


def alarm(probe, network, limits, seconds, out, against=None):
    """The operators (or limits) that a comparison names as passed; nothing where it ends well."""
    command = [probe, "compare", network, "--fail-on", *limits, "--max-secs", str(seconds)]
    command += ["--no-calibration", "--out", out]
    command += ["--against", str(against)] if against else []
    ended = subprocess.run(command, capture_output=True, text=True)
    failed = re.findall(r"^failed: (.*)$", ended.stderr, re.MULTILINE)
    assert ended.returncode == (3 if failed else 0), ended.stderr
    return "; ".join(failed)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", required=True, type=pathlib.Path)
    options.add_argument("--network", default="shufflenet_v2")
    options.add_argument("--operator", default="stage3.2.branch2.conv1")
    options.add_argument("--found", type=int, default=10)
    options.add_argument("--equal", type=int, default=20)
    options.add_argument("--max-secs", type=float, default=40)
    given = options.parse_args()
    out = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    plain, same, slow = builds(out, given.network, given.operator)
    limits = ["slower:2%", "operator:3%"]
    expected = f"slower in B by more than 3 %: {given.operator}"
    kinds = [
        ("slow build found", slow, plain, given.found, expected),
        ("equal builds", plain, same, given.equal, ""),
        ("equal sides of one build", plain, None, given.equal, ""),
    ]
    wrong = 0
    for kind, probe, against, tries, should in kinds:
        right = 0
        for i in range(tries):
            folder = out / f"{kind.replace(' ', '-')}-{i}"
            said = alarm(probe, given.network, limits, given.max_secs, folder, against)
            right += said == should
            print(f"{kind}, {i + 1} of {tries}: {said or 'no alarm'}", flush=True)
        print(f"{kind}: {right} of {tries} as it should be", flush=True)
        wrong += tries - right
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
