package main

import (
	"os"
	"path/filepath"
	"strings"
)

// same says whether two paths are of the same folder.
func same(path, other string) bool {
	path, other = home(path), home(other)
	return sameFolder(path, stat(path), other, stat(other))
}

// stat is what is known of a folder; nil: nothing, for it is still to be made, or does not
// answer.
func stat(path string) os.FileInfo {
	info, _ := answerOf(answering, path, func() os.FileInfo {
		info, _ := os.Stat(path)
		return info
	})
	return info
}

// sameFolder says whether two are the same folder, whatever links lead there. Where nothing
// is known of one, their names decide.
func sameFolder(path string, info os.FileInfo, other string, otherInfo os.FileInfo) bool {
	if info != nil && otherInfo != nil {
		return os.SameFile(info, otherInfo)
	}
	path, err := filepath.Abs(path)
	other, otherErr := filepath.Abs(other)
	return err == nil && otherErr == nil && path == other
}

// paths lists what a path that is typed so far can become, as it was typed. Those of
// folders end in a slash; what is hidden is listed only where its dot is typed.
func paths(typed string) (out []string) {
	dir, begun := filepath.Split(typed)
	entries, err := os.ReadDir(home(dir) + ".")
	if err != nil {
		return nil // there is nothing to go on with
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, begun) || begun == "" && name[0] == '.' {
			continue
		}
		if info, err := os.Stat(filepath.Join(home(dir), name)); err == nil && info.IsDir() { // or a link to one
			name += "/"
		}
		out = append(out, dir+name)
	}
	return out
}
