package main

import (
	"os"
	"path/filepath"
	"strings"
)

// cooperative is the word by which kernels of cooperative matrices are known.
const cooperative = "GL_KHR_cooperative_matrix"

// compiler returns the tool that compiles or checks a kernel. Debian 12's know no
// cooperative matrices: setup.sh puts Debian 13's into the user's data folder.
func compiler(name string, matrix bool) string {
	data := os.Getenv("XDG_DATA_HOME")
	if home, err := os.UserHomeDir(); data == "" && err == nil {
		data = filepath.Join(home, ".local", "share")
	}
	newer := filepath.Join(data, "alexnet", "shader-tools", name)
	if _, err := os.Stat(newer); err != nil || !matrix {
		return name
	}
	return newer
}

// reflectDeclarations reflects on a source without its main: spirv-cross knows no
// cooperative matrices, which only main computes with.
func reflectDeclarations(text, target string) (reflection, error) {
	dir, err := os.MkdirTemp("", "declarations")
	if err != nil {
		return reflection{}, err
	}
	defer os.RemoveAll(dir)
	head, _, _ := strings.Cut(text, "\nvoid main()")
	file, spv := filepath.Join(dir, "declarations.comp"), filepath.Join(dir, "declarations.spv")
	if err := os.WriteFile(file, []byte(head+"\nvoid main() {}\n"), 0o644); err != nil {
		return reflection{}, err
	}
	if err := tool(compiler("glslangValidator", true), "-V", "--target-env", target, file, "-o", spv); err != nil {
		return reflection{}, err
	}
	return reflect(spv)
}
