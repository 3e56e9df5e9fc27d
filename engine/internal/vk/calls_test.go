package vk

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const binding = "github.com/vulkan-go/vulkan"

// handleOnly are the names of the binding that this package may use: types of
// handles, set-up, and calls whose arguments are handles. The binding copies a
// struct argument to C and frees the copy when a collection runs meanwhile, so
// the allocator, the one struct of a Destroy or Free, must be nil.
var handleOnly = map[string]bool{
	"Buffer": true, "CommandBuffer": true, "CommandPool": true, "DescriptorPool": true, "DescriptorSet": true,
	"DescriptorSetLayout": true, "Device": true, "DeviceMemory": true, "Fence": true, "Instance": true,
	"PhysicalDevice": true, "Pipeline": true, "PipelineLayout": true, "QueryPool": true,

	"SetGetInstanceProcAddr": true, "Init": true, "InitInstance": true, "DeviceWaitIdle": true,

	"DestroyBuffer": true, "FreeMemory": true, "DestroyFence": true, "DestroyQueryPool": true,
	"DestroyCommandPool": true, "DestroyDescriptorPool": true, "DestroyPipeline": true,
	"DestroyPipelineLayout": true, "DestroyDescriptorSetLayout": true,
}

// bindingName is the name under which a file imports the binding, "" if not.
func bindingName(file *ast.File) string {
	for _, i := range file.Imports {
		if path, _ := strconv.Unquote(i.Path.Value); path == binding || strings.HasPrefix(path, binding+"/") {
			if i.Name != nil {
				return i.Name.Name
			}
			return "vulkan"
		}
	}
	return ""
}

// structCalls lists where a file uses a name of the binding that may take a
// struct.
func structCalls(set *token.FileSet, file *ast.File) []string {
	name := bindingName(file)
	if name == "" {
		return nil
	}
	if name == "." || name == "_" {
		return []string{set.Position(file.Pos()).Filename + ": imports the binding as " + name}
	}
	var bad []string
	report := func(n ast.Node, text string) { bad = append(bad, set.Position(n.Pos()).String()+": "+text) }
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			callee, last := selected(call.Fun, name), len(call.Args)-1
			if strings.HasPrefix(callee, "Destroy") || strings.HasPrefix(callee, "Free") {
				if id, ok := call.Args[last].(*ast.Ident); !ok || id.Name != "nil" {
					report(n, callee+" with an allocator")
				}
			}
		}
		if e, ok := n.(ast.Expr); ok {
			if s := selected(e, name); s != "" && !handleOnly[s] {
				report(n, s+" may take a struct: call it from C, as vk.c does")
			}
		}
		return true
	})
	return bad
}

// selected is X of an expression name.X, "" of any other.
func selected(e ast.Expr, name string) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if id, ok := s.X.(*ast.Ident); !ok || id.Name != name {
		return ""
	}
	return s.Sel.Name
}

func TestNoStructCalls(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	here := filepath.Join(root, "engine", "internal", "vk")
	users := 0
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if bindingName(file) == "" {
			return nil
		}
		users++
		if filepath.Dir(path) != here {
			t.Errorf("%s imports %s: only engine/internal/vk may", path, binding)
		}
		for _, text := range structCalls(set, file) {
			t.Error(text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if users == 0 {
		t.Errorf("no file under %s imports %s: this test looks in the wrong place", root, binding)
	}
}

// TestStructCallsAreFound checks the check.
func TestStructCallsAreFound(t *testing.T) {
	const head = "package x\nimport v \"" + binding + "\"\n"
	for _, c := range []struct{ text, want string }{
		{head + "func f(d v.Device, b v.Buffer) { v.DestroyBuffer(d, b, nil) }", ""},
		{head + "func f(d v.Device, b v.Buffer, a *v.AllocationCallbacks) { v.DestroyBuffer(d, b, a) }", "DestroyBuffer with an allocator"},
		{head + "func f(q v.Queue) { v.QueueSubmit(q, 0, nil, nil) }", "QueueSubmit"},
		{head + "var submit = v.QueueSubmit", "QueueSubmit"},
		{"package x\nimport . \"" + binding + "\"", "imports the binding as ."},
	} {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, "x.go", c.text, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(structCalls(set, file), "\n")
		if !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("%s\ngave %q, want %q", c.text, got, c.want)
		}
	}
}
