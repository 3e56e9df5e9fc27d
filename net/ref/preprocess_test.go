package ref

import "testing"

// A 3x4 image whose bytes are 100 row + 10 column + channel, less a mean of
// 1000 channel + 10 row + column.
func TestPreprocess(t *testing.T) {
	const height, width = 3, 4
	image, mean := make([]uint8, 3*height*width), make([]float64, 3*height*width)
	for r := range height {
		for s := range width {
			for c := range 3 {
				image[(r*width+s)*3+c] = uint8(100*r + 10*s + c)
				mean[(c*height+r)*width+s] = float64(1000*c + 10*r + s)
			}
		}
	}
	// Pixel (r, s) of channel c less its mean: 90 r + 9 s - 999 c.
	for _, c := range []struct {
		name string
		crop Crop
		want []float64
	}{
		{"crop", Crop{X: 2, Y: 1, Size: 2}, []float64{
			108, 117, 198, 207,
			-891, -882, -801, -792,
			-1890, -1881, -1800, -1791}},
		{"mirrored", Crop{X: 2, Y: 1, Size: 2, Mirror: true}, []float64{
			117, 108, 207, 198,
			-882, -891, -792, -801,
			-1881, -1890, -1791, -1800}},
		{"mirrored and shifted", Crop{X: 0, Y: 0, Size: 2, Mirror: true, Shift: [3]float64{0.5, -1, 2}}, []float64{
			9.5, 0.5, 99.5, 90.5,
			-991, -1000, -901, -910,
			-1987, -1996, -1897, -1906}},
	} {
		y := Preprocess(image, height, width, mean, c.crop)
		if !y.SameShape(New(1, 3, 2, 2)) {
			t.Fatalf("%s: shape %v; expected (1, 3, 2, 2)", c.name, y)
		}
		checkValues(t, c.name, y.Data, c.want, 0)
	}
	checkPanics(t, "crop", "does not lie in an image of 4x3 pixels", func() {
		Preprocess(image, height, width, mean, Crop{X: 2, Y: 2, Size: 2})
	})
	checkPanics(t, "mean", "a mean image of 35 values", func() {
		Preprocess(image, height, width, mean[:35], Crop{Size: 2})
	})
}
