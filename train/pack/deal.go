package pack

import (
	"fmt"
	"slices"

	"alexnet/train/data"
)

// dealAtOnce is how many images are held in memory to be dealt to parts, unless one class
// has more.
const dealAtOnce = 50_000

// split deals the images that were found to the parts, class by class. Their order stays,
// in which classes may lie in pieces.
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
	if err == nil {
		err = l.deal(w, s, seed)
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
			return fmt.Errorf("pack: --split %s leaves no image for %s: the classes have one image each; add images, or name others with --%[2]s SOURCE", s.text, part)
		}
	}
	if sentence := l.alone(s); sentence != "" {
		l.sentences = append(l.sentences, sentence)
	}
	return s.missing()
}

// deal writes the images that were found to the lists of their parts.
func (l *lister) deal(w *work, s *split, seed uint64) error {
	dealt := make([][]byte, len(l.counts)) // the parts of each class's images, in their order: indices of Parts
	if s.deals() {
		for first, end := 0, 0; first < len(l.counts); first = end {
			images := 0
			for end = first; end == first || end < len(l.counts) && images+l.counts[end] <= dealAtOnce; end++ {
				images += l.counts[end]
			}
			if err := l.dealClasses(w, s, seed, first, dealt[first:end]); err != nil {
				return err
			}
		}
	}
	return each(w.list(foundName), func(o origin) error {
		part := Train
		if of := dealt[o.class]; len(of) > 0 {
			part, dealt[o.class] = Parts[of[0]], of[1:]
		}
		return l.lists[part].write(o)
	})
}

// dealClasses deals the images of the classes from first on, as many as dealt has places.
func (l *lister) dealClasses(w *work, s *split, seed uint64, first int, dealt [][]byte) error {
	names := make([][]string, len(dealt))
	err := each(w.list(foundName), func(o origin) error {
		if i := o.class - first; i >= 0 && i < len(names) {
			names[i] = append(names[i], o.name)
		}
		return nil
	})
	for i, of := range names {
		for _, part := range s.of(of, seed) {
			dealt[i] = append(dealt[i], byte(slices.Index(Parts, part)))
		}
	}
	if err == nil {
		err = l.ctx.Err()
	}
	return err
}

// alone is a sentence on classes too small to leave an image for validation.
func (l *lister) alone(s *split) string {
	var alone []string
	for class, images := range l.counts {
		if s.tenth && images == 1 {
			alone = append(alone, l.classes[class])
		}
	}
	slices.Sort(alone)
	return data.Alone(alone)
}
