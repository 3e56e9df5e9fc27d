package viewer

import (
	"testing"

	"alexnet/train/monitor"
)

// TestLettersInFields: while a field has the focus, letters are text.
func TestLettersInFields(t *testing.T) {
	a, source, _ := with(t, sample(), 1440, 900, 1)
	press(a, "R")
	typed(a, "vs3?")
	nothingSent(t, source)
	if a.page != kernelsTab || a.cover != nil || string(a.field.text) != "vs3?" {
		t.Errorf("page %d, cover %v, text %q", a.page, a.cover, string(a.field.text))
	}
	press(a, "Backspace")
	if string(a.field.text) != "vs3" {
		t.Errorf("after Backspace %q", string(a.field.text))
	}
}

// TestKeysInFields: while one types, no key steers the run.
func TestKeysInFields(t *testing.T) {
	a, source, _ := with(t, sample(), 1440, 900, 1)
	for _, id := range []string{"Momentum", "rate"} {
		click(t, a, id)
		typed(a, "0.5")
		press(a, "Ctrl+Z", "Ctrl+Up", "Ctrl+Down", "Ctrl+0")
		nothingSent(t, source)
		if a.field == nil || string(a.field.text) != "0.5" {
			t.Errorf("%s: it types into %+v", id, a.field)
		}
		press(a, "Esc", "Ctrl+Down")
		if got := sent(t, source); got.Verb != monitor.ScaleRate {
			t.Errorf("%s: behind the field it sent %+v", id, got)
		}
	}
	click(t, a, "Momentum")
	if press(a, "Ctrl+Q"); a.cover == nil {
		t.Error("a field keeps the window from closing")
	}
}

// TestRateOnTheWall: who types a rate in the wall view sees what is typed.
func TestRateOnTheWall(t *testing.T) {
	a, source, _ := with(t, sample(), 1440, 900, 1)
	press(a, "W", "R")
	if _, _, is := a.find("rate"); !is || a.wall || a.field == nil {
		t.Fatalf("the field is drawn: %t, on the wall %t, typing into %+v", is, a.wall, a.field)
	}
	typed(a, "0.02")
	press(a, "Enter")
	if got := sent(t, source); got.Verb != monitor.SetRate || got.Value != 0.02 {
		t.Errorf("it sent %+v", got)
	}
}
