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

// writeTurned writes a square image to dst as (y, x, colour) bytes, turned from
// its orientation to upright.
func writeTurned(dst []byte, img *image.RGBA, orientation int) {
	size := img.Rect.Dx()
	// A pixel's place in the file is start + x*right + y*down, in pixels.
	last := size - 1
	var start, right, down int
	switch orientation {
	case 2: // mirrored left to right
		start, right, down = last, -1, size
	case 3: // upside down
		start, right, down = last*size+last, -1, -size
	case 4: // mirrored top to bottom
		start, right, down = last*size, 1, -size
	case 5: // mirrored along the main diagonal
		start, right, down = 0, size, 1
	case 6: // to be turned clockwise
		start, right, down = last*size, -size, 1
	case 7: // mirrored along the other diagonal
		start, right, down = last*size+last, -size, -1
	case 8: // to be turned anticlockwise
		start, right, down = last, size, -1
	default:
		start, right, down = 0, 1, size
	}
	at := 0
	for y := range size {
		from := start + y*down
		for range size {
			copy(dst[at:at+3], img.Pix[4*from:])
			at, from = at+3, from+right
		}
	}
}
