package engine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"alexnet/engine/internal/vk"
)

// TestBadEnvironments lists devices where there is no loader or no driver. The
// loader reads the environment once, so each case is a process of its own: this
// test again, with LIST_DEVICES set.
func TestBadEnvironments(t *testing.T) {
	if os.Getenv("LIST_DEVICES") != "" {
		if name := os.Getenv("TEST_LOADER"); name != "" {
			vk.Loader = name
		}
		list, err := Devices()
		fmt.Printf("RESULT %d devices, %v\n", len(list), err)
		return
	}
	empty := t.TempDir()
	garbage := filepath.Join(empty, "garbage.json")
	if err := os.WriteFile(garbage, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(empty, "gone.json")
	manifest := `{"file_format_version": "1.0.0", "ICD": {"library_path": "/nonexistent/libvulkan_gone.so", "api_version": "1.3.0"}}`
	if err := os.WriteFile(gone, []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	const install = "no Vulkan device: install your GPU's driver, or a software driver (Debian 13, Ubuntu: mesa-vulkan-drivers"
	for _, c := range []struct {
		name string
		env  []string
		want []string
	}{
		{"no loader", []string{"TEST_LOADER=libvulkan-absent.so.1"}, []string{"loader libvulkan.so.1 is not installed", "install it (Debian, Ubuntu: libvulkan1) and a driver"}},
		{"no driver anywhere", []string{"VK_LOADER_DRIVERS_DISABLE=*"}, []string{install}},
		{"VK_DRIVER_FILES of nothing", []string{"VK_DRIVER_FILES=/nonexistent.json"}, []string{install, "VK_DRIVER_FILES is set, to /nonexistent.json"}},
		{"VK_ICD_FILENAMES of nothing", []string{"VK_ICD_FILENAMES=/nonexistent.json"}, []string{install, "VK_ICD_FILENAMES is set, to /nonexistent.json"}},
		{"VK_DRIVER_FILES of a folder", []string{"VK_DRIVER_FILES=" + filepath.Dir(empty)}, []string{install}},
		{"broken manifest", []string{"VK_DRIVER_FILES=" + garbage}, []string{"manifest (*.json) may be broken", garbage}},
		{"manifest of an absent driver", []string{"VK_DRIVER_FILES=" + gone}, []string{install}},
	} {
		t.Run(c.name, func(t *testing.T) {
			child := exec.Command(os.Args[0], "-test.run=^TestBadEnvironments$")
			for _, v := range os.Environ() {
				if !strings.HasPrefix(v, "VK_") {
					child.Env = append(child.Env, v)
				}
			}
			child.Env = append(child.Env, "LIST_DEVICES=1", "HOME="+empty, "XDG_DATA_HOME="+empty)
			child.Env = append(child.Env, c.env...)
			out, err := child.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, part := range append(c.want, "RESULT 0 devices, engine: ") {
				if !strings.Contains(string(out), part) {
					t.Errorf("no %q in:\n%s", part, out)
				}
			}
		})
	}
}

// TestSelfTestRefuses opens each device with the results of a driver that is
// known to be wrong: lavapipe of Mesa 22.3.6 ends the loops of an invocation
// after 65,535 iterations.
func TestSelfTestRefuses(t *testing.T) {
	for _, info := range testDevices(t) {
		for _, c := range []struct {
			name  string
			spoil func(results []uint32)
			want  string
		}{
			{"short loops", func(r []uint32) {
				for i := range r[:64] {
					r[i] = 65535
				}
			}, "computes wrong results: loops end after 65535 of 80000 iterations; "},
			{"shared memory", func(r []uint32) { r[64+7]++ }, "shared memory holds 3137 instead of 3136"},
			{"arithmetic", func(r []uint32) { r[128+63] = 0 }, "arithmetic gives 0 instead of 39.375"},
		} {
			d, err := Open(info, Options{spoil: c.spoil})
			if err == nil {
				d.Close()
				t.Errorf("%s, %s: opened", info.Driver, c.name)
				continue
			}
			advice := "install a newer driver"
			if info.Driver == "lavapipe" {
				advice = "install Mesa 23 or newer (Debian 12: apt-get install -t bookworm-backports mesa-vulkan-drivers)"
			}
			for _, part := range []string{c.want, info.Name, info.DriverInfo, advice} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%s, %s: %v; want %q", info.Driver, c.name, err, part)
				}
			}
		}
	}
}
