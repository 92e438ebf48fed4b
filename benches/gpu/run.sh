#!/usr/bin/env bash
# What the lab wants of a real GPU, in at most eight minutes once all is built:
#
#   benches/gpu/run.sh ADAPTER OUT [SHAPES] [SECONDS]
#
# ADAPTER as --adapter takes it; OUT a new folder; SHAPES to try all kernels on (40); SECONDS a network (4).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
adapter=$1 out=$2 shapes=${3:-40} seconds=${4:-4}
nets=(vgg16 resnet50 resnet18 googlenet mobilenet_v2 shufflenet_v2_x1_0)
mkdir -p "$out"
out=$(cd "$out" && pwd)

step() { printf '%s: %s\n' "$(date +%T)" "$*" | tee -a "$out/log"; }

step "building"
cargo build -q --release -p probe
cargo bench -q -p benches --bench candidates --no-run
LAB_REQUIRE_GPU=1 cargo test -q -p ops-checked --no-run
probe=${CARGO_TARGET_DIR:-target}/release/probe

step "ceilings"
"$probe" calibrate --again --device gpu --adapter "$adapter" --format json >"$out/calibration.json"

step "every variant against its reference"
LAB_REQUIRE_GPU=1 LAB_ADAPTER=$adapter cargo test -q -p ops-checked gpu:: 2>&1 | tee "$out/tests" | tail -n 3

step "every kernel that takes the $shapes hottest convolutions"
cargo bench -q -p benches --bench candidates -- "$out/candidates.jsonl" "$adapter" "$shapes"

for batch in 1 8; do
  for level in folded fused; do
    step "networks, $level, batch $batch"
    "$probe" --device gpu --adapter "$adapter" --model "${nets[@]}" --level "$level" --batch "$batch" \
      --max-secs "$seconds" --out "$out/networks" --resume --format csv >>"$out/networks.csv"
  done
done

if python3 -c 'import torch, torchvision; assert torch.cuda.is_available()' 2>/dev/null; then
  step "the same networks in PyTorch"
  python3 "$here/torch_times.py" "${nets[@]}" >"$out/torch.jsonl"
else
  step "no PyTorch with a GPU here"
fi
step "done: compress $out and keep it"
