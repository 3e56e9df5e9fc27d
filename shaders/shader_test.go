package shaders

import (
	"os"
	"testing"

	"alexnet/shaders/internal/source"
)

// The committed SPIR-V must come from the committed sources.
func TestGeneratedFromSources(t *testing.T) {
	for _, m := range All {
		text, err := source.Expand(os.DirFS("."), m.Name+".comp")
		if err != nil {
			t.Fatal(err)
		}
		if source.Hash(text) != m.Hash {
			t.Errorf("%s.comp or a file it includes changed after `go generate ./shaders`: run it again", m.Name)
		}
	}
}

func TestLimitsOfTheSpecification(t *testing.T) {
	for _, m := range All {
		if m.PushBytes > 256 || m.PushBytes > 128 && !m.Needs.Push {
			t.Errorf("%s: %d bytes of push constants; Vulkan 1.0 promises 128, 1.4 256", m.Name, m.PushBytes)
		}
		if len(m.Bindings) > 8 {
			t.Errorf("%s: %d bindings; Vulkan promises few", m.Name, len(m.Bindings))
		}
		if len(m.Code) == 0 || len(m.Code)%4 != 0 {
			t.Errorf("%s: %d bytes of SPIR-V", m.Name, len(m.Code))
		}
	}
}
