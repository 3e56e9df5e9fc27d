package engine

import (
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// openPair opens two logical devices of the drivers named, in order; of the best
// kind present if none is.
func openPair(t *testing.T, drivers ...string) (a, b *Device) {
	t.Helper()
	list := testDevices(t)
	if len(drivers) == 0 {
		drivers = []string{"2"}
	}
	list, err := Select(list, drivers, 2)
	if err != nil {
		t.Skip(err) // the machine has another driver
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

// must says whether a path between two logical devices of one kind has to work:
// every path on lavapipe, a copy everywhere.
func must(d *Device, path Path) bool { return path == Staging || d.Info().Driver == "lavapipe" }

func TestLinkPaths(t *testing.T) {
	for _, drivers := range [][]string{nil, {"lavapipe", "swiftshader"}, {"swiftshader", "lavapipe"}} {
		t.Run(strings.Join(drivers, " to "), func(t *testing.T) {
			a, b := openPair(t, drivers...)
			defer a.Close()
			defer b.Close()
			for _, path := range Paths {
				l, err := NewLink("test", a, b, 1<<20, path)
				if err == nil {
					t.Logf("%s works", l.Path)
				} else if t.Log(err); must(a, path) && (drivers == nil || path == Staging) {
					t.Errorf("%s does not work", path)
				}
			}
			l, err := NewLink("test", a, b, 100)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("chose %s", l.Path)
		})
	}
}

// TestLinksEnd frees links, or leaves them to their devices, in every order.
// What the other side still uses must stay, and at the end nothing may.
func TestLinksEnd(t *testing.T) {
	for _, path := range Paths {
		for _, order := range []string{"free a b", "free b a", "a b", "b a", "a free b", "b free a"} {
			a, b := openPair(t)
			l, err := NewLink("test", a, b, 1<<20, path)
			if err != nil {
				if must(a, path) {
					t.Errorf("%s: %v", path, err)
				}
				a.Close()
				b.Close()
				continue
			}
			up := mustBuffer(t, b, "up", 1<<18, Upload)
			for i := range up.Words() {
				up.Words()[i] = uint32(i)
			}
			use := b.NewSequence("use")
			use.Copy(l.In.Whole(), up.Whole())
			if err := use.End(); err != nil {
				t.Fatal(err)
			}
			for _, word := range strings.Fields(order) {
				switch word {
				case "free":
					l.Free()
					l.Free()
				case "a":
					a.Close()
					if order == "a b" { // the receiver's side is still there
						if err := b.Run(use); err != nil {
							t.Errorf("%s: %v", path, err)
						}
					}
				case "b":
					b.Close()
				}
			}
			if n := mappedPages.Load(); n != 0 {
				t.Errorf("%s, %s: %d host allocations are left", path, order, n)
			}
		}
	}
}

// TestFailedLinkLeavesNothing lets the receiver refuse what the sender made, or
// the test of what both have made fail.
func TestFailedLinkLeavesNothing(t *testing.T) {
	for _, path := range Paths {
		a, b := openPair(t)
		blocks, pages, files := len(a.heaps)+len(b.heaps), mappedPages.Load(), openFiles(t)
		b.info.MemoryTypes = nil
		if _, err := NewLink("test", a, b, 1<<20, path); err == nil {
			t.Errorf("%s works without memory", path)
		}
		if now := len(a.heaps) + len(b.heaps); now != blocks || mappedPages.Load() != pages || openFiles(t) != files {
			t.Errorf("%s: %d blocks, before %d; %d host allocations, before %d; %d files, before %d",
				path, now, blocks, mappedPages.Load(), pages, openFiles(t), files)
		}
		a.Close()
		b.Close()
	}
}

// TestPatternFindsFalseSharing lets two drivers pass for one: SwiftShader takes
// the other's memory, reports success and shares nothing.
func TestPatternFindsFalseSharing(t *testing.T) {
	a, b := openPair(t, "lavapipe", "swiftshader")
	defer a.Close()
	defer b.Close()
	b.info.DeviceUUID, b.info.DriverUUID = a.info.DeviceUUID, a.info.DriverUUID
	if _, err := NewLink("test", a, b, 1<<20, SharedMemory); err == nil {
		t.Error("two drivers share memory")
	} else {
		t.Log(err)
	}
	l, err := NewLink("test", a, b, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if l.Path == SharedMemory {
		t.Error("chose memory that is not shared")
	}
	// More than the receiver allocates at once: it refuses the sender's file.
	files, size := openFiles(t), b.info.MaxAllocation+1<<20
	if _, err := NewLink("test", a, b, size, SharedMemory); err == nil || !strings.Contains(err.Error(), "import memory") {
		t.Errorf("a link of %d bytes: %v", size, err)
	}
	if n := openFiles(t); n != files {
		t.Errorf("%d files are open, before %d", n, files)
	}
}

// openFiles is the number of this process's file descriptors, 0 where the
// system does not say.
func openFiles(t *testing.T) int {
	t.Helper()
	list, _ := os.ReadDir("/proc/self/fd")
	return len(list)
}

// TestEngineUnderCollection makes devices, kernels, sequences and links, uses
// them and closes them while the collector runs.
func TestEngineUnderCollection(t *testing.T) {
	list := testDevices(t)
	old := debug.SetGCPercent(1)
	defer debug.SetGCPercent(old)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	defer func() { close(stop); <-stopped }()
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	var want []float32
	for round := range rounds {
		for i, info := range list {
			d, err := Open(info, Options{Budget: 1})
			if err != nil {
				t.Fatal(err)
			}
			other, err := Open(list[(i+round)%len(list)], Options{})
			if err != nil {
				t.Fatal(err)
			}
			c := newChain(t, d, 4)
			if err := d.Run(c.s); err != nil {
				t.Fatal(err)
			}
			if i == 0 && want == nil {
				want = slices.Clone(c.down.Floats())
			}
			if i == 0 && !slices.Equal(want, c.down.Floats()) {
				t.Errorf("round %d differs from the first", round)
			}
			if _, err := NewLink("test", d, other, 4096); err != nil {
				t.Error(err)
			}
			d.Close()
			other.Close()
		}
	}
}
