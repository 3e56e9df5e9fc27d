package engine

import (
	"fmt"
	"math"

	"alexnet/shaders"
)

// SelfTest runs a kernel that drivers are known to get wrong and compares its
// results. The error says what to install instead.
func SelfTest(d *Device) error {
	wrong, err := selfTest(d)
	if err != nil {
		return fmt.Errorf("engine: self-test: %w", err)
	}
	return SelfTestError(&d.info, wrong)
}

// SelfTestError turns what the self-test found wrong ("" for nothing) into the
// sentence that the user reads.
func SelfTestError(info *Info, wrong string) error {
	if wrong == "" {
		return nil
	}
	advice := "install a newer driver"
	if info.Driver == "lavapipe" {
		advice = "install Mesa 23 or newer (Debian 12: apt-get install -t bookworm-backports mesa-vulkan-drivers)"
	}
	return fmt.Errorf("engine: %s (%s %s) computes wrong results: %s; %s", info.Name, info.Driver, info.DriverInfo, wrong, advice)
}

const selfTestOuter, selfTestInner = 400, 200 // 80,000 iterations: above 65,535

func selfTest(d *Device) (wrong string, err error) {
	kernel, err := NewKernel(d, shaders.SelfTest, shaders.None{})
	if err != nil {
		return "", err
	}
	in, err := d.NewBuffer("self-test input", 64*4, Upload)
	if err != nil {
		return "", err
	}
	defer in.Free()
	out, err := d.NewBuffer("self-test output", 192*4, Readback)
	if err != nil {
		return "", err
	}
	defer out.Free()
	for i := range in.Floats() {
		in.Floats()[i] = float32(i) * 0.5
	}
	s := d.NewSequence("self-test")
	defer s.Free()
	kernel.Dispatch(s, "self-test", Groups{1, 1, 1}, shaders.SelfTestPush{Outer: selfTestOuter, Inner: selfTestInner}, in.Whole(), out.Whole())
	if err := s.End(); err != nil {
		return "", err
	}
	if err := d.Run(s); err != nil {
		return "", err
	}
	if d.options.spoil != nil {
		d.options.spoil(out.Words())
	}
	return checkSelfTest(out.Words(), in.Floats()), nil
}

// checkSelfTest names the first wrong result, "" if there is none.
func checkSelfTest(got []uint32, in []float32) string {
	for i := range uint32(64) {
		if n := got[i]; n != selfTestOuter*selfTestInner {
			return fmt.Sprintf("loops end after %d of %d iterations", n, selfTestOuter*selfTestInner)
		}
		if n := got[64+i]; n != (63-i)*(63-i) {
			return fmt.Sprintf("shared memory holds %d instead of %d", n, (63-i)*(63-i))
		}
		want := 1.25 * float64(in[i])
		if v := math.Float32frombits(got[128+i]); math.Abs(float64(v)-want) > 1e-5*want {
			return fmt.Sprintf("arithmetic gives %v instead of %v", v, want)
		}
	}
	return ""
}
