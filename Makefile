# Two commands for a newcomer: `make demo` and `make test`. Each installs what it
# needs and says so; what is there already is left alone.

RUN  ?= runs/demo-$(shell date +%Y%m%d-%H%M%S)
ARGS ?=

.PHONY: build demo test bench-gpu generate fmt clean
build:
	@cmd/setup/setup.sh window
	go build -o bin/ ./cmd/alexnet ./cmd/alexview

# In a window where there is a display. Without one it needs no window libraries.
demo:
	@cmd/setup/demo.sh $(RUN) $(ARGS)

test:
	@cmd/setup/setup.sh test
	@cmd/setup/test.sh

# Tests and measures this machine, alone and beside PyTorch; cmd/setup/bench-gpu.sh
# names the variables, for example BATCHES="128 512" DATA=photos.
bench-gpu:
	@cmd/setup/setup.sh build
	go build -o bin/ ./cmd/alexnet
	@cmd/setup/bench-gpu.sh runs/bench-gpu-$(shell date +%Y%m%d-%H%M%S)

# Recompiles the shaders; only needed after a change in shaders/.
generate:
	@cmd/setup/setup.sh generate
	go generate ./shaders

fmt:
	gofmt -w $$(git ls-files '*.go')

clean:
	rm -rf bin
