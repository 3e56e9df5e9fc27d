// Package enginetest opens devices for the tests of other packages.
package enginetest

import (
	"os"
	"path/filepath"
	"testing"

	"alexnet/engine"
)

// Open opens the devices that words name (engine.Select) and closes them at the
// end of the test. Without them the test is skipped, or fails where REQUIRE_VULKAN
// is set.
func Open(t testing.TB, words ...string) []*engine.Device {
	t.Helper()
	return OpenWith(t, engine.Options{}, words...)
}

// OpenWith is Open with options.
func OpenWith(t testing.TB, o engine.Options, words ...string) []*engine.Device {
	t.Helper()
	list, err := engine.Devices()
	if err == nil {
		list, err = engine.Select(list, words, 1)
	}
	if err != nil {
		if os.Getenv("REQUIRE_VULKAN") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	var out []*engine.Device
	for _, info := range list {
		d, err := engine.Open(info, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.Close)
		if o.MaxMemory == 0 {
			keepBlocks(t, d)
		}
		out = append(out, d)
	}
	return out
}

// Drivers are words (engine.Select) for the kinds of devices that every kernel is checked
// on: two software drivers, which differ in all that a program can get wrong, and before
// them the machine's best device if it is another.
func Drivers(t testing.TB) []string {
	t.Helper()
	drivers := []string{"lavapipe", "swiftshader"}
	list, err := engine.Devices()
	if err == nil && !list[0].CPU() {
		return append([]string{list[0].UUID}, drivers...)
	}
	return drivers
}

// keepBlocks keeps the memory that small buffers share, which goes back to the device
// with the last of them. Tests make and free buffers all the time, and SwiftShader
// clears each new block: that took three quarters of their time.
func keepBlocks(t testing.TB, d *engine.Device) {
	for _, kind := range []engine.Kind{engine.Local, engine.Upload, engine.Readback} {
		if _, err := d.NewBuffer("kept for tests", 4, kind); err != nil {
			t.Fatal(err)
		}
	}
}

// ForgetChoices lets a test begin without remembered choices of kernels. It returns the
// pattern of the files in which they are kept. What drivers have compiled stays theirs:
// they look for it where it was before.
func ForgetChoices(t testing.TB) (tables string) {
	t.Helper()
	if cache, err := os.UserCacheDir(); err == nil && os.Getenv("MESA_SHADER_CACHE_DIR") == "" {
		t.Setenv("MESA_SHADER_CACHE_DIR", cache)
	}
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	return filepath.Join(cache, "alexnet", "tuning", "*.json")
}
