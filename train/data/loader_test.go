package data

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// broken is a generated set some of whose images cannot be read.
type broken struct {
	*Generated
	bad func(i int) bool
}

func (b broken) Pixels(i int, dst []byte) error {
	if b.bad(i) {
		return &BadImageError{Path: b.Name(i), Err: errors.New("broken")}
	}
	return b.Generated.Pixels(i, dst)
}

func load(t *testing.T, set Set, o LoaderOptions, batches int) (out []*Batch, err error) {
	t.Helper()
	l, err := NewLoader(set, o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for range batches {
		b, err := l.Next(context.Background())
		if err != nil {
			return out, err
		}
		kept := *b
		kept.Pixels = bytes.Clone(b.Pixels)
		kept.Labels, kept.Index, kept.Crops = append([]int32(nil), b.Labels...), append([]int(nil), b.Index...), append([]Crop(nil), b.Crops...)
		out = append(out, &kept)
		b.Release()
	}
	return out, nil
}

// What a batch holds does not depend on the workers or on where loading began.
func TestLoaderIsAFunctionOfTheCounter(t *testing.T) {
	set := broken{NewGenerated(1, 50), func(i int) bool { return i%7 == 3 }}
	o := LoaderOptions{Batch: 16, Crop: 56, Train: true, Seed: 3, Augment: Augment{RandomCrop: true, Mirror: true}, MaxBad: 1}
	want, err := load(t, set, o, 10)
	if err != nil {
		t.Fatal(err)
	}
	o.Workers, o.Ahead, o.Start = 4, 5, 3*16
	got, err := load(t, set, o, 7)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range got {
		w := want[i+3]
		if !bytes.Equal(b.Pixels, w.Pixels) || b.Next != w.Next {
			t.Errorf("batch %d differs", i+3)
		}
		for k := range b.Crops {
			if b.Crops[k] != w.Crops[k] || b.Index[k] != w.Index[k] || b.Index[k]%7 == 3 {
				t.Errorf("batch %d, image %d: %v of %d, want %v of %d", i+3, k, b.Crops[k], b.Index[k], w.Crops[k], w.Index[k])
			}
		}
	}
}

func TestLoaderEvaluatesOnce(t *testing.T) {
	var named []string
	set := broken{NewGenerated(1, 50), func(i int) bool { return i == 20 }}
	o := LoaderOptions{Batch: 16, Crop: 56, MaxBad: 0.1, OnBad: func(_ int, err error) { named = append(named, err.Error()) }}
	got, err := load(t, set, o, 10)
	if !errors.Is(err, io.EOF) || len(got) != 4 {
		t.Fatalf("%d batches, %v", len(got), err)
	}
	valid := 0
	for _, b := range got {
		valid += b.Valid
	}
	if valid != 49 || len(named) != 1 || !strings.Contains(named[0], "image 20") {
		t.Errorf("%d images, bad: %v", valid, named)
	}
}

func TestLoaderGivesUpOnTooManyBadImages(t *testing.T) {
	set := broken{NewGenerated(1, 200), func(i int) bool { return i%2 == 0 }}
	_, err := load(t, set, LoaderOptions{Batch: 16, Crop: 56, Train: true, MaxBad: 0.05}, 20)
	if err == nil || !strings.Contains(err.Error(), "max_bad") {
		t.Error(err)
	}
	set.bad = func(int) bool { return true }
	if _, err := load(t, set, LoaderOptions{Batch: 4, Crop: 56, MaxBad: 1, Train: true}, 1); err == nil {
		t.Error("a set without a readable image was read")
	}
}

// damagedFolder is a folder of n images of one class and n of another; the first
// bad ones of the first are cut JPEG files.
func damagedFolder(t *testing.T, n, bad int) Set {
	t.Helper()
	dir := tree(t, classesOf(n, n)...)
	whole := encoded(t, plain(40, 40, color.Black), encodeJPEG)
	for i := range bad {
		if err := os.WriteFile(filepath.Join(dir, "a", fmt.Sprintf("%03d.jpg", i)), whole[:len(whole)/2], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return open(t, dir, FolderOptions{Split: []string{}}).Train
}

func TestLoaderSkipsACorruptPhotograph(t *testing.T) {
	set := damagedFolder(t, 15, 1)
	for _, train := range []bool{true, false} {
		var mu sync.Mutex
		var named []string
		l, err := NewLoader(set, LoaderOptions{Batch: 10, Crop: 4, Train: train, Workers: 2, MaxBad: 0.05, OnBad: func(_ int, err error) {
			mu.Lock()
			defer mu.Unlock()
			named = append(named, err.Error())
		}})
		if err != nil {
			t.Fatal(err)
		}
		valid := 0
		for range 3 { // an epoch
			b, err := l.Next(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range b.Index {
				if set.Name(i) == "a/000.jpg" {
					t.Error("the corrupt image is in a batch")
				}
			}
			valid += b.Valid
			b.Release()
		}
		l.Close()
		want := 29
		if train {
			want = 30 // another takes its place
		}
		if valid != want || l.Bad() != 1 {
			t.Errorf("train %v: %d images, %d bad", train, valid, l.Bad())
		}
		if len(named) != 1 || !strings.Contains(named[0], filepath.Join("a", "000.jpg")) {
			t.Errorf("train %v: named %q", train, named)
		}
	}
}

func TestLoaderGivesUpOnACorruptFolder(t *testing.T) {
	set := damagedFolder(t, 60, 40)
	o := LoaderOptions{Batch: 10, Crop: 4, Train: true, MaxBad: 0.4}
	if _, err := load(t, set, o, 24); err != nil {
		t.Error("a third is below the share:", err)
	}
	o.MaxBad = 0.1
	_, err := load(t, set, o, 24)
	wantError(t, err, "cannot be read, more than data.max_bad = 0.1 allows", filepath.Join("a", "0"))
	var bad *BadImageError
	if !errors.As(err, &bad) {
		t.Errorf("%v wraps no BadImageError", err)
	}
}

func TestLoaderStops(t *testing.T) {
	l, err := NewLoader(NewGenerated(1, 50), LoaderOptions{Batch: 4, Crop: 56, Train: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 100 {
		if _, err = l.Next(ctx); err != nil {
			break
		}
	}
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	l.Close()
}

// gated is a generated set whose images come when they are let.
type gated struct {
	*Generated
	gate chan struct{}
}

func (g gated) Pixels(i int, dst []byte) error {
	<-g.gate
	return g.Generated.Pixels(i, dst)
}

// TestLoaderTellsItsWork: what is done, what is not yet, and what was over before.
func TestLoaderTellsItsWork(t *testing.T) {
	set := gated{NewGenerated(1, 8), make(chan struct{}, 100)}
	l, err := NewLoader(set, LoaderOptions{Batch: 4, Crop: 56, Train: true})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	defer close(set.gate)
	began := time.Now()
	for range 4 + 2 { // a batch and half of the next
		set.gate <- struct{}{}
	}
	b, err := l.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for len(set.gate) > 0 { // until the worker is at the second batch
		time.Sleep(time.Millisecond)
	}
	works := l.Since(began)
	if len(works) != 2 || works[0].Images != 4 || !works[0].To.After(works[0].From) || !works[1].To.IsZero() || works[1].From.Before(works[0].To) {
		t.Errorf("works %+v", works)
	}
	if works = l.Since(time.Now()); len(works) != 1 || !works[0].To.IsZero() {
		t.Errorf("from now on: %+v", works)
	}
	b.Release()
}
