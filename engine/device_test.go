package engine

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"alexnet/shaders"
)

// eachDevice runs a test on every device present. Without one it skips, or
// fails under REQUIRE_VULKAN=1.
func eachDevice(t *testing.T, f func(t *testing.T, d *Device)) {
	list, err := Devices()
	if err != nil {
		if os.Getenv("REQUIRE_VULKAN") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	for _, info := range list {
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
		a, b := mustBuffer(t, d, "a", 1<<16, Local), mustBuffer(t, d, "b", 1<<16, Local)
		s := d.NewSequence("test")
		p, err := s.Profile()
		if err != nil {
			t.Fatal(err)
		}
		s.Zero(a.Whole())
		s.Copy(b.Whole(), a.Whole())
		if err := s.End(); err != nil {
			t.Fatal(err)
		}
		if err := d.Run(s); err != nil {
			t.Fatal(err)
		}
		times, err := p.Read()
		if err != nil || len(times) != 1 || times[0].Name != "copy" || times[0].Time < 0 {
			t.Fatalf("%v, %v", times, err)
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
	if _, err := Select(list, []string{"radeon"}, 2); err == nil || !strings.Contains(err.Error(), `"radeon"`) || !strings.Contains(err.Error(), "GeForce") {
		t.Errorf("%v", err)
	}
	cpu := list[2:]
	if got, _ := Select(cpu, nil, 2); len(got) != 1 {
		t.Errorf("%d software devices by default", len(got))
	}
}

func TestSelfTestFindsShortLoops(t *testing.T) {
	got := make([]uint32, 192)
	for i := range 64 {
		got[i] = 65535
	}
	wrong := checkSelfTest(got, make([]float32, 64))
	err := SelfTestError(&Info{Name: "llvmpipe", Driver: "lavapipe", DriverInfo: "Mesa 22.3.6"}, wrong)
	if err == nil || !strings.Contains(err.Error(), "65535 of 80000") || !strings.Contains(err.Error(), "bookworm-backports") {
		t.Errorf("%v", err)
	}
}
