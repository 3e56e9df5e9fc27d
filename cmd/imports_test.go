// Package cmd_test checks who may import whom.
package cmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "alexnet/"

// mayImport is the whole table: a package of ours and the packages of ours that
// it may import. Data flows one way; what is not listed is not allowed.
var mayImport = map[string][]string{
	"cmd/alexnet":               {"engine/whole", "cmd/internal/launch", "engine", "net", "train", "train/data", "train/experiment", "train/follow", "train/monitor", "train/pack", "train/safetensors", "assets", "shaders", "viewer/draw", "viewer/figure", "viewer/print", "viewer/theme"},
	"cmd/alexview":              {"engine/whole", "cmd/internal/launch", "engine", "net", "train", "train/data", "train/follow", "train/monitor", "train/safetensors", "assets", "viewer", "viewer/theme"},
	"cmd/internal/launch":       {"engine/whole", "engine", "train", "train/monitor"},
	"viewer":                    {"train/monitor", "assets", "viewer/draw", "viewer/figure", "viewer/plot", "viewer/theme"},
	"viewer/print":              {"train/monitor", "viewer/draw", "viewer/figure", "viewer/plot", "viewer/theme"}, // these draw without a window
	"viewer/plot":               {"viewer/draw", "viewer/theme"},
	"viewer/figure":             {"train/monitor", "viewer/draw", "viewer/theme"},
	"viewer/draw":               {"assets/fonts"},
	"viewer/theme":              {},
	"train/follow":              {"net", "train", "train/monitor", "train/safetensors"}, // net deals kernels to columns
	"train/experiment":          {"train", "assets"},
	"train":                     {"engine/whole", "engine", "net", "net/nearest", "train/data", "train/monitor", "train/pack", "train/safetensors", "assets"}, // the recipes that come with the program
	"net":                       {"engine", "shaders"},
	"net/nearest":               {"engine", "shaders"},
	"engine/enginetest":         {"engine", "shaders"},
	"engine":                    {"engine/whole", "shaders", "engine/internal/vk"},
	"engine/internal/vk":        {},
	"engine/whole":              {},
	"shaders":                   {},
	"shaders/internal/generate": {"shaders", "shaders/internal/source", "shaders/internal/winograd"}, // run by go generate
	"shaders/internal/source":   {},
	"shaders/internal/winograd": {},
	"assets":                    {},
	"assets/fonts":              {},
	"net/ref":                   {},
	"train/data":                {},
	"train/pack":                {"engine/whole", "train/data", "train/safetensors"},
	"train/monitor":             {},
	"train/safetensors":         {},
}

// outsiders are modules, by the beginning of their paths, that only some of our
// packages may import.
var outsiders = []struct {
	path  string
	users []string
	why   string
}{
	{"github.com/vulkan-go/", []string{"engine/internal/vk"}, "its struct calls are unsafe while the collector runs"},
	{"github.com/BurntSushi/toml", []string{"train", "train/experiment"}, "recipes are read in one place, and claims to be tried in one"},
	{"github.com/g3n/", []string{"viewer", "cmd/alexview"}, "the command line runs where no window library is installed"},
	{"github.com/go-gl/", []string{"viewer", "cmd/alexview"}, "the command line runs where no window library is installed"},
}

// leaves import the standard library only, but for what is named.
var leaves = map[string][]string{
	"shaders": nil, "assets": nil, "assets/fonts": nil, "net/ref": nil, "engine/whole": nil, "train/monitor": nil, "train/safetensors": nil,
	"train/data": {"gonum.org/v1/gonum/", "golang.org/x/image/"},
}

// tomlFiles are the files of train that may import toml: an error of a recipe
// names file, line and key, and only these know them.
var tomlFiles = []string{"decode.go", "document.go", "override.go"}

// neverLinked says which packages a package must not even link, but for some of ours
// that lie below them.
var neverLinked = []struct {
	from, to string
	but      []string
}{
	{from: "cmd/alexnet", to: "github.com/g3n/"},
	{from: "cmd/alexnet", to: "github.com/go-gl/"},
	{from: "cmd/alexnet", to: module + "viewer", but: []string{"viewer/draw", "viewer/figure", "viewer/plot", "viewer/print", "viewer/theme"}},
	{from: "viewer", to: module + "engine"},
	{from: "viewer", to: module + "net"},
	{from: "viewer", to: module + "train", but: []string{"train/monitor"}},
	{from: "net", to: "github.com/BurntSushi/toml"},
}

// pkg is what go list says of a package.
type pkg struct {
	ImportPath, Dir string
	Imports, Deps   []string
	GoFiles         []string
	CgoFiles        []string
}

// list runs go list over the module, without tests. A cached result of this test
// must not outlive a change that go list, another process, would see: so look at
// every folder here.
func list(t *testing.T) []pkg {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && path != ".." && strings.HasPrefix(e.Name(), ".") {
			return filepath.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Imports,Deps,GoFiles,CgoFiles", "./...")
	c.Dir = ".."
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles)+len(p.CgoFiles) > 0 {
			all = append(all, p)
		}
	}
}

// ours is a package's row of the table: viewer/window counts as viewer unless it
// has a row of its own. Only viewer may have such parts.
func ours(path string) string {
	name := strings.TrimPrefix(path, module)
	if _, has := mayImport[name]; has {
		return name
	}
	if strings.HasPrefix(name, "viewer/") {
		return "viewer"
	}
	return name
}

// under says whether a path is the package or lies below it.
func under(path, prefix string) bool {
	return path == strings.TrimSuffix(prefix, "/") || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/")
}

