package data

import (
	"bytes"
	"encoding/binary"
	"image"
)

// upright is the orientation of a picture whose first row is its top and whose
// first column is its left side; the others are numbered as in Exif.
const upright = 1

// orientation is the Exif orientation 1..8 of a JPEG file (CIPA DC-008, tag
// 0x0112), upright if there is none or it makes no sense.
func orientation(file []byte) int {
	const (
		startOfScan = 0xDA
		endOfImage  = 0xD9
		app1        = 0xE1
	)
	for at := 2; at+4 <= len(file) && file[at] == 0xFF; {
		marker := file[at+1]
		if marker == 0xFF { // fill byte
			at++
			continue
		}
		length := int(binary.BigEndian.Uint16(file[at+2:])) // counts itself
		end := at + 2 + length
		if marker == startOfScan || marker == endOfImage || length < 2 || end > len(file) {
			break
		}
		if exif, ok := bytes.CutPrefix(file[at+4:end], []byte("Exif\x00\x00")); ok && marker == app1 {
			return tiffOrientation(exif)
		}
		at = end
	}
	return upright
}

// tiffOrientation looks the tag up in the first directory of a TIFF block.
func tiffOrientation(tiff []byte) int {
	const (
		tag       = 0x0112
		short     = 3
		entrySize = 12 // tag, type, count, value
	)
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return upright
	}
	entries := int(order.Uint16(tiff[at:]))
	rest := tiff[at+2:]
	for ; entries > 0 && len(rest) >= entrySize; entries, rest = entries-1, rest[entrySize:] {
		if order.Uint16(rest) != tag || order.Uint16(rest[2:]) != short {
			continue
		}
		if o := int(order.Uint16(rest[8:])); o >= 1 && o <= 8 {
			return o
		}
		break
	}
	return upright
}

// sideways says whether width and height change places.
func sideways(orientation int) bool { return orientation >= 5 && orientation <= 8 }

// turned is an image, which begins at (0, 0), turned from its orientation to upright.
func turned(img *image.RGBA, orientation int) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	// A pixel's place in the file is start + x*right + y*down, in pixels.
	right, bottom := w-1, (h-1)*w // the last column and row
	var start, across, down int
	switch orientation {
	case 2: // mirrored left to right
		start, across, down = right, -1, w
	case 3: // upside down
		start, across, down = bottom+right, -1, -w
	case 4: // mirrored top to bottom
		start, across, down = bottom, 1, -w
	case 5: // mirrored along the main diagonal
		start, across, down = 0, w, 1
	case 6: // to be turned clockwise
		start, across, down = bottom, -w, 1
	case 7: // mirrored along the other diagonal
		start, across, down = bottom+right, -w, -1
	case 8: // to be turned anticlockwise
		start, across, down = right, w, -1
	default:
		return img
	}
	if sideways(orientation) {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	at := 0
	for y := range h {
		from := start + y*down
		for range w {
			copy(out.Pix[at:at+4], img.Pix[4*from:])
			at, from = at+4, from+across
		}
	}
	return out
}
