package pack

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// labels tell the classes of images that lie in no folder of a class.
type labels interface {
	// class is that of an image file by its path in its source, with slashes.
	class(name string) (string, error)
	// fit compares the number of labels with that of the images whose class was asked
	// for. The error says that they cannot belong together, the sentence, if it is not
	// empty, that they may not.
	fit(images int) (sentence string, err error)
}

// named are labels by the names of files: lines "NAME LABEL", labels from 0 on. NAME is a
// path, of which the last part is enough where it is the only one.
type named struct {
	file   string
	labels map[string]int // by paths as they are written
	bases  map[string]int // by their last parts; several: with different labels
	order  []string       // classes by their labels
}

// several stands for the labels of paths that end alike.
const several = math.MinInt

// add adds a line's label.
func (n *named) add(name string, label int) error {
	name = path.Clean(name)
	if before, found := n.labels[name]; found && before != label {
		return fmt.Errorf("it has the label %d further up", before)
	}
	base := path.Base(name)
	if before, found := n.bases[base]; found && before != label {
		n.bases[base] = several
	} else {
		n.bases[base] = label
	}
	n.labels[name] = label
	return nil
}

func (n *named) class(name string) (string, error) {
	label, found := n.labels[name]
	if !found {
		label, found = n.bases[path.Base(name)]
	}
	if !found {
		return "", fmt.Errorf("pack: %s has no label in %s", name, n.file)
	}
	if label == several {
		return "", fmt.Errorf("pack: %s has labels of several files called %s, and none of %s: write the paths there as they are in the source", n.file, path.Base(name), name)
	}
	if label < 0 || label >= len(n.order) {
		return "", fmt.Errorf("pack: %s gives %s the label %d, and there are %d classes, numbered from 0", n.file, name, label, len(n.order))
	}
	return n.order[label], nil
}

func (n *named) fit(images int) (string, error) {
	return unused(n.file, len(n.labels), images), nil
}

// unused is a sentence where there are more labels than images.
func unused(file string, labels, images int) string {
	if labels == images {
		return ""
	}
	return fmt.Sprintf("%s has labels of %d images, and there are %d: see whether all images are there", file, labels, images)
}

// truth is ILSVRC's ground truth: line n is the ILSVRC2012_ID of the image whose name
// ends in the number n.
type truth struct {
	file string
	ids  []int
	wnid map[int]string
	last int // highest number of an image
}

var trailing = regexp.MustCompile(`(\d+)\.[^.]*$`)

func (t *truth) class(name string) (string, error) {
	name = path.Base(name)
	m := trailing.FindStringSubmatch(name)
	if m == nil {
		return "", fmt.Errorf("pack: %s has no number in its name, by which %s would tell its class", name, t.file)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n < 1 || n > len(t.ids) {
		return "", fmt.Errorf("pack: %s has labels of %d images, none of %s", t.file, len(t.ids), name)
	}
	t.last = max(t.last, n)
	wnid, found := t.wnid[t.ids[n-1]]
	if !found {
		return "", fmt.Errorf("pack: %s gives %s the number %d, of which the devkit's meta.mat knows no class", t.file, name, t.ids[n-1])
	}
	return wnid, nil
}

// fit fails where images without a gap in their numbers are fewer than the labels.
func (t *truth) fit(images int) (string, error) {
	if t.last == images && len(t.ids) > images {
		return "", fmt.Errorf("pack: %s has labels of %d images, and the images are numbered up to %d: it belongs to others (labels of a part of its images go into a file of lines NAME LABEL, with --labels)", t.file, len(t.ids), images)
	}
	return unused(t.file, len(t.ids), images), nil
}

// readLabels reads a file of labels of either kind, which may be compressed.
func readLabels(file string, order []string, kit *devKit) (labels, error) {
	text, err := readText(file)
	if err != nil {
		return nil, fmt.Errorf("pack: --labels: %w", err)
	}
	first, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	if len(bytes.Fields(first)) == 1 {
		if kit == nil {
			return nil, fmt.Errorf("pack: %s numbers the classes by ILSVRC2012_ID, which ILSVRC's devkit explains: name it, too, with --devkit ILSVRC2012_devkit_t12.tar.gz", file)
		}
		ids, err := numbers(text)
		if err != nil {
			return nil, fmt.Errorf("pack: %s: %w", file, err)
		}
		return &truth{file: file, ids: ids, wnid: kit.wnid}, nil
	}
	if len(order) == 0 {
		return nil, fmt.Errorf("pack: %s numbers the classes, and nothing names them: name a file of them in that order with --classes", file)
	}
	n := &named{file: file, labels: map[string]int{}, bases: map[string]int{}, order: order}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		line = strings.TrimSpace(line)
		name, label := cutLast(line)
		number, err := strconv.Atoi(label)
		if err != nil || name == "" {
			err = errors.New("expected NAME LABEL, the label a number")
		} else {
			err = n.add(name, number)
		}
		if err != nil {
			return nil, fmt.Errorf("pack: %s:%d: %q: %w", file, i+1, line, err)
		}
	}
	return n, nil
}

