// Generate compiles the kernels of the current folder (*.comp) to spv/*.spv,
// validates them and writes kernels_gen.go: each kernel's bindings, push
// constants and specialization constants as Go types. It needs glslangValidator,
// spirv-val and spirv-cross (Debian: glslang-tools, spirv-tools, spirv-cross), and for
// cooperative matrices glslangValidator 14 or newer (matrix.go).
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	hash  string
	needs []string // fields of shaders.Features
}

// features are the words of a source that needs a feature of the device.
var features = []struct{ word, name string }{
	{"explicit_arithmetic_types_int64", "Int64"},
	{"KHR_shader_subgroup", "Subgroup"},
	{"GL_EXT_buffer_reference :", "Address"},
	{"explicit_arithmetic_types_float16", "Float16"},
	{cooperative, "Matrix"},
}

func needs(text string) []string {
	var out []string
	for _, f := range features {
		if strings.Contains(text, f.word) {
			out = append(out, f.name)
		}
	}
	return out
}

func compile(file string) (kernel, error) {
	name := strings.TrimSuffix(file, ".comp")
	spv := filepath.Join("spv", name+".spv")
	text, err := source.Expand(os.DirFS("."), file)
	if err != nil {
		return kernel{}, err
	}
	wants := needs(text)
	matrix := slices.Contains(wants, "Matrix")
	target := "vulkan1.1"
	if matrix || slices.Contains(wants, "Address") {
		target = "vulkan1.2" // which has Vulkan's memory model and buffer addresses
	}
	if err := tool(compiler("glslangValidator", matrix), "-V", "--target-env", target, file, "-o", spv); err != nil {
		return kernel{}, err
	}
	if err := tool(compiler("spirv-val", matrix), "--target-env", target, spv); err != nil {
		return kernel{}, err
	}
	reflectOn := reflect
	if matrix {
		reflectOn = func(string) (reflection, error) { return reflectDeclarations(text, target) }
	}
	r, err := reflectOn(spv)
	if err != nil {
		return kernel{}, err
	}
	home, err := source.Declares(os.DirFS("."), file, "push_constant")
	if err != nil {
		return kernel{}, err
	}
	if r.pushBytes > 128 {
		wants = append(wants, "Push")
	}
	return kernel{
		file: file, name: name, goName: camel(name), pushFile: home, reflection: r,
		hash: source.Hash(text), needs: wants,
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
