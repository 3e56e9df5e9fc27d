package pack

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"alexnet/train/data"
)

// split says which images of a class leave the part that trains.
type split struct {
	text   string
	tenth  bool                       // a tenth of each class validates: what is done where nothing else is said
	shares map[string]float64         // of each class, by part
	lists  map[string]map[string]bool // names, by part, and whether there are images of them
	files  map[string]string          // where the lists are from
}

// parseSplit reads --split: "", "none", "half" (of each class to test on: Krizhevsky
// 2012, section 6, of the 10,184 classes), or for val and test a share or a file of
// names: "val=0.1,test=0.1", "val=names.txt".
func parseSplit(text string) (*split, error) {
	s := &split{text: text, shares: map[string]float64{}, lists: map[string]map[string]bool{}, files: map[string]string{}}
	switch text {
	case "":
		s.tenth = true
		return s, nil
	case "none":
		return s, nil
	case "half":
		s.shares[Test] = 0.5
		return s, nil
	}
	sum := 0.0
	for _, term := range strings.Split(text, ",") {
		part, value, found := strings.Cut(term, "=")
		if !found || part != Val && part != Test || value == "" {
			return nil, fmt.Errorf("--split %s; expected half, none, or val= and test= with a share of each class or a file of names, as in val=0.1,test=0.1", text)
		}
		if share, err := strconv.ParseFloat(value, 64); err == nil {
			if !(share > 0 && share <= 1) {
				return nil, fmt.Errorf("--split %s: a share lies between 0 and 1", text)
			}
			s.shares[part], sum = share, sum+share
			continue
		}
		names, err := readNames(value)
		if err != nil {
			return nil, err
		}
		s.lists[part], s.files[part] = names, value
	}
	if sum > 1 {
		return nil, fmt.Errorf("--split %s: the shares sum to more than 1", text)
	}
	for name := range s.lists[Val] {
		if _, both := s.lists[Test][name]; both {
			return nil, fmt.Errorf("--split %s: %s is in both lists; an image belongs to one part", text, name)
		}
	}
	return s, nil
}

// readNames reads names of images, one a line, as those of a list of split.
func readNames(file string) (map[string]bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("pack: --split: %w", err)
	}
	defer f.Close()
	names := map[string]bool{}
	in := bufio.NewScanner(f)
	for in.Scan() {
		if line := strings.TrimSpace(in.Text()); line != "" {
			names[path.Clean(line)] = false
		}
	}
	return names, in.Err()
}

// deals says whether it takes any image from the part that trains.
func (s *split) deals() bool { return s.tenth || len(s.shares)+len(s.lists) > 0 }

// of deals the images of a class to parts.
func (s *split) of(names []string, seed uint64) []string {
	parts := make([]string, len(names))
	var rest []string // that no list names, and
	var at []int      // their places
	for i, name := range names {
		parts[i] = Train
		for part, list := range s.lists {
			if _, named := list[name]; named { // in each source that has it
				parts[i] = part
				list[name] = true
			}
		}
		if parts[i] == Train {
			rest, at = append(rest, name), append(at, i)
		}
	}
	order := data.Lots(rest, seed)
	for _, part := range []string{Val, Test} {
		n := min(s.count(part, len(rest)), len(order))
		for _, i := range order[:n] {
			parts[at[i]] = part
		}
		order = order[n:]
	}
	return parts
}

// count is how many of a class's n images go to a part: the share, but at least one
// where there are two, and never the last one unless all are given away.
func (s *split) count(part string, n int) int {
	share := s.shares[part]
	switch {
	case s.tenth && part == Val:
		return data.Tenth(n)
	case share == 0:
		return 0
	}
	sum := s.shares[Val] + s.shares[Test]
	count := max(1, int(math.Round(share*float64(n))))
	if sum < 1 {
		// Each part may take so many that one image is left to train on.
		most := n - 1
		if part == Test {
			most -= s.count(Val, n)
		}
		count = min(count, max(most, 0))
	}
	return count
}

// missing names an image of a list that was not there.
func (s *split) missing() error {
	for part, list := range s.lists {
		var missing []string
		for name, met := range list {
			if !met {
				missing = append(missing, name)
			}
		}
		if len(missing) > 0 {
			return fmt.Errorf("pack: %d of the images that %s names for %s are not there, such as %s: names are written as CLASS/FILE, under their source", len(missing), s.files[part], part, slices.Min(missing))
		}
	}
	return nil
}

// taken fails where a part that is to be split off is there already.
func (s *split) taken(images map[string]int) error {
	for _, part := range []string{Val, Test} {
		if (s.shares[part] > 0 || s.lists[part] != nil) && images[part] > 0 {
			return fmt.Errorf("pack: --split %s would split %s off, but the sources have %d images of that part already", s.text, part, images[part])
		}
	}
	return nil
}

// Unvalidated says of a pack that has images to train on and none to validate or test on
// what gives it some; "" of others.
func (p *Pack) Unvalidated() (string, error) {
	if p.Parts[Train].Images == 0 || p.Parts[Val].Images+p.Parts[Test].Images > 0 {
		return "", nil
	}
	images, several := make([]int, len(p.Classes)), false
	for _, s := range p.Parts[Train].Shards {
		entries, err := p.Entries(s)
		if err != nil {
			return "", err
		}
		for _, e := range entries {
			images[e.Label]++
			several = several || images[e.Label] > 1
		}
	}
	if several {
		return "remove it and prepare it again with --split val=0.1, or with --val SOURCE and other images of these classes", nil
	}
	return "each class has one image only, from which none can be split off: add images, or name others of these classes with --val SOURCE, remove it and prepare it again", nil
}
