package pack

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"alexnet/engine/whole"
	"alexnet/train/data"
)

// Files in the folder of work.
const (
	lockName     = "lock"
	settingsName = "settings.json"
	listedName   = "listed.json"
	stateName    = "state"
	foundName    = "found" // the list of images before those of parts are split off
)

// work is a pack that is being made. Whatever ends the process, what the state tells of
// is complete, and the rest is made again.
type work struct {
	dst      string
	lock     *os.File
	perShard int // images of a shard
	listed
	state state
}

// listed is what is known once all images are listed.
type listed struct {
	Archives []string       // folders and tars that hold images, absolute
	Stamps   []string       // what they were when they were listed, as stamped has it
	Labels   []int          // of the classes in the order in which they were found
	Classes  []string       // in label order
	Words    []string       // what they are; nil
	Images   map[string]int // by part
	Links    []data.LeftOut // that are not followed
	Hash     string         // of the images, as hashImages has it
}

// state is what is done.
type state struct {
	Shards  map[string][]Shard
	Skipped map[string]int
	Sums    *data.Sums // of the part that trains
}

// openWork makes or reopens a folder that becomes a pack, for this process alone.
func openWork(dst string, perShard int, settings []setting) (*work, error) {
	w := &work{dst: dst, perShard: perShard}
	if err := w.check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(w.path(), 0o755); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	var err error
	if w.lock, err = os.OpenFile(w.path(lockName), os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if err := syscall.Flock(int(w.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		w.close()
		return nil, fmt.Errorf("pack: another process prepares %s", dst)
	}
	if err = w.begin(settings); err == nil {
		err = w.resume()
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// check refuses folders that hold something else.
func (w *work) check() error {
	info, err := os.Stat(w.dst)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("pack: %s is a file; DST is the folder to make", w.dst)
	}
	files, err := os.ReadDir(w.dst)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("pack: %w", err)
	}
	if _, err := os.Stat(w.path()); err == nil {
		return nil
	}
	if Is(w.dst) {
		return lacks(w.dst, packName)
	}
	if len(files) > 0 {
		return fmt.Errorf("pack: %s holds %s and no pack: choose another DST", w.dst, files[0].Name())
	}
	return nil
}

// begin keeps the settings, or compares them with those of the beginning.
func (w *work) begin(now []setting) error {
	var began []setting
	err := readJSON(w.path(settingsName), &began)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := writeJSON(w.path(settingsName), now); err != nil {
			return fmt.Errorf("pack: %s: %w", w.dst, err)
		}
		return nil
	case err != nil:
		return fmt.Errorf("pack: %s: %w; remove the folder and prepare it anew", w.path(settingsName), err)
	}
	if a, b, differ := difference(began, now); differ {
		return fmt.Errorf("pack: %s was begun with another %s: %s then, %s now; give the same command again, or another DST", w.dst, a.Name, a.Value, b.Value)
	}
	return nil
}

// resume removes what was being written and reads what is done.
func (w *work) resume() error {
	for _, dir := range []string{w.dst, w.path()} {
		whole.Clean(dir)
	}
	w.state = state{Shards: map[string][]Shard{}, Skipped: map[string]int{}}
	err := readJSON(w.path(listedName), &w.listed)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = w.readState()
	}
	if err != nil {
		return fmt.Errorf("pack: what is done of %s cannot be read (%w): remove the folder and prepare it anew", w.dst, err)
	}
	return nil
}

