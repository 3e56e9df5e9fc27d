package pack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"

	"alexnet/engine/whole"
)

// sourceName is the file of a finished pack that says what it was prepared from.
const sourceName = "source.json"

// source is what a pack was prepared from, so that the same command can tell that there
// is nothing left to do.
type source struct {
	Settings []setting `json:"settings"`
	Images   string    `json:"images_sha256"` // of all that were listed, as hashImages has it
}

// finished says whether a folder holds a pack that nothing is missing from.
func finished(dst string) bool {
	_, made := os.Stat(filepath.Join(dst, packName))
	_, making := os.Stat(filepath.Join(dst, workName))
	return made == nil && errors.Is(making, fs.ErrNotExist)
}

// again opens a finished pack where preparing it anew would give the same: its settings
// and images are those of now, and its files are there. Otherwise the error says what
// differs.
func again(ctx context.Context, dst string, o Options, now []setting) (*Pack, error) {
	var before source
	if err := readJSON(filepath.Join(dst, sourceName), &before); err != nil {
		return nil, fmt.Errorf("pack: %s is a finished pack, and nothing in it tells what it was prepared from: remove it to prepare it anew, or choose another DST", dst)
	}
	if a, b, differ := difference(before.Settings, now); differ {
		return nil, fmt.Errorf("pack: %s is a finished pack, made with another %s: %s then, %s now; remove it to prepare it anew, or choose another DST", dst, a.Name, a.Value, b.Value)
	}
	p, err := Open(dst)
	if err == nil {
		err = p.complete()
	}
	if err != nil {
		return nil, err
	}
	err = relisted(ctx, o, before.Images)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("pack: %s is a finished pack, and what it was prepared from has changed since (%w): remove it to prepare it anew, or choose another DST", dst, err)
	}
	o.OnMessage(dst + " is complete already, from these images and with these settings")
	return p, nil
}

// relisted fails where the images of the sources are not those of a hash.
func relisted(ctx context.Context, o Options, before string) error {
	now, err := relist(ctx, o)
	if err == nil && now != before {
		err = errors.New("images were added, removed or changed")
	}
	return err
}

// relist lists the images of the sources to nowhere and returns their hash.
func relist(ctx context.Context, o Options) (string, error) {
	dir, err := os.MkdirTemp("", "alexnet-prepare-*")
	if err != nil {
		return "", whole.Cause(err)
	}
	defer os.RemoveAll(dir)
	w := &work{dst: dir}
	if err := os.Mkdir(w.path(), 0o755); err != nil {
		return "", whole.Cause(err)
	}
	o.OnMessage = func(string) {} // it was said when the pack was made
	err = w.listImages(ctx, &o)
	return w.Hash, err
}

// hashImages is a hash of what is to be prepared: the images of each part in their order,
// and of each that is a file of its own its size and when it was changed. Those of tars
// are told by the tars'.
func (w *work) hashImages() (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n%q\n", w.Classes, w.Stamps)
	for _, part := range Parts {
		fmt.Fprintf(h, "%s\n", part)
		if err := each(w.list(part), func(o origin) error { return w.hashImage(h, o) }); err != nil {
			return "", fmt.Errorf("pack: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func (w *work) hashImage(h hash.Hash, o origin) error {
	fmt.Fprintf(h, "%d %d %d %d %q", o.archive, o.offset, o.length, o.class, o.name)
	if o.offset < 0 {
		if info, err := os.Stat(filepath.Join(w.Archives[o.archive], filepath.FromSlash(o.name))); err == nil {
			fmt.Fprintf(h, " %d %d", info.Size(), info.ModTime().UnixNano())
		}
	}
	_, err := h.Write([]byte("\n"))
	return err
}

// complete fails where a file of the pack is not there, or is cut off.
func (p *Pack) complete() error {
	for _, part := range Parts {
		for _, s := range p.Parts[part].Shards {
			if _, err := p.Entries(s); err != nil {
				return err
			}
		}
	}
	_, err := p.Stats()
	return err
}
