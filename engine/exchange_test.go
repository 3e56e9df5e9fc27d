package engine

import (
	"os"
	"testing"
)

// openPair opens two logical devices of the drivers named, in order.
func openPair(t *testing.T, drivers ...string) (a, b *Device) {
	t.Helper()
	list, err := Devices()
	if err == nil {
		list, err = Select(list, drivers, 2)
	}
	if err != nil {
		if os.Getenv("REQUIRE_VULKAN") != "" && drivers[0] == drivers[1] {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	if a, err = Open(list[0], Options{}); err != nil {
		t.Fatal(err)
	}
	if b, err = Open(list[1], Options{}); err != nil {
		a.Close()
		t.Fatal(err)
	}
	return a, b
}

func TestLinkPaths(t *testing.T) {
	for _, drivers := range [][]string{{"lavapipe", "lavapipe"}, {"lavapipe", "swiftshader"}, {"swiftshader", "lavapipe"}} {
		a, b := openPair(t, drivers...)
		for _, path := range Paths {
			l, err := NewLink("test", a, b, 1<<20, path)
			if err != nil {
				t.Logf("%v over %s: %v", drivers, path, err)
				if path == Staging {
					t.Errorf("%v: %v", drivers, err)
				}
				continue
			}
			t.Logf("%v over %s works", drivers, l.Path)
		}
		if l, err := NewLink("test", a, b, 100); err != nil {
			t.Errorf("%v: %v", drivers, err)
		} else {
			t.Logf("%v: chose %s", drivers, l.Path)
		}
		a.Close()
		b.Close()
	}
}
