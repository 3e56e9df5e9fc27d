package viewer

import (
	"slices"
	"strings"
	"time"

	"alexnet/viewer/theme"
)

// patience is how long the tabulator waits for the paths that one can become: on a
// mounted server that does not answer there may be none for ever.
var patience = 100 * time.Millisecond

// complete goes on with the path that is typed as shells do: by what all those have in
// common that it can become. Where that is nothing, they are listed. It says whether
// there was anything to do; otherwise the tabulator goes on to the next place.
func (f *field) complete(a *App) bool {
	paths, wake, typed := a.options.Paths, a.options.Wake, string(f.text)
	if paths == nil || typed == "" {
		return false
	}
	found := make(chan []string, 1)
	go func() { found <- paths(typed) }()
	select {
	case list := <-found:
		return f.completed(typed, list)
	case <-time.After(patience):
	}
	go func() {
		list := <-found
		a.post(func() {
			if a.field == f && string(f.text) == typed && f.completed(typed, list) {
				a.touch(f.id)
			}
		})
		wake()
	}()
	return true
}

// completed takes the paths that what is typed can become.
func (f *field) completed(typed string, list []string) bool {
	if f.path == folderPath {
		list = slices.DeleteFunc(list, func(p string) bool { return !strings.HasSuffix(p, "/") })
	}
	next := common(list)
	switch {
	case len(list) == 1 && next == typed+"/": // it is there: a slash is no more than that
		return false
	case len(next) > len(typed):
		f.text = []rune(next)
		f.typed()
	case len(list) < 2 || f.matches != "":
		return false
	}
	f.matches = ""
	if len(list) > 1 {
		f.matches = names(list)
	}
	return true
}

// mostNames are listed of the paths that one can become: they are laid out anew with each
// frame, and a folder may hold any number.
const mostNames = 40

// names lists paths without the folder that they share.
func names(paths []string) string {
	var out []string
	for _, p := range paths[:min(mostNames, len(paths))] {
		out = append(out, p[strings.LastIndex(strings.TrimSuffix(p, "/"), "/")+1:])
	}
	text := strings.Join(out, ", ")
	if more := len(paths) - len(out); more > 0 {
		text += " and " + theme.Count(more) + " more"
	}
	return text
}

// common is what all texts begin with.
func common(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	least, most := []rune(slices.Min(texts)), []rune(slices.Max(texts))
	n := 0
	for n < len(least) && n < len(most) && least[n] == most[n] {
		n++
	}
	return string(least[:n])
}

// matches lists what the path that is typed into a field can become; empty: nothing was
// asked for.
func (a *App) matches(id string) string {
	if a.field == nil || a.field.id != id {
		return ""
	}
	return a.field.matches
}
