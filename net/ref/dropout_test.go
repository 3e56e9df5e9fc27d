package ref

import "testing"

func TestDropout(t *testing.T) {
	x := From(2, 2, 1, 1, []float64{1, 2, 3, 4})
	keep := []bool{true, false, false, true}
	checkValues(t, "training", Dropout(x, keep).Data, []float64{1, 0, 0, 4}, 0)
	checkValues(t, "training backward", DropoutBackward(x, keep).Data, []float64{1, 0, 0, 4}, 0)
	checkValues(t, "testing", DropoutTest(x, 0.25).Data, []float64{0.75, 1.5, 2.25, 3}, 0)
	checkValues(t, "testing backward", DropoutTestBackward(x, 0.25).Data, []float64{0.75, 1.5, 2.25, 3}, 0)
	checkPanics(t, "mask", "a mask of 3 units; expected 4", func() { Dropout(x, keep[:3]) })
}

// The backward functions against central differences of the forward ones.
func TestDropoutBackward(t *testing.T) {
	x, dy := From(1, 3, 1, 1, []float64{1, -2, 3}), From(1, 3, 1, 1, []float64{0.5, 2, -1})
	keep := []bool{true, false, true}
	loss := func() float64 { return dot(Dropout(x, keep).Data, dy.Data) }
	checkGradient(t, "training", loss, x.Data, DropoutBackward(dy, keep).Data, 1e-9)
	loss = func() float64 { return dot(DropoutTest(x, 0.3).Data, dy.Data) }
	checkGradient(t, "testing", loss, x.Data, DropoutTestBackward(dy, 0.3).Data, 1e-9)
}
