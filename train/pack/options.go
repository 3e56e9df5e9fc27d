package pack

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"alexnet/train/data"
)

// Options say what Prepare makes of what.
type Options struct {
	Sources   []string // tars or folders of images to train on, or to split
	Val, Test string   // tars or folders of those parts; "": none
	Classes   string   // file of the classes in label order; "": their names sorted
	Labels    string   // file of the labels of images whose place does not tell their class
	DevKit    string   // ILSVRC's devkit: numbers of classes, their words and the ground truth
	Split     string   // see parseSplit
	Seed      uint64
	Size      int // of the shorter side
	Whole     bool
	Encoding  string // JPEG or Raw
	Quality   int    // of JPEG
	Workers   int    // 0: one for each core

	// OnProgress is called while images are listed and prepared, OnMessage with
	// sentences for the user. They may be nil.
	OnProgress func(Progress)
	OnMessage  func(string)

	shard int // images of a shard, a multiple of chunkImages; 0: shardImages
}

// Progress is how far Prepare has come.
type Progress struct {
	Listed      int // images, until all are known
	Done, Total int // images; Total is 0 while they are listed
	Skipped     int // that cannot be read
}

// A shard is made of so many images, if none is skipped, a chunk of it by one worker at a
// time.
const (
	shardImages = 1024
	chunkImages = 16
)

// Check fails with a sentence on options that cannot be.
func (o *Options) Check() error {
	switch {
	case o.Size < 8 || o.Size > 2048:
		return fmt.Errorf("--size %d; expected 8 to 2048", o.Size)
	case o.Encoding != JPEG && o.Encoding != Raw:
		return fmt.Errorf("--encoding %s; expected %s or %s", o.Encoding, JPEG, Raw)
	case o.Quality < 1 || o.Quality > 100:
		return fmt.Errorf("--quality %d; expected 1 to 100", o.Quality)
	case o.Workers < 0:
		return fmt.Errorf("--jobs %d; expected at least 0", o.Workers)
	}
	_, err := parseSplit(o.Split)
	return err
}

func (o *Options) layout() Layout {
	l := Layout{Size: o.Size, Whole: o.Whole, Encoding: o.Encoding, Filter: data.Filter}
	if o.Encoding == JPEG {
		l.Quality = o.Quality
	}
	return l
}

// outside fails where the pack would be one of the images' own folders.
func (o *Options) outside(dst string) error {
	to, err := filepath.Abs(dst)
	if err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	for _, source := range append([]string{o.Val, o.Test}, o.Sources...) {
		from, err := filepath.Abs(source)
		if source == "" || err != nil {
			continue
		}
		if to == from || strings.HasPrefix(to, from+string(filepath.Separator)) {
			return fmt.Errorf("pack: %s lies in %s, whose images it is to be made of: choose another DST", dst, source)
		}
	}
	return nil
}

// setting is what must be the same when preparing goes on.
type setting struct {
	Name  string `json:"name"` // as the user gives it
	Value string `json:"value"`
}

// settings are what decides what the pack will be.
func (o *Options) settings() ([]setting, error) {
	layout := o.layout()
	out := []setting{
		{"--size", fmt.Sprint(layout.Size)}, {"--whole", fmt.Sprint(layout.Whole)}, {"--encoding", layout.Encoding},
		{"--quality", fmt.Sprint(layout.Quality)}, {"--split", cmp.Or(o.Split, "a tenth of each class")}, {"--seed", fmt.Sprint(o.Seed)}, {"filter", layout.Filter},
		{"images of a shard", fmt.Sprint(o.shard)},
	}
	files := []setting{{"--val", o.Val}, {"--test", o.Test}, {"--classes", o.Classes}, {"--labels", o.Labels}, {"--devkit", o.DevKit}}
	for _, s := range o.Sources {
		files = append(files, setting{"source", s})
	}
	for _, term := range strings.Split(o.Split, ",") {
		if _, value, found := strings.Cut(term, "="); found {
			if _, err := os.Stat(value); err == nil {
				files = append(files, setting{"--split", value})
			}
		}
	}
	for _, f := range files {
		stamp, err := stamped(f.Value)
		if err != nil {
			return nil, err
		}
		out = append(out, setting{f.Name, stamp})
	}
	return out, nil
}

// stamped is a file's path and, of a plain file, its size and when it was changed.
func stamped(path string) (string, error) {
	if path == "" {
		return "none", nil
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("pack: %w", err)
	}
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("pack: there is no %s", path)
	}
	if err != nil {
		return "", fmt.Errorf("pack: %w", err)
	}
	if info.IsDir() {
		return path, nil
	}
	return fmt.Sprintf("%s of %d bytes, changed %s", path, info.Size(), info.ModTime().UTC().Format("2006-01-02 15:04:05.000")), nil
}

// difference is the first setting that is not as it was, then and now.
func difference(before, now []setting) (a, b setting, differ bool) {
	for i := range max(len(before), len(now)) {
		a, b = setting{Value: "none"}, setting{Value: "none"}
		if i < len(before) {
			a = before[i]
		}
		if i < len(now) {
			b = now[i]
		}
		if a != b {
			a.Name = cmp.Or(a.Name, b.Name)
			return a, b, true
		}
	}
	return a, b, false
}

func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "\t")
	if err == nil {
		_, err = writeFile(path, append(text, '\n'))
	}
	return err
}

func readJSON(path string, v any) error {
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	return err
}
