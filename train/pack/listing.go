package pack

import (
	"context"
	"fmt"
	"os"
	"slices"

	"alexnet/train/data"
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
	for _, class := range l.classes {
		w.Labels = append(w.Labels, slices.Index(w.Classes, class))
	}
	if len(w.Classes) == 1 {
		return fmt.Errorf("pack: the images have one class only, %s; a network needs at least two to tell apart", w.Classes[0])
	}
	l.tell(w.Classes, o.OnMessage)
	if err := writeJSON(w.path(listedName), w.listed); err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	os.Remove(w.list(foundName))
	return nil
}

// tell says what the user may not expect.
func (l *lister) tell(classes []string, say func(string)) {
	for _, sentence := range l.sentences {
		say(sentence)
	}
	if l.ignored > 0 {
		say(fmt.Sprintf("%d files are no images by their names and are left out", l.ignored))
	}
	var without []string
	for _, class := range classes {
		if !l.seen[class] {
			without = append(without, class)
		}
	}
	if len(without) > 0 {
		say(fmt.Sprintf("%d of %d classes have no images, such as %s", len(without), len(classes), without[0]))
	}
}

// order are the classes in label order.
func (l *lister) order() []string {
	order := slices.Clone(l.classes)
	if !l.given {
		slices.Sort(order)
	}
	return order
}

// give makes classes, of which a file tells, the only ones.
func (l *lister) give(classes []string, file string) {
	l.classes, l.known, l.given = classes, file, true
	for i, class := range classes {
		l.number[class] = i
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
		var classes []string
		if classes, words, err = readClasses(o.Classes); err != nil {
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
	if err := l.labelled(o.Sources, Train); err != nil {
		return nil, err
	}
	if !l.given {
		l.known = "the images to train on"
	}
	if o.Val != "" {
		if l.labels, err = openLabels(o, kit, l.order()); err == nil {
			err = l.labelled([]string{o.Val}, Val)
		}
	}
	if err == nil && o.Test != "" {
		err = l.list(o.Test, Test)
	}
	if words == nil && kit != nil {
		for _, class := range l.order() {
			words = append(words, kit.words[class])
		}
	}
	return words, err
}

// labelled lists sources, by labels if there are any, which count no longer behind it.
func (l *lister) labelled(sources []string, part string) error {
	before := l.images
	for _, source := range sources {
		if err := l.list(source, part); err != nil {
			return err
		}
	}
	if l.labels == nil {
		return nil
	}
	sentence, err := l.labels.fit(l.images - before)
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

// split deals the images that were found to the parts, class by class.
func (l *lister) split(w *work, s *split, seed uint64) error {
	images := map[string]int{}
	for part, list := range l.lists {
		images[part] = list.images
	}
	if err := s.taken(images); err != nil {
		return err
	}
	if s.tenth && images[Val]+images[Test] > 0 {
		s.tenth = false
	}
	_, err := l.lists[Train].file.commit()
	if err == nil {
		l.lists[Train], err = newList(w.list(Train))
	}
	var alone []string
	if err == nil {
		err = eachClass(w.list(foundName), func(class []origin) error {
			if err := l.ctx.Err(); err != nil {
				return err
			}
			if s.tenth && len(class) == 1 {
				alone = append(alone, l.classes[class[0].class])
			}
			names := make([]string, len(class))
			for i, o := range class {
				names[i] = o.name
			}
			for i, part := range s.of(names, seed) {
				if err := l.lists[part].write(class[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, part := range Parts {
		if err == nil {
			_, err = l.lists[part].file.commit()
		}
	}
	if err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	for _, part := range []string{Val, Test} {
		if s.shares[part] > 0 && l.lists[part].images == 0 {
			return fmt.Errorf("pack: --split %s leaves no image for %s: the classes have one image each; add images, or choose another split", s.text, part)
		}
	}
	if sentence := data.Alone(alone); sentence != "" {
		l.sentences = append(l.sentences, sentence)
	}
	return s.missing()
}

// drop removes the lists that were not completed.
func (l *lister) drop() {
	for _, list := range l.lists {
		if list != nil && list.file != nil {
			list.file.drop()
		}
	}
}
