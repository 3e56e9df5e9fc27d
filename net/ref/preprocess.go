package ref

// Crop is a choice of augmentation for one use of one image.
type Crop struct {
	X, Y   int        // of the crop's upper left corner in the image, pixels
	Size   int        // height and width of the crop, pixels
	Mirror bool       // swap left and right
	Shift  [3]float64 // added to every pixel's R, G and B, in 0..255 units
}

// Preprocess cuts what the first layer sees out of an image (paper, sections 2
// and 4.1). image is (height, width, 3) interleaved R, G, B; mean is the training
// set's mean image, (3, height, width); the result is (1, 3, Size, Size). The mean
// is taken at the crop's own place, then the crop is mirrored, then shifted:
//
//	y[c,p,q] = image[Y+p, X+q', c] - mean[c, Y+p, X+q'] + Shift[c],  q' = Size-1-q if Mirror else q
func Preprocess(image []uint8, height, width int, mean []float64, crop Crop) *Tensor {
	check(len(image) == 3*height*width, "preprocess: an image of %d bytes; expected %d for %dx%d pixels", len(image), 3*height*width, width, height)
	check(len(mean) == 3*height*width, "preprocess: a mean image of %d values; expected %d for %dx%d pixels", len(mean), 3*height*width, width, height)
	check(crop.Size >= 1 && crop.X >= 0 && crop.Y >= 0 && crop.X+crop.Size <= width && crop.Y+crop.Size <= height,
		"preprocess: a crop of %d pixels at (%d, %d) does not lie in an image of %dx%d pixels", crop.Size, crop.X, crop.Y, width, height)
	y := New(1, 3, crop.Size, crop.Size)
	for c := range 3 {
		for p := range crop.Size {
			for q := range crop.Size {
				row, column := crop.Y+p, crop.X+q
				if crop.Mirror {
					column = crop.X + crop.Size - 1 - q
				}
				v := float64(image[(row*width+column)*3+c]) - mean[(c*height+row)*width+column]
				y.Set(0, c, p, q, v+crop.Shift[c])
			}
		}
	}
	return y
}