func (w *work) readState() error {
	f, err := os.Open(w.path(stateName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return gob.NewDecoder(f).Decode(&w.state)
}

// keep writes the state.
func (w *work) keep() error {
	f, err := create(w.path(stateName))
	if err != nil {
		return err
	}
	if err := gob.NewEncoder(f).Encode(w.state); err != nil {
		f.drop()
		return err
	}
	_, err = f.commit()
	return err
}

// path is one in the folder of work.
func (w *work) path(names ...string) string {
	return filepath.Join(append([]string{w.dst, workName}, names...)...)
}

// list is the path of a part's list of images.
func (w *work) list(part string) string { return w.path(part + ".tsv") }

// done is the number of images that are prepared or skipped.
func (w *work) done() (n int) {
	for _, part := range Parts {
		n += min(len(w.state.Shards[part])*w.perShard, w.Images[part])
	}
	return n
}

// total is the number of images of all parts.
func (w *work) total() (n int) {
	for _, images := range w.Images {
		n += images
	}
	return n
}

// skipped is the number of images that could not be read.
func (w *work) skipped() (n int) {
	for _, images := range w.state.Skipped {
		n += images
	}
	return n
}

// finish writes the pack's own files, pack.json as the last.
func (w *work) finish(o *Options, settings []setting) (*Pack, error) {
	p := &Pack{Format: format, Version: version, Layout: o.layout(), Split: o.Split, Seed: o.Seed, Classes: w.Classes, Words: w.Words, Parts: map[string]List{}, dir: w.dst}
	for _, part := range Parts {
		list := List{Skipped: w.state.Skipped[part], Shards: w.state.Shards[part]}
		for _, s := range list.Shards {
			list.Images += s.Images
		}
		if w.Images[part] > 0 {
			p.Parts[part] = list
		}
	}
	if p.Images() == 0 {
		return nil, w.nothing()
	}
	if p.Parts[Train].Images > 0 {
		stats, err := w.state.Sums.Stats()
		if err == nil {
			p.MeanHash, err = writeMean(w.dst, stats.Mean, o.Size)
		}
		if err != nil {
			return nil, err
		}
		p.Colour = &stats.Colour
	}
	if err := w.joinSkipped(); err != nil {
		return nil, err
	}
	if err := writeJSON(filepath.Join(w.dst, sourceName), source{settings, w.Hash}); err != nil {
		return nil, err
	}
	return p, writeJSON(filepath.Join(w.dst, packName), p)
}

// nothing undoes the preparing of images of which none can be read, so that the same
// command tries again once what is wrong with them is mended.
func (w *work) nothing() error {
	why := ""
	for _, part := range Parts {
		for _, s := range w.state.Shards[part] {
			if text, err := os.ReadFile(w.path(s.Name + ".skipped")); err == nil && why == "" {
				line, _, _ := strings.Cut(string(text), "\n")
				name, reason, _ := strings.Cut(line, "\t")
				why = unescape(name) + ": " + unescape(reason)
			}
			os.Remove(filepath.Join(w.dst, s.Name+tarExtension))
			os.Remove(filepath.Join(w.dst, s.Name+indexExtension))
		}
	}
	return w.abandon(fmt.Errorf("pack: none of the %d images can be read; %s", w.total(), why))
}

// unchanged fails where the images are not those that were listed. Tars are told by their
// stamps, without a look into them.
func (w *work) unchanged(ctx context.Context, o Options) error {
	folders := false
	for i, archive := range w.Archives {
		now, err := stamped(archive)
		if err != nil {
			return err
		}
		if i < len(w.Stamps) && now != w.Stamps[i] {
			return w.changed(archive, fmt.Errorf("it was %s and is now %s", w.Stamps[i], now))
		}
		info, err := os.Stat(archive)
		folders = folders || err == nil && info.IsDir()
	}
	if !folders {
		return nil
	}
	if err := relisted(ctx, o, w.Hash); err != nil {
		return w.changed("what "+w.dst+" is made of", err)
	}
	return nil
}

// changed is what is wrong where images are not those that were listed.
func (w *work) changed(what string, how error) error {
	return fmt.Errorf("pack: %s has changed since its images were listed: %w; remove %s and prepare it anew", what, how, w.dst)
}

// joinSkipped joins the lists of what was skipped.
func (w *work) joinSkipped() error {
	f, err := create(filepath.Join(w.dst, skippedName))
	if err != nil {
		return err
	}
	var links []byte
	for _, link := range w.Links {
		links = appendSkipped(links, link.Path, link.Why)
	}
	if _, err := f.Write(links); err != nil {
		f.drop()
		return err
	}
	for _, part := range Parts {
		for _, s := range w.state.Shards[part] {
			if err = appendFile(f, w.path(s.Name+".skipped")); err != nil {
				f.drop()
				return err
			}
		}
	}
	_, err = f.commit()
	return err
}

// appendFile copies a file, if it is there.
func appendFile(to io.Writer, path string) error {
	from, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer from.Close()
	_, err = io.Copy(to, from)
	return err
}

// remove removes the folder of work.
func (w *work) remove() error { return os.RemoveAll(w.path()) }

// close lets other processes at the folder.
func (w *work) close() { w.lock.Close() }
