package monitor

import "testing"

// TestKeepShots: however long a run is watched, the shots that are held are bounded, reach
// from the first to the newest, and their older lists stay as they are.
func TestKeepShots(t *testing.T) {
	var list []*Shot
	for i := range 20 * MostShots {
		before := list
		if list = KeepShots(append(list[:len(list):len(list)], &Shot{Step: i})); len(list) > MostShots {
			t.Fatalf("%d shots are held", len(list))
		}
		for k := 1; k < len(before); k++ {
			if before[k].Step <= before[k-1].Step {
				t.Fatalf("a list that was shown has step %d behind %d", before[k].Step, before[k-1].Step)
			}
		}
		if n := len(list); list[0].Step != 0 || list[n-1].Step != i {
			t.Fatalf("%d shots from step %d to %d, want 0 to %d", n, list[0].Step, list[n-1].Step, i)
		}
	}
	if len(list) < MostShots/2 {
		t.Errorf("%d shots are left", len(list))
	}
	even(t, list)
	many := make([]*Shot, 9*MostShots)
	for i := range many {
		many[i] = &Shot{Step: i}
	}
	got := KeepShots(many)
	if len(got) > MostShots || len(many) != 9*MostShots || many[1].Step != 1 {
		t.Errorf("of %d at once %d are left", len(many), len(got))
	}
	even(t, got)
}

// TestKeepShotsUneven: a run that was looked at often for a while is no better known there
// than elsewhere.
func TestKeepShotsUneven(t *testing.T) {
	var list []*Shot
	for step := 0; step < 20_000; step++ {
		if often := step > 5_000 && step < 6_000; often || step%100 == 0 {
			list = KeepShots(append(list, &Shot{Step: step}))
		}
	}
	even(t, list)
}

// even checks that no two shots are more than three times as far apart as they are on average.
func even(t *testing.T, list []*Shot) {
	t.Helper()
	most := 3 * (list[len(list)-1].Step - list[0].Step) / (len(list) - 1)
	for i, s := range list[1:] {
		if s.Step-list[i].Step > most {
			t.Fatalf("of %d shots none is kept between step %d and %d", len(list), list[i].Step, s.Step)
		}
	}
}
