package data

import "testing"

func TestSpreadTakesAllClasses(t *testing.T) {
	set := Spread(NewGenerated(1, 100), 20)
	if set.Len() != 20 || set.Name(19) != "generated image 95 of seed 1" || set.Label(19) != 15 {
		t.Errorf("%d images, the last is %s of class %d", set.Len(), set.Name(19), set.Label(19))
	}
	a, b := make([]byte, 3*GeneratedSize*GeneratedSize), make([]byte, 3*GeneratedSize*GeneratedSize)
	if err := set.Pixels(1, a); err != nil {
		t.Fatal(err)
	}
	if err := NewGenerated(1, 100).Pixels(5, b); err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Error("image 1 is not image 5 of the set")
	}
	if all := Spread(set, 30); all.Len() != 20 {
		t.Errorf("%d of 20 images", all.Len())
	}
}
