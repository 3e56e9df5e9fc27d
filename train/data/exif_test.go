package data

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"testing"
)

// withExif puts an APP0 and an Exif segment with one orientation behind the
// start of a JPEG file.
func withExif(file []byte, order binary.AppendByteOrder, mark string, orientation uint16) []byte {
	tiff := append([]byte(mark), order.AppendUint16(nil, 42)...)
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2) // entries
	for _, e := range []struct{ tag, kind, value uint16 }{{0x0100, 3, 7}, {0x0112, 3, orientation}} {
		tiff = order.AppendUint16(order.AppendUint16(tiff, e.tag), e.kind)
		tiff = order.AppendUint32(tiff, 1)
		tiff = order.AppendUint16(order.AppendUint16(tiff, e.value), 0)
	}
	payload := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{}, file[:2]...)
	out = append(out, 0xFF, 0xE0, 0, 4, 'J', 'F', 0xFF) // and a fill byte
	out = append(out, 0xFF, 0xE1)
	out = binary.BigEndian.AppendUint16(out, uint16(2+len(payload)))
	return append(append(out, payload...), file[2:]...)
}

func TestOrientation(t *testing.T) {
	file := encoded(t, plain(16, 16, color.Black), encodeJPEG)
	if got := orientation(file); got != upright {
		t.Errorf("without Exif %d", got)
	}
	for o := range uint16(12) {
		want := int(o)
		if o < 1 || o > 8 {
			want = upright
		}
		little := withExif(file, binary.LittleEndian, "II", o)
		big := withExif(file, binary.BigEndian, "MM", o)
		if a, b := orientation(little), orientation(big); a != want || b != want {
			t.Errorf("orientation %d is read as %d and %d", o, a, b)
		}
		for n := range little { // no cut file may panic
			orientation(little[:n])
			tiffOrientation(little[n:])
		}
	}
}

func TestTurned(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 3, 2))
	for i, c := range "abcdef" {
		copy(img.Pix[4*i:], []byte{byte(c), byte(c), byte(c), 255})
	}
	// Exif: the stored first row and column are the picture's ...
	for o, want := range map[int]string{
		1: "abc/def",  // top, left
		2: "cba/fed",  // top, right
		3: "fed/cba",  // bottom, right
		4: "def/abc",  // bottom, left
		5: "ad/be/cf", // left, top
		6: "da/eb/fc", // right, top
		7: "fc/eb/da", // right, bottom
		8: "cf/be/ad", // left, bottom
	} {
		out := turned(img, o)
		dst := make([]byte, 18)
		RGB(dst, out)
		got := ""
		for i := range 6 {
			if i > 0 && i%out.Rect.Dx() == 0 {
				got += "/"
			}
			got += string(rune(dst[3*i]))
		}
		if got != want {
			t.Errorf("orientation %d gives %s, want %s", o, got, want)
		}
	}
}

// A photograph that was taken with the camera turned comes out upright.
func TestReadImageTurns(t *testing.T) {
	img := plain(32, 16, color.NRGBA{0, 0, 255, 255})
	draw.Draw(img, image.Rect(0, 0, 16, 16), image.NewUniform(color.NRGBA{255, 0, 0, 255}), image.Point{}, draw.Src)
	file := encoded(t, img, encodeJPEG)
	got := pixels(t, file, 8)
	wantPixel(t, got, 8, 0, 4, [3]byte{254, 0, 0}, 6)
	wantPixel(t, got, 8, 7, 4, [3]byte{0, 0, 254}, 6)
	got = pixels(t, withExif(file, binary.BigEndian, "MM", 6), 8)
	wantPixel(t, got, 8, 4, 0, [3]byte{254, 0, 0}, 6)
	wantPixel(t, got, 8, 4, 7, [3]byte{0, 0, 254}, 6)
}
