package engine

import (
	"testing"
	"time"
)

// A processor or GPU of these days does between 1 GFLOP/s and 1 PFLOP/s, and
// copies between 100 MB/s and 100 TB/s: what lies outside was not computed or
// not counted right.
func TestPeaksAreOfThisWorld(t *testing.T) {
	eachDevice(t, func(t *testing.T, d *Device) {
		before, sequences := d.InUse(), len(d.sequences)
		peaks, err := MeasurePeaks([]*Device{d})
		if err != nil {
			t.Fatal(err)
		}
		t.Log(peaks[0])
		if p := peaks[0]; p.Flops < 1e9 || p.Flops > 1e15 || p.Copy < 1e8 || p.Copy > 1e14 {
			t.Errorf("%v", p)
		}
		if d.InUse() > before+blockSize || len(d.sequences) != sequences {
			t.Errorf("%d bytes and %d sequences stay; before %d and %d", d.InUse(), len(d.sequences), before, sequences)
		}
	})
}

// TestPeakCounts checks the amount of work that a load claims against the time
// that it takes: twice the work, twice the time.
func TestPeakCounts(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	eachDevice(t, func(t *testing.T, d *Device) {
		for name, newLoad := range map[string]func(*Device) (*load, error){
			"multiply-adds": func(d *Device) (*load, error) { return multiplyAdds(d, peakGroups[0]) },
			"copy":          copyByKernel,
		} {
			l, err := newLoad(d)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.calibrate(); err != nil {
				t.Fatal(err)
			}
			best := map[int]float64{}
			units := l.units
			for range 5 {
				for _, n := range []int{1, 4} {
					l.units = n * units
					start := time.Now()
					if err := l.run(); err != nil {
						t.Fatal(err)
					}
					took := time.Since(start).Seconds()
					if old := best[n]; old == 0 || took < old {
						best[n] = took
					}
				}
			}
			if r := best[4] / best[1]; r < 2 || r > 8 { // other programs disturb
				t.Errorf("%s: four times the work takes %.1f times as long", name, r)
			}
			for _, b := range l.free {
				b.Free()
			}
		}
	})
}

// Two logical devices of one processor share it: both together do not do much
// more than one alone.
func TestPeaksSideBySide(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	a, b := openPair(t)
	defer a.Close()
	defer b.Close()
	if !a.Info().CPU() {
		t.Skip("devices may be two")
	}
	alone, together := 0.0, 0.0
	for i := range 3 { // alone, both, alone: another program may end meanwhile
		devices := []*Device{a, b}[:1+i%2]
		peaks, err := MeasurePeaks(devices)
		if err != nil {
			t.Fatal(err)
		}
		if t.Log(peaks); len(devices) == 1 {
			alone = max(alone, peaks[0].Flops)
		} else {
			together = peaks[0].Flops + peaks[1].Flops
		}
	}
	if together > 1.6*alone {
		t.Errorf("%.1f GFLOP/s together, %.1f alone", together/1e9, alone/1e9)
	}
}
