#!/usr/bin/env bash
# Tests this machine and measures it, alone and beside PyTorch, into a folder:
#   bench-gpu.sh FOLDER
# What is missing or fails is said in FOLDER/summary.txt, and the rest still runs.
# Variables: RECIPE (alexnet), BATCHES ("128 512"), PRECISIONS ("float32 mixed"), DEVICES (1), ROUNDS (3), STEPS (10),
# DATA (a folder of photographs: measures the loader), SKIP_TESTS, PYTHON.
set -uo pipefail

out=${1:?the folder for the results}
recipe=${RECIPE:-alexnet} devices=${DEVICES:-1}
mkdir -p "$out" || exit 1
summary=$out/summary.txt
: >"$summary"
failures=0

say() { echo "$*" | tee -a "$summary"; }

# step FILE COMMAND...: its output goes to FOLDER/FILE, and what goes wrong is said.
step() {
	local file=$1 start=$SECONDS status
	shift
	echo "== $*"
	"$@" >"$out/$file" 2>"$out/$file.log"
	status=$?
	if [ $status = 0 ]; then
		say "done ($((SECONDS - start)) s): $file"
		return 0
	fi
	failures=$((failures + 1))
	say "FAILED with code $status: $*; see $file and $file.log"
	tail -n 5 "$out/$file" "$out/$file.log"
	return 1
}

# The first Python that has PyTorch and can read recipes.
python() {
	local p
	for p in ${PYTHON:-python3 /usr/bin/python3}; do
		"$p" -c 'import numpy, tomllib, torch' 2>/dev/null && { echo "$p"; return; }
	done
}

system() {
	date
	git log -1 --format='commit %h %s' 2>/dev/null
	uname -a
	lscpu | grep -E '^(Model name|CPU\(s\))'
	if command -v nvidia-smi >/dev/null; then nvidia-smi; fi
	bin/alexnet devices
}

step system.txt system
bin/alexnet devices 2>/dev/null | grep -qE '^  type +(discrete|integrated|virtual)' ||
	say "MISSING: no GPU that Vulkan sees: these are figures of the processor. Install the GPU's driver; vulkaninfo must list it"

if [ -n "${SKIP_TESTS:-}" ]; then
	say "MISSING: the tests, as SKIP_TESTS is set"
else
	step test.txt make --no-print-directory test
fi

for precision in ${PRECISIONS:-float32 mixed}; do
	for batch in ${BATCHES:-128 512}; do
		name=$precision-$batch
		step "bench-$name.txt" bin/alexnet bench "$recipe" --set precision="$precision" --batch "$batch" --steps "${STEPS:-10}" --devices "$devices" --profile "$out/timeline-$name.json" &&
			grep -E '^(peak|precision|training|inference)' "$out/bench-$name.txt" | tee -a "$summary"
		step "bench-$name.json" bin/alexnet bench "$recipe" --set precision="$precision" --batch "$batch" --steps "${STEPS:-10}" --devices "$devices" --json
	done
done

python=$(python)
if [ -z "$python" ]; then
	say "MISSING: the comparison with PyTorch: no Python 3.11 with torch and numpy (PYTHON=... names one; pip install torch numpy)"
else
	"$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null ||
		say "MISSING: PyTorch of $python sees no CUDA device: it is measured on the processor"
	for precision in ${PRECISIONS:-float32 mixed}; do
		for batch in ${BATCHES:-128 512}; do
			name=$precision-$batch
			step "pytorch-$name.txt" "$python" cmd/alexnet/peer/pytorch.py "$recipe" --speed --fast-lrn --set precision="$precision" --batch "$batch" \
				--steps "${STEPS:-10}" --rounds "${ROUNDS:-3}" --devices "$devices" --json "$out/pytorch-$name.json" &&
				tee -a "$summary" <"$out/pytorch-$name.txt"
			grep -h '^WARNING' "$out/pytorch-$name.txt.log" | tee -a "$summary"
		done
	done
fi

if [ -n "${DATA:-}" ]; then
	step loader.txt bin/alexnet bench "$recipe" --input "$DATA" && tee -a "$summary" <"$out/loader.txt"
else
	say "MISSING: the loader's speed: name a folder of photographs with DATA=..."
fi
find "$out" -name '*.log' -empty -delete
echo "results: $out, of which summary.txt says the most"
[ $failures = 0 ]