// cutLast cuts off what is behind the last white space. Names of files have spaces, too.
func cutLast(line string) (before, last string) {
	at := strings.LastIndexFunc(line, unicode.IsSpace)
	return strings.TrimSpace(line[:max(at, 0)]), strings.TrimSpace(line[max(at, 0):])
}

// numbers reads one a line.
func numbers(text []byte) ([]int, error) {
	var out []int
	for i, word := range strings.Fields(string(text)) {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("line %d: %q is not a number", i+1, word)
		}
		out = append(out, n)
	}
	return out, nil
}

// readText reads a file, unpacked if it is compressed by gzip.
func readText(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil || !bytes.HasPrefix(text, []byte("\x1f\x8b")) {
		return text, err
	}
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// devKit is what is read of ILSVRC's devkit.
type devKit struct {
	path  string
	wnid  map[int]string    // of an ILSVRC2012_ID
	words map[string]string // of a wnid
	truth []byte            // the ground truth of the validation images; nil
}

const (
	metaFile  = "meta.mat"
	truthFile = "ILSVRC2012_validation_ground_truth.txt"
)

// openDevKit reads the devkit: its folder, or ILSVRC2012_devkit_t12.tar.gz.
func openDevKit(file string) (*devKit, error) {
	found := map[string][]byte{metaFile: nil, truthFile: nil}
	info, err := os.Stat(file)
	switch {
	case err != nil:
	case info.IsDir():
		err = filepath.WalkDir(file, func(p string, e os.DirEntry, err error) error {
			if _, wanted := found[path.Base(p)]; err == nil && wanted {
				found[path.Base(p)], err = os.ReadFile(p)
			}
			return err
		})
	default:
		err = readKitTar(file, found)
	}
	if err == nil && found[metaFile] == nil {
		err = fmt.Errorf("%s has no %s", file, metaFile)
	}
	if err != nil {
		return nil, fmt.Errorf("pack: --devkit: %w", err)
	}
	kit := &devKit{path: file, wnid: map[int]string{}, words: map[string]string{}, truth: found[truthFile]}
	if err := kit.readMeta(found[metaFile]); err != nil {
		return nil, fmt.Errorf("pack: --devkit %s: %s: %w", file, metaFile, err)
	}
	return kit, nil
}

func readKitTar(file string, found map[string][]byte) error {
	text, err := readText(file)
	if err != nil {
		return err
	}
	r := tar.NewReader(bytes.NewReader(text))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if _, wanted := found[path.Base(h.Name)]; wanted {
			if found[path.Base(h.Name)], err = io.ReadAll(r); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
}

// readMeta reads the table "synsets" of meta.mat.
func (k *devKit) readMeta(file []byte) error {
	rows, err := matStruct(file, "synsets")
	if err != nil {
		return err
	}
	for _, row := range rows {
		id, wnid := row["ILSVRC2012_ID"], row["WNID"]
		if len(id.numbers) != 1 || wnid.text == "" {
			return errors.New("synsets has no ILSVRC2012_ID and WNID")
		}
		k.wnid[int(id.numbers[0])] = wnid.text
		k.words[wnid.text] = row["words"].text
	}
	return nil
}

// classes are the 1000 classes of the challenge, in the order of their names, as
// synsets.txt has them. IDs above belong to groups of classes.
func (k *devKit) classes() []givenClass {
	const challenge = 1000
	var out []givenClass
	for id, wnid := range k.wnid {
		if id <= challenge {
			out = append(out, givenClass{name: wnid, line: wnid})
		}
	}
	slices.SortFunc(out, func(a, b givenClass) int { return strings.Compare(a.name, b.name) })
	return out
}
