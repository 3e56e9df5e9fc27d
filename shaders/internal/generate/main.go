// Generate compiles the kernels of the current folder (*.comp) to spv/*.spv,
// validates them and writes kernels_gen.go: each kernel's bindings, push
// constants and specialization constants as Go types. It needs glslangValidator,
// spirv-val and spirv-cross (Debian: glslang-tools, spirv-tools, spirv-cross).
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"alexnet/shaders/internal/source"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate() error {
	if err := writeWinograd(); err != nil {
		return err
	}
	files, err := filepath.Glob("*.comp")
	if err != nil {
		return err
	}
	if err := os.MkdirAll("spv", 0o755); err != nil {
		return err
	}
	var kernels []kernel
	for _, file := range files {
		k, err := compile(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		kernels = append(kernels, k)
	}
	text, err := format.Source(write(kernels))
	if err != nil {
		return err
	}
	return os.WriteFile("kernels_gen.go", text, 0o644)
}

// kernel is all that the Go file says of one .comp file.
type kernel struct {
	file, name, goName string
	pushFile           string // declares the push block
	reflection
	hash                     string
	int64, subgroup, address bool
}

func compile(file string) (kernel, error) {
	name := strings.TrimSuffix(file, ".comp")
	spv := filepath.Join("spv", name+".spv")
	text, err := source.Expand(os.DirFS("."), file)
	if err != nil {
		return kernel{}, err
	}
	address := strings.Contains(text, "GL_EXT_buffer_reference :")
	target := "vulkan1.1"
	if address {
		target = "vulkan1.2" // which has buffer addresses
	}
	if err := tool("glslangValidator", "-V", "--target-env", target, file, "-o", spv); err != nil {
		return kernel{}, err
	}
	if err := tool("spirv-val", "--target-env", target, spv); err != nil {
		return kernel{}, err
	}
	r, err := reflect(spv)
	if err != nil {
		return kernel{}, err
	}
	home, err := source.Declares(os.DirFS("."), file, "push_constant")
	if err != nil {
		return kernel{}, err
	}
	return kernel{
		file: file, name: name, goName: camel(name), pushFile: home, reflection: r,
		hash:     source.Hash(text),
		int64:    strings.Contains(text, "explicit_arithmetic_types_int64"),
		subgroup: strings.Contains(text, "KHR_shader_subgroup"),
		address:  address,
	}, nil
}

// pushType is the Go name of the push block, after the file that declares it.
func (k *kernel) pushType() string { return camel(strings.SplitN(k.pushFile, ".", 2)[0]) + "Push" }

func tool(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, bytes.TrimSpace(out))
	}
	return nil
}

var acronyms = map[string]string{"nt": "NT", "tn": "TN", "lrn": "LRN", "sgd": "SGD", "selftest": "SelfTest"}

// camel turns conv_nt_plain into ConvNTPlain.
func camel(name string) string {
	var b strings.Builder
	for _, part := range strings.Split(strings.ToLower(name), "_") {
		if a, ok := acronyms[part]; ok {
			b.WriteString(a)
		} else if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}
