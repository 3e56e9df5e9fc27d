package pack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// listImages lists the images of all sources into a list for each part.
func (w *work) listImages(ctx context.Context, o *Options) error {
	split, err := parseSplit(o.Split)
	if err != nil {
		return err
	}
	l := &lister{ctx: ctx, lists: map[string]*listWriter{}, number: map[string]int{}, seen: map[string]bool{}}
	if o.OnProgress != nil {
		l.onImages = func(n int) { o.OnProgress(Progress{Listed: n}) }
	}
	defer l.drop()
	for part, name := range map[string]string{Train: foundName, Val: Val, Test: Test} {
		if l.lists[part], err = newList(w.list(name)); err != nil {
			return fmt.Errorf("pack: %w", err)
		}
	}
	if w.Words, err = l.sources(o); err != nil {
		return err
	}
	if err := l.split(w, split, o.Seed); err != nil {
		return err
	}
	w.Archives, w.Classes, w.Images, w.Labels = l.archives, l.order(), map[string]int{}, nil
	for part, list := range l.lists {
		w.Images[part] = list.images
	}
	w.Stamps = nil
	for _, archive := range l.archives {
		stamp, err := stamped(archive)
		if err != nil {
			return err
		}
		w.Stamps = append(w.Stamps, stamp)
	}
	for _, class := range l.classes {
		w.Labels = append(w.Labels, slices.Index(w.Classes, class))
	}
	if len(w.Classes) == 1 {
		return fmt.Errorf("pack: the images have one class only, %s; a network needs at least two to tell apart", w.Classes[0])
	}
	w.Links = l.links
	if w.Hash, err = w.hashImages(); err != nil {
		return err
	}
	l.tell(w, o.OnMessage)
	if err := writeJSON(w.path(listedName), w.listed); err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	os.Remove(w.list(foundName))
	return nil
}

// tell says what the user may not expect.
func (l *lister) tell(w *work, say func(string)) {
	for _, sentence := range l.sentences {
		say(sentence)
	}
	leftOut := func(n int, one, several string) {
		switch {
		case n == 1:
			say(one + " and is left out")
		case n > 1:
			say(fmt.Sprintf("%d %s and are left out", n, several))
		}
	}
	leftOut(l.ignored, "1 file is no image by its name", "files are no images by their names")
	leftOut(l.loose, "1 image lies beside the folders of classes", "images lie beside the folders of classes")
	if len(l.links) > 0 {
		which := "1 link is left out"
		if n := len(l.links); n > 1 {
			which = fmt.Sprintf("%d links are left out and listed in %s, the first", n, filepath.Join(w.dst, skippedName))
		}
		say(fmt.Sprintf("%s: %s (%s)", which, l.links[0].Path, l.links[0].Why))
	}
	var without []string
	for _, class := range w.Classes {
		if !l.seen[class] {
			without = append(without, class)
		}
	}
	if len(without) > 0 {
		say(fmt.Sprintf("%d of %d classes have no images, such as %s", len(without), len(w.Classes), without[0]))
	}
}

// sources lists the sources of each part, and returns what the classes are if that is
// known.
func (l *lister) sources(o *Options) (words []string, err error) {
	var kit *devKit
	if o.DevKit != "" {
		if kit, err = openDevKit(o.DevKit); err != nil {
			return nil, err
		}
	}
	flat := o.Val == "" // labels are of the first source
	if o.Classes != "" {
		classes, err := readClasses(o.Classes)
		if err != nil {
			return nil, err
		}
		l.give(classes, o.Classes)
	} else if kit != nil && flat {
		l.give(kit.classes(), kit.path)
	}
	if flat {
		if l.labels, err = openLabels(o, kit, l.order()); err != nil {
			return nil, err
		}
	}
	if err := l.labelled(o.Sources, Train, o.Labels != ""); err != nil {
		return nil, err
	}
	if err := l.settle(); err != nil {
		return nil, err
	}
	if l.given == nil {
		l.known = "the images to train on"
	}
	if o.Val != "" {
		if l.labels, err = openLabels(o, kit, l.order()); err == nil {
			err = l.labelled([]string{o.Val}, Val, o.Labels != "")
		}
	}
	if err == nil && o.Test != "" {
		err = l.list(o.Test, Test)
	}
	if err == nil {
		err = l.settle()
	}
	if words = l.words(); words == nil && kit != nil {
		for _, class := range l.order() {
			words = append(words, kit.words[class])
		}
	}
	return words, err
}

// labelled lists sources, by labels if there are any, which count no longer behind it.
// The devkit's, which are there for its classes, too, may tell nothing.
func (l *lister) labelled(sources []string, part string, named bool) error {
	for _, source := range sources {
		if err := l.list(source, part); err != nil {
			return err
		}
	}
	if l.labels == nil || l.asked == 0 && !named {
		l.labels = nil
		return nil
	}
	sentence, err := l.labels.fit(l.asked)
	if sentence != "" {
		l.sentences = append(l.sentences, sentence)
	}
	l.labels = nil
	return err
}

// openLabels opens what tells the classes of images that lie in no folder of one; nil if
// there is nothing.
func openLabels(o *Options, kit *devKit, order []string) (labels, error) {
	switch {
	case o.Labels != "":
		return readLabels(o.Labels, order, kit)
	case kit == nil:
		return nil, nil
	case kit.truth == nil:
		return nil, fmt.Errorf("pack: --devkit %s has no %s: name that file with --labels", kit.path, truthFile)
	}
	ids, err := numbers(kit.truth)
	if err != nil {
		return nil, fmt.Errorf("pack: --devkit %s: %s: %w", kit.path, truthFile, err)
	}
	return &truth{file: truthFile, ids: ids, wnid: kit.wnid}, nil
}

// drop removes the lists that were not completed.
func (l *lister) drop() {
	for _, list := range l.lists {
		if list != nil && list.file != nil {
			list.file.drop()
		}
	}
}
