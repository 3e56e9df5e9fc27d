package data

import (
	"encoding/base64"
	"testing"
)

// Images of 32 x 32 pixels, white and black above red (220, 40, 30) and blue (20, 60, 200),
// that cwebp wrote as lossy WebP; in the second one red is half transparent and blue wholly.
const (
	lossyWebP = "UklGRmIAAABXRUJQVlA4IFYAAACQBACdASogACAAPjEUiEKiISEYBAAgAwSgCADBCeAfgB+wHGBdgP2AAyWHXQAA/v98nN/+HbX/E4D//6KHFDi7Mm///U0vsrO8/q4Zmz/AIlbbLlwAAA=="
	clearWebP = "UklGRpoAAABXRUJQVlA4WAoAAAAQAAAAHwAAHwAAQUxQSB0AAAABFyAQSFKffI2ICAcyaZuYnMl63R/R/wnY/Sr4BQBWUDggVgAAAJAEAJ0BKiAAIAA+MRSIQqIhIRgEACADBKAIAMEJ4B+AH7AcYF2A/YADJYddAAD+/3yc3/4dtf8TgP//oocUOLsyb//9TS+ys7z+rhmbP8AiVtsuXAAA"
)

func TestReadImageOfLossyWebP(t *testing.T) {
	white, black := [3]byte{255, 255, 255}, [3]byte{}
	for _, c := range []struct {
		name, file string
		want       [4][3]byte // above, then below
	}{
		{"opaque", lossyWebP, [4][3]byte{white, black, {220, 40, 30}, {20, 60, 200}}},
		{"transparent", clearWebP, [4][3]byte{white, black, {237, 147, 142}, white}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, err := base64.StdEncoding.DecodeString(c.file)
			if err != nil {
				t.Fatal(err)
			}
			got := pixels(t, file, 32)
			for i, want := range c.want {
				wantPixel(t, got, 32, 8+16*(i%2), 8+16*(i/2), want, 2)
			}
		})
	}
}
