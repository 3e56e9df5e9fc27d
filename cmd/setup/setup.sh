#!/usr/bin/env bash
# Installs what a purpose needs and is silent about what is there:
#   setup.sh build     a C compiler and Vulkan's headers and loader
#   setup.sh window    build, and the headers of X11 and OpenGL, for alexview
#   setup.sh run       build, and a Vulkan driver: software where there is no GPU
#   setup.sh test      run, window, a second software driver, Vulkan's validation
#                      layer and a display without a screen
#   setup.sh generate  build, and the shader compiler
# Debian 12 and 13, Ubuntu 24.04; elsewhere it names what is missing.
set -euo pipefail

purpose=${1:-build}
drivers=${XDG_DATA_HOME:-$HOME/.local/share}/alexnet/drivers
tools=${XDG_DATA_HOME:-$HOME/.local/share}/alexnet/shader-tools

fail() { echo "setup: $*" >&2; exit 1; }

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"
	elif command -v sudo >/dev/null; then sudo "$@"
	else fail "not root and no sudo; ask an administrator to run: $*"
	fi
}

check_go() {
	local want have
	want=$(awk '$1 == "go" { print $2 }' go.mod)
	command -v go >/dev/null || fail "Go $want or newer is not installed; see https://go.dev/doc/install"
	have=$(cd / && GOTOOLCHAIN=local go env GOVERSION | sed 's/^go//')
	[ "$(printf '%s\n%s\n' "$want" "$have" | sort -V | head -n 1)" = "$want" ] ||
		fail "Go $have is too old; install Go $want or newer, see https://go.dev/doc/install"
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

codename() { . /etc/os-release; echo "${VERSION_CODENAME:-}"; }

update_done=
update_lists() {
	[ -n "$update_done" ] && return
	as_root apt-get update -qq || fail "apt-get update failed; check the network and /etc/apt"
	update_done=1
}

# install [-t SUITE] WHY PACKAGE...: the packages that are missing.
install() {
	local suite=()
	if [ "$1" = -t ]; then suite=(-t "$2"); shift 2; fi
	local why=$1 missing=() p
	shift
	for p; do installed "$p" || missing+=("$p"); done
	[ ${#missing[@]} = 0 ] && return
	command -v apt-get >/dev/null || fail "$why: please install the equivalents of Debian's packages: ${missing[*]}"
	echo "setup: installing ${missing[*]} ($why)"
	update_lists
	as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes apt-get install -y -qq --no-install-recommends "${suite[@]}" "${missing[@]}" >/dev/null ||
		fail "apt-get could not install ${missing[*]}; run it by hand to see why"
}

# The mirror, with its key, that this machine's own apt sources name.
mirror() {
	if ls /etc/apt/sources.list.d/*.sources >/dev/null 2>&1; then
		awk '/^URIs:/ && !/security/ { print $2; exit }' /etc/apt/sources.list.d/*.sources
	fi
	[ ! -e /etc/apt/sources.list ] || awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /:\/\// ) { if ($i !~ /security/) print $i; break } }' /etc/apt/sources.list
}

add_backports() {
	apt-cache policy | grep -q "n=$1-backports" && return
	local url
	url=$(mirror | head -n 1)
	[ -n "$url" ] || fail "found no Debian mirror in /etc/apt; add the suite $1-backports by hand"
	printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s-backports main\n' "$url" "$1" |
		as_root tee /etc/apt/sources.list.d/alexnet-backports.list >/dev/null
	update_done=
	update_lists
}

has_gpu_driver() {
	ls /dev/dri/renderD* /dev/nvidia0 >/dev/null 2>&1 &&
		ls /usr/share/vulkan/icd.d/*.json /etc/vulkan/icd.d/*.json 2>/dev/null | grep -qv -e lvp_icd -e swiftshader
}

mesa_major() { dpkg-query -W -f '${Version}' mesa-vulkan-drivers 2>/dev/null | sed 's/^[0-9]*://; s/\..*//'; }

install_driver() {
	has_gpu_driver && return
	local major
	major=$(mesa_major)
	[ "${major:-0}" -ge 23 ] && return
	if [ "$(codename)" != bookworm ]; then
		install "no GPU driver found: Vulkan on the processor" mesa-vulkan-drivers
		return
	fi
	echo "setup: installing mesa-vulkan-drivers from bookworm-backports (no GPU driver found: Vulkan on the processor; Debian 12's own 22.3.6 computes wrong results)"
	command -v apt-get >/dev/null || fail "no apt-get"
	update_lists
	add_backports bookworm
	as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes apt-get install -y -qq --no-install-recommends -t bookworm-backports mesa-vulkan-drivers >/dev/null ||
		fail "apt-get could not install mesa-vulkan-drivers from bookworm-backports"
}

# SwiftShader, a second and stricter software driver, out of Debian's chromium.
install_swiftshader() {
	[ -e "$drivers/vk_swiftshader_icd.json" ] && return
	if ! apt-cache show chromium-common >/dev/null 2>&1; then
		update_lists
		apt-cache show chromium-common >/dev/null 2>&1 ||
			{ echo "setup: this system has no package chromium-common: tests on SwiftShader are skipped"; return; }
	fi
	echo "setup: unpacking SwiftShader from chromium-common into $drivers (a second driver for tests)"
	local tmp
	tmp=$(mktemp -d)
	(cd "$tmp" && apt-get -o APT::Sandbox::User=root download -qq chromium-common >/dev/null && dpkg -x chromium-common*.deb x) || fail "could not download chromium-common"
	mkdir -p "$drivers"
	find "$tmp/x" -name libvk_swiftshader.so -exec cp {} "$drivers/" \;
	find "$tmp/x" -name vk_swiftshader_icd.json -exec cat {} \; |
		sed "s#\"library_path\": *\"[^\"]*\"#\"library_path\": \"$drivers/libvk_swiftshader.so\"#" >"$drivers/vk_swiftshader_icd.json"
	rm -rf "$tmp"
}

glslang_major() { glslangValidator --version 2>/dev/null | sed -n 's/^Glslang Version: [0-9]*:\([0-9]*\).*/\1/p'; }

# A compiler that knows cooperative matrices. Debian 12's does not; Debian 13's runs
# beside it with libraries of its own, from a folder that the generator looks into.
install_shader_tools() {
	[ "$(glslang_major)" -ge 14 ] && return
	[ -x "$tools/glslangValidator" ] && return
	[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || fail "glslangValidator $(glslang_major) knows no cooperative matrices: install 14 or newer"
	local url tmp name
	url=$(mirror | head -n 1)
	[ -n "$url" ] || fail "found no Debian mirror in /etc/apt; install glslangValidator 14 or newer"
	echo "setup: unpacking Debian 13's glslang-tools into $tools (cooperative matrices need glslangValidator 14)"
	tmp=$(mktemp -d)
	mkdir -p "$tmp/lists/partial" "$tmp/cache/archives/partial" "$tmp/debs"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $url trixie main" >"$tmp/sources.list"
	printf '%s\n' "Dir::Etc::sourcelist \"$tmp/sources.list\";" 'Dir::Etc::sourceparts "-";' "Dir::State::lists \"$tmp/lists\";" \
		"Dir::Cache \"$tmp/cache\";" 'Dir::State::status "/dev/null";' 'APT::Sandbox::User "root";' >"$tmp/apt.conf"
	(cd "$tmp/debs" && APT_CONFIG=$tmp/apt.conf apt-get update -qq &&
		APT_CONFIG=$tmp/apt.conf apt-get download -qq glslang-tools spirv-tools libc6 libstdc++6 libgcc-s1) || fail "could not download Debian 13's glslang-tools"
	rm -rf "$tools"
	mkdir -p "$tools/root"
	for name in "$tmp"/debs/*.deb; do dpkg -x "$name" "$tools/root"; done
	for name in glslangValidator spirv-val; do
		printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' "$tools/root/usr/lib64/ld-linux-x86-64.so.2" \
			"$tools/root/usr/lib/x86_64-linux-gnu" "$tools/root/usr/bin/$name" >"$tools/$name"
		chmod +x "$tools/$name"
	done
	rm -rf "$tmp"
}

install_window() {
	install "to build alexview's window" libgl-dev libx11-dev libxcursor-dev libxi-dev libxinerama-dev libxrandr-dev libxxf86vm-dev
}

check_go
install "to build with cgo and Vulkan" gcc libc6-dev libvulkan1 libvulkan-dev
case $purpose in
build) ;;
window) install_window ;;
run) install_driver ;;
test)
	install_driver
	install_window
	install "a display without a screen, for tests of the window" xvfb xauth xdotool libgl1-mesa-dri
	install_swiftshader
	install "Vulkan's validation layer, for tests" vulkan-validationlayers
	;;
generate)
	install "to compile shaders" glslang-tools spirv-tools spirv-cross
	install_shader_tools
	;;
*) fail "unknown purpose $purpose" ;;
esac
