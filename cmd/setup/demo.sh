#!/usr/bin/env bash
# Trains the demo in a window, or without one where there is no display:
#   demo.sh RUN [FLAG...]    flags of alexnet train
set -euo pipefail

run=${1:?the folder for the run}
shift
flags=(assets/demo.toml --devices 2 --run "$run" "$@")
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
	cmd/setup/setup.sh window
	cmd/setup/setup.sh run
	go build -o bin/ ./cmd/alexnet ./cmd/alexview
	status=0
	bin/alexview train "${flags[@]}" || status=$?
	# What has begun has a folder; before that only the display can be at fault.
	if [ $status != 1 ] || [ -e "$run" ]; then exit $status; fi
else
	cmd/setup/setup.sh run
	go build -o bin/ ./cmd/alexnet
fi
echo "No display here. Training goes on without a window."
exec bin/alexnet train "${flags[@]}"
