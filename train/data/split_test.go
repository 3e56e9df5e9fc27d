package data

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// classesOf are paths of classes with the given numbers of images.
func classesOf(counts ...int) (paths []string) {
	for class, n := range counts {
		for i := range n {
			paths = append(paths, fmt.Sprintf("%c/%03d.jpg", 'a'+class, i))
		}
	}
	return paths
}

func open(t *testing.T, dir string, o FolderOptions) *Folder {
	t.Helper()
	o.Size = 4
	f, err := OpenFolder(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSplitIsATenthOfEachClass(t *testing.T) {
	paths := classesOf(1, 2, 14, 15, 60)
	f := open(t, tree(t, paths...), FolderOptions{Seed: 5})
	got := make([]int, 5)
	for _, label := range labels(f.Val) {
		got[label]++
	}
	same(t, "validation images by class", got, []int{0, 1, 1, 2, 6})
	all := append(names(f.Train), names(f.Val)...)
	slices.Sort(all)
	same(t, "all images", all, paths)
	same(t, "split", f.Split, names(f.Val))
	if !strings.Contains(f.Note, "10 of its 92 images") || !strings.Contains(f.Note, "seed 5") || strings.Count(f.Note, "one image only") != 1 {
		t.Errorf("note %q", f.Note)
	}
}

func TestSplitIsAFunctionOfSeedAndNames(t *testing.T) {
	paths := classesOf(40, 40)
	one := open(t, tree(t, paths...), FolderOptions{Seed: 1})
	same(t, "same seed", open(t, tree(t, paths...), FolderOptions{Seed: 1}).Split, one.Split)
	if slices.Equal(open(t, tree(t, paths...), FolderOptions{Seed: 2}).Split, one.Split) {
		t.Error("another seed makes the same split")
	}
	// An image added later takes the place of one other at most.
	more := open(t, tree(t, append(paths, "a/new.jpg")...), FolderOptions{Seed: 1})
	kept := 0
	for _, name := range more.Split {
		if slices.Contains(one.Split, name) {
			kept++
		}
	}
	if kept < 7 {
		t.Errorf("%d of 8 validation images stay when one is added", kept)
	}
}

func TestSplitOfAnEarlierRun(t *testing.T) {
	paths := classesOf(20, 20)
	first := open(t, tree(t, paths...), FolderOptions{Seed: 1})
	again := open(t, tree(t, append(paths, "b/new.jpg")...), FolderOptions{Seed: 9, Split: first.Split})
	same(t, "validation", names(again.Val), names(first.Val))
	same(t, "split", again.Split, first.Split)
	turned := open(t, tree(t, paths...), FolderOptions{Seed: 1, Classes: []string{"b", "a"}})
	same(t, "split with other labels", turned.Split, first.Split)
	if again.Note != "" || again.Train.Len() != first.Train.Len()+1 {
		t.Errorf("note %q, %d training images", again.Note, again.Train.Len())
	}
	all := open(t, tree(t, paths...), FolderOptions{Split: []string{}})
	same(t, "without a split", names(all.Train), paths)
	if all.Val.Len() != 0 || all.Split == nil {
		t.Errorf("%d validation images, split %v", all.Val.Len(), all.Split)
	}
}
