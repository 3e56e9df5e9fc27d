package net

import (
	"testing"

	"alexnet/engine/enginetest"
)

// The smallest problems are ones that every candidate can run.
func TestCandidatesCompileAhead(t *testing.T) {
	for _, d := range enginetest.Open(t) {
		for _, name := range candidates(d, ntCandidates) {
			if err := compileNT(d, name, false); err != nil {
				t.Errorf("%s: nt %s: %v", d.Name(), name, err)
			}
		}
		for _, name := range candidates(d, tnCandidates) {
			if !tnFits(name, compileChannels) {
				t.Errorf("tn %s does not fit the channels", name)
			}
			if err := compileTN(d, name, false); err != nil {
				t.Errorf("%s: tn %s: %v", d.Name(), name, err)
			}
		}
	}
}
