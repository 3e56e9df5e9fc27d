package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"sort"
)

// reflection is what spirv-cross reads off a compiled kernel.
type reflection struct {
	bindings  []string // Go expressions of shaders.Access, by binding
	push      []field
	pushBytes int
	constants []field
}

// field is a 4-byte scalar, or an array of them in a push block, or a specialization
// constant.
type field struct {
	name, goType string
	id           int // of a specialization constant
}

// member is one of a block's.
type member struct {
	Name, Type string
	Offset     int
	Array      []int
}

var goTypes = map[string]string{"uint": "uint32", "int": "int32", "float": "float32", "bool": "bool"}

func reflect(spv string) (reflection, error) {
	out, err := exec.Command("spirv-cross", spv, "--reflect").Output()
	if err != nil {
		return reflection{}, fmt.Errorf("spirv-cross: %w", err)
	}
	var doc struct {
		Types map[string]struct{ Members []member }
		Ssbos []struct {
			Binding             int
			Readonly, Writeonly bool
		}
		PushConstants []struct{ Type string } `json:"push_constants"`
		Constants     []struct {
			Name, Type string
			ID         int
		} `json:"specialization_constants"`
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		return reflection{}, fmt.Errorf("spirv-cross: %w", err)
	}
	var r reflection
	r.bindings = make([]string, len(doc.Ssbos))
	for _, b := range doc.Ssbos {
		if b.Binding >= len(r.bindings) {
			return r, fmt.Errorf("bindings are not 0..%d", len(doc.Ssbos)-1)
		}
		r.bindings[b.Binding] = "Read | Write"
		if b.Readonly {
			r.bindings[b.Binding] = "Read"
		} else if b.Writeonly {
			r.bindings[b.Binding] = "Write"
		}
	}
	for _, p := range doc.PushConstants {
		if err := r.addPush(doc.Types[p.Type].Members); err != nil {
			return r, err
		}
	}
	seen := map[int]bool{}
	for _, c := range doc.Constants {
		if c.Name == "" || seen[c.ID] {
			continue // the workgroup size names its constant a second time
		}
		seen[c.ID] = true
		r.constants = append(r.constants, field{name: c.Name, goType: goTypes[c.Type], id: c.ID})
	}
	sort.Slice(r.constants, func(i, j int) bool { return r.constants[i].id < r.constants[j].id })
	return r, nil
}

// addPush adds the push constants of a block.
func (r *reflection) addPush(members []member) error {
	end := 0
	for _, m := range members {
		goType, ok := goTypes[m.Type]
		if !ok || m.Offset != end || len(m.Array) > 1 {
			return fmt.Errorf("push constant %s: %s at %d: only 4-byte scalars and rows of them, without gaps", m.Name, m.Type, m.Offset)
		}
		end += 4
		for _, n := range m.Array {
			goType, end = fmt.Sprintf("[%d]%s", n, goType), end+4*(n-1)
		}
		r.push = append(r.push, field{name: m.Name, goType: goType})
	}
	r.pushBytes = end
	return nil
}
