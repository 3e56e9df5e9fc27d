package engine

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"alexnet/engine/internal/vk"
	"alexnet/shaders"
)

// testDevices lists the devices present. Without one a test skips, or fails
// under REQUIRE_VULKAN=1.
func testDevices(t *testing.T) []Info {
	t.Helper()
	list, err := Devices()
	if err != nil {
		if os.Getenv("REQUIRE_VULKAN") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return list
}

// eachDevice runs a test on every device present.
func eachDevice(t *testing.T, f func(t *testing.T, d *Device)) {
	for _, info := range testDevices(t) {
		t.Run(info.Driver, func(t *testing.T) {
			d, err := Open(info, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			f(t, d)
		})
	}
}

func mustBuffer(t *testing.T, d *Device, name string, floats int, kind Kind) *Buffer {
	t.Helper()
	b, err := d.NewBuffer(name, uint64(4*floats), kind)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSequenceOrdersHazards(t *testing.T) {
	eachDevice(t, func(t *testing.T, d *Device) {
		const n = 4096
		kernel, err := NewKernel(d, shaders.Activation, shaders.ActivationConstants{Function: 0})
		if err != nil {
			t.Fatal(err)
		}
		up, a, b, down := mustBuffer(t, d, "up", n, Upload), mustBuffer(t, d, "a", n, Local), mustBuffer(t, d, "b", n, Local), mustBuffer(t, d, "down", n, Readback)
		push := shaders.ActivationPush{Count: n, Channels: 8, Units: 8}
		s := d.NewSequence("test")
		s.Copy(a.Whole(), up.Whole())
		kernel.Dispatch(s, "relu", Linear(n/4), push, a.Whole(), b.Whole())
		s.Copy(down.Whole(), b.Whole())
		if err := s.End(); err != nil {
			t.Fatal(err)
		}
		if s.Barriers() != 2 {
			t.Errorf("%d barriers, want 2", s.Barriers())
		}
		for run := range 3 {
			for i := range up.Floats() {
				up.Floats()[i] = float32(i-n/2) * float32(run+1)
			}
			if err := d.Run(s); err != nil {
				t.Fatal(err)
			}
			for i, v := range down.Floats() {
				if want := max(0, float32(i-n/2)*float32(run+1)); v != want {
					t.Fatalf("run %d, value %d: %v, want %v", run, i, v, want)
				}
			}
		}
	})
}

func TestProfile(t *testing.T) {
	eachDevice(t, func(t *testing.T, d *Device) {
		if d.Info().TimestampBits == 0 {
			t.Skip("no timestamps")
		}
		for _, budget := range []time.Duration{0, time.Nanosecond} { // the latter: a submit for each command
			d.options.Budget = budget
			a, b := mustBuffer(t, d, "a", 1<<20, Local), mustBuffer(t, d, "b", 1<<20, Local)
			s := d.NewSequence("test")
			p, err := s.Profile()
			if err != nil {
				t.Fatal(err)
			}
			s.Zero(a.Whole())   // not timed
			const copies = 1200 // more than a step of any network has commands
			for i := range copies {
				size := uint64(1 << 20)
				if i >= 4 {
					size = 4
				}
				s.Copy(b.Part(0, size), a.Part(0, size))
			}
			if err := s.End(); err != nil {
				t.Fatal(err)
			}
			var took time.Duration
			for range 2 {
				start := time.Now()
				if err := d.Run(s); err != nil {
					t.Fatal(err)
				}
				took = time.Since(start)
			}
			times, err := p.Read()
			if err != nil || len(times) != copies || times[0].Start != 0 {
				t.Fatalf("%d times, %v", len(times), err)
			}
			for i, c := range times {
				if c.Name != "copy" || c.Time <= 0 || c.End() > took {
					t.Errorf("copy %d of a run of %v: %+v", i, took, c)
				}
				if i > 0 && c.Start < times[i-1].End() {
					t.Errorf("copy %d begins at %v, the one before ends at %v", i, c.Start, times[i-1].End())
				}
			}
			s.Free()
		}
	})
}

func TestErrorsNameTheCause(t *testing.T) {
	eachDevice(t, func(t *testing.T, d *Device) {
		d.options.MaxMemory = 1 << 20
		_, err := d.NewBuffer("fc6.weight", 151<<20, Local)
		if !errors.Is(err, ErrMemory) || !strings.Contains(err.Error(), "fc6.weight") || !strings.Contains(err.Error(), "158 MB") {
			t.Errorf("%v", err)
		}
		d.options.MaxMemory = 0
		d.options.StorageRange = 1024
		k, err := NewKernel(d, shaders.Activation, shaders.ActivationConstants{})
		if err != nil {
			t.Fatal(err)
		}
		b := mustBuffer(t, d, "b", 4096, Local)
		s := d.NewSequence("test")
		k.Dispatch(s, "relu1", Linear(1), shaders.ActivationPush{}, b.Whole(), b.Whole())
		if err := s.End(); err == nil || !strings.Contains(err.Error(), "relu1") {
			t.Errorf("%v", err)
		}
	})
}

func TestMemoryComesBack(t *testing.T) {
	eachDevice(t, func(t *testing.T, d *Device) {
		before := d.InUse()
		var all []*Buffer
		for i := range 100 {
			all = append(all, mustBuffer(t, d, fmt.Sprint("b", i), 1<<16, Local))
		}
		big := mustBuffer(t, d, "big", 32<<20, Local)
		if d.InUse() < 128<<20 {
			t.Errorf("%d bytes in use", d.InUse())
		}
		for _, b := range append(all, big) {
			b.Free()
		}
		if d.InUse() != before {
			t.Errorf("%d bytes still in use", d.InUse())
		}
	})
}

func TestRoom(t *testing.T) {
	b := &block{size: 1024}
	for _, c := range []struct {
		used     []span
		size, at uint64
		index    int
		ok       bool
	}{
		{nil, 1024, 0, 0, true},
		{nil, 1025, 0, 0, false},
		{[]span{{at: 0, size: 4}}, 768, 256, 1, true},
		{[]span{{at: 0, size: 4}}, 769, 256, 1, false},
		{[]span{{at: 256, size: 4}}, 256, 0, 0, true},
		{[]span{{at: 256, size: 4}}, 257, 512, 1, true},
		{[]span{{at: 0, size: 4}, {at: 512, size: 512}}, 256, 256, 1, true},
		{[]span{{at: 0, size: 4}, {at: 512, size: 512}}, 257, 1024, 2, false},
	} {
		b.used = c.used
		if at, index, ok := b.room(c.size, 256); at != c.at || index != c.index || ok != c.ok {
			t.Errorf("%d bytes beside %v: at %d, index %d, %v; want %d, %d, %v", c.size, c.used, at, index, ok, c.at, c.index, c.ok)
		}
	}
}

// TestPassingObjectsLeaveNothing does what a training step does to read a
// result, many times, beside a buffer that stays.
func TestPassingObjectsLeaveNothing(t *testing.T) {
	eachDevice(t, func(t *testing.T, d *Device) {
		const n = 64
		stays := mustBuffer(t, d, "stays", n, Upload)
		for i := range stays.Floats() {
			stays.Floats()[i] = float32(i)
		}
		blocks, before, sequences := len(d.heaps), d.InUse(), len(d.sequences)
		for range 300 {
			down := mustBuffer(t, d, "read back", 100_000, Readback)
			s := d.NewSequence("read back")
			p, err := s.Profile()
			if d.info.TimestampBits > 0 && err != nil {
				t.Fatal(err)
			}
			s.Copy(down.Part(0, 4*n), stays.Whole())
			if err := s.End(); err != nil {
				t.Fatal(err)
			}
			if p != nil {
				if _, err := p.Read(); err == nil || !strings.Contains(err.Error(), "has not run") {
					t.Fatalf("read a profile that has not run: %v", err)
				}
			}
			if err := d.Run(s); err != nil {
				t.Fatal(err)
			}
			if v := down.Floats()[n-1]; v != n-1 {
				t.Fatalf("read %v", v)
			}
			s.Free()
			down.Free()
			down.Free()
		}
		if len(d.heaps) > blocks+1 || d.InUse() > before+blockSize || len(d.sequences) != sequences {
			t.Errorf("%d blocks, %d bytes, %d sequences; before %d, %d, %d",
				len(d.heaps), d.InUse(), len(d.sequences), blocks, before, sequences)
		}
		for _, b := range d.heaps {
			if len(b.used) > 8 {
				t.Errorf("%d buffers in a block", len(b.used))
			}
		}
	})
}

func TestFailedSequenceLeavesNothing(t *testing.T) {
	eachDevice(t, func(t *testing.T, d *Device) {
		d.options.StorageRange = 1024
		k, err := NewKernel(d, shaders.Activation, shaders.ActivationConstants{})
		if err != nil {
			t.Fatal(err)
		}
		b := mustBuffer(t, d, "b", 4096, Local)
		sequences := len(d.sequences)
		for _, c := range []struct {
			r    Range
			want string
		}{
			{b.Whole(), "one range"}, {b.Part(4, 64), "multiples of"},
		} {
			s := d.NewSequence("test")
			if d.info.TimestampBits > 0 {
				if _, err := s.Profile(); err != nil {
					t.Fatal(err)
				}
			}
			k.Dispatch(s, "relu1", Linear(1), shaders.ActivationPush{}, c.r, c.r)
			s.Copy(b.Part(0, 4), b.Part(8, 4)) // does nothing any more
			if err := s.End(); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), d.Name()) {
				t.Errorf("%v, want %q", err, c.want)
			}
		}
		if len(d.sequences) != sequences {
			t.Errorf("%d sequences hold something, before %d", len(d.sequences), sequences)
		}
	})
}

// TestLocalIsNotVisible keeps code that runs on shared memory from reading
// there what it could not read on a GPU.
func TestLocalIsNotVisible(t *testing.T) {
	eachDevice(t, func(t *testing.T, d *Device) {
		defer func() {
			if text := fmt.Sprint(recover()); !strings.Contains(text, "fc6.weight is not visible") {
				t.Errorf("%v", text)
			}
		}()
		mustBuffer(t, d, "fc6.weight", 4, Local).Bytes()
	})
}

func TestSelect(t *testing.T) {
	list := []Info{
		{Name: "GeForce", Driver: "NVIDIA", Type: "discrete", UUID: "aa01"},
		{Name: "GeForce", Driver: "NVIDIA", Type: "discrete", UUID: "aa02"},
		{Name: "llvmpipe", Driver: "lavapipe", Type: "cpu", UUID: "bb01"},
	}
	for i := range list {
		list[i].UUID += strings.Repeat("0", 28)
	}
	for _, c := range []struct {
		words []string
		want  int
		uuids string
	}{
		{nil, 2, "aa01 aa02"}, {nil, 1, "aa01"}, {[]string{"2"}, 2, "aa01 aa02"}, {[]string{"4"}, 2, "aa01 aa02 aa01 aa02"},
		{[]string{"lavapipe", "lavapipe"}, 2, "bb01 bb01"}, {[]string{"geforce", "geforce"}, 2, "aa01 aa02"}, {[]string{"aa02", "bb"}, 2, "aa02 bb01"},
	} {
		got, err := Select(list, c.words, c.want)
		if err != nil {
			t.Fatal(err)
		}
		var uuids []string
		for _, g := range got {
			uuids = append(uuids, g.UUID[:4])
		}
		if s := strings.Join(uuids, " "); s != c.uuids {
			t.Errorf("%v: %s, want %s", c.words, s, c.uuids)
		}
	}
	_, err := Select(list, []string{"geforce", "radeon"}, 2)
	for _, part := range []string{`no device matches "radeon"`, `"GeForce" (NVIDIA, aa010000`, `"GeForce" (NVIDIA, aa020000`, `"llvmpipe" (lavapipe, bb010000`} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v, want %s", err, part)
		}
	}
	for _, number := range []string{"0", "-1", "17"} {
		if _, err := Select(list, []string{number}, 2); err == nil || !strings.Contains(err.Error(), "1 to 16") {
			t.Errorf("%s devices: %v", number, err)
		}
	}
	if _, err := Select(nil, nil, 1); !errors.Is(err, ErrNoDevice) {
		t.Errorf("no devices: %v", err)
	}
	small := Info{Name: "GeForce GT", Driver: "NVIDIA", Type: "discrete"} // for the display
	if got, _ := Select([]Info{list[0], small}, nil, 2); len(got) != 1 || got[0].Name != "GeForce" {
		t.Errorf("two unlike cards by default: %v", got)
	}
	cpu := list[2:]
	if got, _ := Select(cpu, nil, 2); len(got) != 1 {
		t.Errorf("%d software devices by default", len(got))
	}
}

