package ref

import "testing"

// Two steps with the paper's momentum, worked out by hand: rate 0.1, decay 0.5.
func TestUpdate(t *testing.T) {
	w, v, g := []float64{2, -1}, []float64{0, 0.5}, []float64{1, 0}
	Update(w, v, g, 0.1, 0.9, 0.5)
	// v = -0.05*2 - 0.1*1 = -0.2 and 0.45 + 0.05 = 0.5
	checkValues(t, "v", v, []float64{-0.2, 0.5}, 1e-15)
	checkValues(t, "w", w, []float64{1.8, -0.5}, 1e-15)
	Update(w, v, g, 0.1, 0.9, 0)
	// v = -0.18 - 0.1 = -0.28 and 0.45
	checkValues(t, "v again", v, []float64{-0.28, 0.45}, 1e-15)
	checkValues(t, "w again", w, []float64{1.52, -0.05}, 1e-15)
	checkPanics(t, "lengths", "expected equal numbers", func() { Update(w, v, g[:1], 0.1, 0.9, 0) })
}
