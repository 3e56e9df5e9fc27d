#!/usr/bin/env bash
# The whole test suite, pass by pass. Needs what setup.sh test installs.
set -euo pipefail

# Tests wait for drivers' compilers, for windows and for each other: three packages at
# a time keep two cores busy.
flags=(-p 3 -vet=off -timeout 30m)

pass() {
	local name=$1 start=$SECONDS
	shift
	echo "== $name"
	"$@" || { echo "== $name failed"; exit 1; }
	echo "== $name: $((SECONDS - start)) s"
}

formatted() {
	local bad
	bad=$(gofmt -l $(git ls-files '*.go'))
	[ -z "$bad" ] || { echo "gofmt would change: $bad"; return 1; }
}

# What SwiftShader runs, lavapipe runs, too, and faster beneath the layer.
# The validation layer reports and goes on: look for its messages, and for the
# loader's that the layer is there. Synchronization validation finds a barrier
# that is missing where a software driver, which runs in order, never shows it.
validated() {
	local out status=0
	out=$(VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation VK_LOADER_DEBUG=layer \
		VK_LAYER_ENABLES=VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT \
		go test "${flags[@]}" -count=1 -short -v -skip '.*/swiftshader' ./engine/... ./net 2>&1) || status=$?
	if [ $status != 0 ] || grep -qE 'VUID-|SYNC-HAZARD' <<<"$out"; then
		grep -B2 -A8 -E 'VUID-|SYNC-HAZARD|FAIL|panic' <<<"$out" | head -n 80
		return 1
	fi
	grep -q 'Insert instance layer.*VK_LAYER_KHRONOS_validation' <<<"$out" || {
		echo "the validation layer was not loaded: install vulkan-validationlayers"
		return 1
	}
	grep -E '^ok ' <<<"$out"
}

export REQUIRE_VULKAN=1
pass "format" formatted
# The window's tests need a display; what they show is drawn by the processor.
# -noreset: a server that begins anew when its last window closes refuses the next.
pass "tests" env REQUIRE_DISPLAY=1 xvfb-run -a -s "-screen 0 1600x1000x24 -noreset" go test "${flags[@]}" ./...
pass "vet" go vet ./... # what it needs is compiled by now
# lavapipe's subgroups are of 16 where the processor has AVX-512, else of 8: the
# other ones, too.
width=512
if grep -qw avx512vl /proc/cpuinfo; then width=256; fi
narrow() { LP_NATIVE_VECTOR_WIDTH=$width go test "${flags[@]}" -run 'Products|Placement|Golden|WholeNets' -skip 'Products.*/swiftshader' ./net; }
# Pictures are drawn by one goroutine, ten times slower here.
races() { GOEXPERIMENT=cgocheck2 go test "${flags[@]}" -short -race -skip Goldens ./engine/... ./train/... ./viewer ./viewer/draw ./viewer/figure ./viewer/plot; }

# Both beside each other: compiling for the race detector takes one core for long.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
(
	pass "$width-bit vectors" narrow
	pass "validation layer" validated
) >"$log" 2>&1 &
beside=$! status=0
(pass "race detector, cgo pointer checks" races) || status=1
wait $beside || status=1
cat "$log"
exit $status