// A card's buffers for kernels lie in its own memory or nowhere; where the processor and
// the device share memory, it may be any.
func TestKernelsReadTheDevicesOwnMemory(t *testing.T) {
	for kind, want := range map[string][]int{"discrete": {1, 2}, "integrated": {1, 2, 0, 1, 2}} {
		d := &Device{info: Info{Type: kind}}
		d.info.MemoryTypes = []vk.MemoryType{{Flags: vk.MemoryHostVisible}, {Flags: vk.MemoryDeviceLocal}, {Flags: vk.MemoryDeviceLocal | vk.MemoryHostVisible}}
		if types, err := d.memoryTypes(0b111, Local); err != nil || !slices.Equal(types, want) {
			t.Errorf("%s: %v, %v; want %v", kind, types, err, want)
		}
		if types, err := d.memoryTypes(0b001, Local); err != nil || !slices.Contains(types, 0) {
			t.Errorf("%s with host memory alone: %v, %v", kind, types, err)
		}
	}
}

// What the host uploads goes straight to a discrete device's memory where the host sees
// all of it, and not into a small window.
func TestUploadsGoStraight(t *testing.T) {
	const host = vk.MemoryHostVisible | vk.MemoryHostCoherent
	for _, c := range []struct {
		kind string
		heap int
		want int
	}{{"discrete", 0, 2}, {"discrete", 2, 1}, {"integrated", 0, 1}} {
		d := &Device{info: Info{Type: c.kind}}
		d.info.MemoryTypes = []vk.MemoryType{{Flags: vk.MemoryDeviceLocal}, {Flags: host, Heap: 1}, {Flags: vk.MemoryDeviceLocal | host, Heap: c.heap}}
		if types, err := d.memoryTypes(0b111, Upload); err != nil || types[0] != c.want || !slices.Contains(types, 1) {
			t.Errorf("%v: %v, %v", c, types, err)
		}
	}
}