// check lists what a package imports and must not.
func check(p pkg) (bad []string) {
	name := ours(p.ImportPath)
	allowed, known := mayImport[name]
	if !known {
		return []string{p.ImportPath + " is not in the table of who may import whom: give it a row in mayImport"}
	}
	for _, i := range p.Imports {
		if strings.HasPrefix(i, module) && ours(i) != name && !slices.Contains(allowed, ours(i)) {
			bad = append(bad, p.ImportPath+" imports "+i+"; it may import "+strings.Join(append(allowed, "no other package of ours"), ", "))
		}
		for _, o := range outsiders {
			if under(i, o.path) && !slices.Contains(o.users, name) {
				bad = append(bad, p.ImportPath+" imports "+i+"; only "+strings.Join(o.users, ", ")+" may: "+o.why)
			}
		}
		extras, leaf := leaves[name]
		third := strings.Contains(strings.Split(i, "/")[0], ".")
		if leaf && third && !slices.ContainsFunc(extras, func(e string) bool { return under(i, e) }) {
			bad = append(bad, p.ImportPath+" imports "+i+"; a leaf imports the standard library only")
		}
	}
	for _, n := range neverLinked {
		for _, d := range p.Deps {
			if name == n.from && under(d, n.to) && !slices.Contains(n.but, ours(d)) {
				bad = append(bad, p.ImportPath+" links "+d+" through what it imports; it must not link "+n.to)
			}
		}
	}
	return bad
}

func TestImports(t *testing.T) {
	all := list(t)
	if len(all) < 8 {
		t.Fatalf("go list names %d packages: this test looks in the wrong place", len(all))
	}
	for _, p := range all {
		for _, text := range check(p) {
			t.Error(text)
		}
		if ours(p.ImportPath) == "train" {
			checkToml(t, p)
		}
	}
}

// checkToml looks at the files of train.
func checkToml(t *testing.T, p pkg) {
	t.Helper()
	found := false
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			path, _ := strconv.Unquote(i.Path.Value)
			if !under(path, "github.com/BurntSushi/toml") {
				continue
			}
			found = true
			if !slices.Contains(tomlFiles, name) {
				t.Errorf("train/%s imports toml; only %s may, as only they name file, line and key", name, strings.Join(tomlFiles, ", "))
			}
		}
	}
	if !found {
		t.Error("no file of train imports toml: correct tomlFiles")
	}
}

// TestCheck checks the check: each of these must be found.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		p    pkg
		want string
	}{
		{pkg{ImportPath: "alexnet/net", Imports: []string{"alexnet/engine", "fmt"}, Deps: []string{"alexnet/engine"}}, ""},
		{pkg{ImportPath: "alexnet/viewer/window", Imports: []string{"github.com/g3n/engine/gui", "alexnet/viewer", "alexnet/train/monitor"}, Deps: []string{"alexnet/train/monitor"}}, ""},
		{pkg{ImportPath: "alexnet/train/data", Imports: []string{"gonum.org/v1/gonum/mat"}}, ""},
		{pkg{ImportPath: "alexnet/net", Imports: []string{"alexnet/train"}}, "alexnet/net imports alexnet/train; it may import engine, shaders"},
		{pkg{ImportPath: "alexnet/net", Imports: []string{"alexnet/engine/internal/vk"}}, "imports alexnet/engine/internal/vk"},
		{pkg{ImportPath: "alexnet/engine", Imports: []string{"github.com/vulkan-go/vulkan"}}, "only engine/internal/vk may"},
		{pkg{ImportPath: "alexnet/net", Imports: []string{"github.com/BurntSushi/toml"}}, "only train, train/experiment may"},
		{pkg{ImportPath: "alexnet/net/ref", Imports: []string{"alexnet/net"}}, "alexnet/net/ref imports alexnet/net"},
		{pkg{ImportPath: "alexnet/train/monitor", Imports: []string{"gonum.org/v1/plot"}}, "a leaf imports the standard library only"},
		{pkg{ImportPath: "alexnet/cmd/alexnet", Imports: []string{"github.com/go-gl/glfw/v3.3/glfw"}}, "only viewer, cmd/alexview may"},
		{pkg{ImportPath: "alexnet/cmd/alexnet", Deps: []string{"github.com/g3n/engine/window"}}, "links github.com/g3n/engine/window"},
		{pkg{ImportPath: "alexnet/viewer", Deps: []string{"alexnet/train/data"}}, "links alexnet/train/data"},
		{pkg{ImportPath: "alexnet/viewer", Deps: []string{"alexnet/train/monitor"}}, ""},
		{pkg{ImportPath: "alexnet/cmd/alexnet", Imports: []string{"alexnet/viewer/draw"}, Deps: []string{"alexnet/viewer/draw", "alexnet/train/monitor"}}, ""},
		{pkg{ImportPath: "alexnet/cmd/alexnet", Deps: []string{"alexnet/viewer/window"}}, "links alexnet/viewer/window"},
		{pkg{ImportPath: "alexnet/viewer/draw", Imports: []string{"github.com/g3n/engine/gui"}}, "only viewer, cmd/alexview may"},
		{pkg{ImportPath: "alexnet/viewer/draw", Imports: []string{"alexnet/viewer"}}, "alexnet/viewer/draw imports alexnet/viewer"},
		{pkg{ImportPath: "alexnet/util"}, "give it a row"},
	} {
		got := strings.Join(check(c.p), "\n")
		if !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("%+v\ngave %q, want %q", c.p, got, c.want)
		}
	}
}
