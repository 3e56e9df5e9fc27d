package train

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"alexnet/engine/whole"
	"alexnet/net"
	"alexnet/net/nearest"
	"alexnet/train/data"
	"alexnet/train/safetensors"
)

// Gallery are images to look for similar ones in.
type Gallery struct {
	data.Set
	// Key identifies the images (data.Contents); Folder, whose they are, or "" for a run's
	// training images.
	Key, Folder string
}

// OpenGallery opens the training images of a checkpoint's run or, where dir is not empty,
// those of a pack, or all in a folder and in those inside it.
func OpenGallery(c *Config, l *Loaded, dir string) (*Gallery, error) {
	if dir != "" {
		set, err := openImages(dir, c.Size, l.Classes)
		if err != nil {
			return nil, err
		}
		if dir, err = filepath.Abs(dir); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
		return &Gallery{Set: set, Key: data.Contents(set), Folder: dir}, nil
	}
	s, err := openSets(c, l.Run())
	if err != nil {
		return nil, fmt.Errorf("%w; or name other images with --index", err)
	}
	if s.fingerprint() != l.Fingerprint {
		return nil, fmt.Errorf("train: the training images are not those of %s: %s; restore them, or name images with --index", l.Path, s.difference(l))
	}
	return &Gallery{Set: s.Train, Key: data.Contents(s.Train)}, nil
}

// Rows are those of a gallery's images that can be read, in order.
type Rows struct {
	Gallery *Gallery
	Images  []int // of the gallery, by row
}

// Index are the features of a gallery's images, in a file: a row each.
type Index struct {
	Rows
	Path  string
	Width int // numbers of a row

	of   indexed
	file *safetensors.File
}

// indexed says what an index holds the features of.
type indexed struct {
	Checkpoint string `json:"checkpoint"` // the checksum of its tensors
	Images     string `json:"images"`     // Gallery.Key
	Folder     string `json:"folder"`     // Gallery.Folder
	Layer      string `json:"layer"`
}

// Names in an index.
const (
	indexMetadata = "alexnet.index"
	featuresName  = "features" // (row, number)
	imagesName    = "images"   // (row)
	labelsName    = "labels"   // (row); -1: not known
	namesName     = "names"    // of the images, a line each
)

// indexedOf is what an index for these holds.
func indexedOf(l *Loaded, g *Gallery, f *Features) indexed {
	return indexed{Checkpoint: l.file.Metadata["sha256"], Images: g.Key, Folder: g.Folder, Layer: f.Layer}
}

// IndexPath is where the index of a gallery is kept: in the folder of the checkpoint's
// run, or beside the checkpoint.
func IndexPath(l *Loaded, g *Gallery, f *Features) string {
	home := l.Run()
	if home == "" {
		home = filepath.Dir(l.Path)
	}
	name := f.Layer
	if g.Folder != "" {
		name += fmt.Sprintf("-%x", sha256.Sum256([]byte(g.Folder)))[:9]
	}
	return filepath.Join(home, "index", name+".safetensors")
}

// OpenIndex opens the index in a file if it is of the checkpoint as it is, the images as
// they are and the layer; it is nil if it is not.
func OpenIndex(path string, l *Loaded, g *Gallery, f *Features) *Index {
	file, err := safetensors.Open(path)
	if err != nil {
		return nil
	}
	x := &Index{Path: path, Width: f.Width, of: indexedOf(l, g, f), file: file}
	rows, ok := rowsIn(file, g, x.of)
	shape := file.Shape(featuresName)
	if !ok || !slices.Equal(shape, []int{len(rows.Images), f.Width}) {
		file.Close()
		return nil
	}
	x.Rows = rows
	return x
}

// rowsIn are the rows of a file; not ok if it is of other ones.
func rowsIn(file *safetensors.File, g *Gallery, want indexed) (r Rows, ok bool) {
	var of indexed
	if err := json.Unmarshal([]byte(file.Metadata[indexMetadata]), &of); err != nil || of != want {
		return r, false
	}
	images, err := file.Ints(imagesName)
	if err != nil {
		return r, false
	}
	r.Gallery = g
	for _, i := range images {
		r.Images = append(r.Images, int(i))
	}
	return r, true
}

// indexFree fails where a file that a user named for an index holds something else, which
// may be all that there is of it.
func indexFree(path string) error {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil // there is nothing to lose
	}
	if file := openThere(path); file != nil {
		defer file.Close()
		if file.Metadata[indexMetadata] != "" && file.Shape(featuresName) != nil {
			return nil
		}
	}
	return fmt.Errorf("%s is there already and is no index, so it is not replaced: name another file with --index-file, or remove it", path)
}

// MakeIndex makes the features of a gallery's images and keeps them in a file, which
// replaces an index that is there. The network must be built with Keep and have its weights and
// mean; onImages may be nil.
func MakeIndex(ctx context.Context, path string, l *Loaded, g *Gallery, f *Features, n *net.Net, c *Config, onImages func(done, total int)) (*Index, error) {
	of, err := json.Marshal(indexedOf(l, g, f))
	// In a run's own folder it may be what is left of an index when the power failed.
	if err == nil && path != IndexPath(l, g, f) {
		err = indexFree(path)
	}
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = whole.WriteSoon(path, func(file *whole.File) error {
			w := &indexWriter{gallery: g}
			e := Extraction{Features: f, OnImages: onImages}
			return w.write(file, f.Width, string(of), func() error { return e.Run(ctx, n, c, g, w.add) })
		})
	}
	if err != nil {
		return nil, fmt.Errorf("train: index: %w", err)
	}
	if x := OpenIndex(path, l, g, f); x != nil {
		return x, nil
	}
	return nil, fmt.Errorf("train: the index %s was replaced by another program meanwhile: try again, or name another file with --index-file", path)
}

// indexWriter writes an index as the features come.
type indexWriter struct {
	gallery        *Gallery
	rows           *safetensors.RowWriter
	images, labels []int64
	names          strings.Builder
}

func (w *indexWriter) write(file *whole.File, width int, of string, extract func() error) (err error) {
	if w.rows, err = safetensors.NewRowWriter(file, featuresName, width); err != nil {
		return err
	}
	if err := extract(); err != nil {
		return err
	}
	if len(w.images) == 0 {
		return errors.New("none of the images can be read")
	}
	names := []byte(w.names.String())
	return w.rows.Finish([]safetensors.Tensor{
		{Name: imagesName, Shape: []int{len(w.images)}, Ints: w.images},
		{Name: labelsName, Shape: []int{len(w.labels)}, Ints: w.labels},
		{Name: namesName, Shape: []int{len(names)}, Bytes: names},
	}, map[string]string{"format": "pt", indexMetadata: of})
}

func (w *indexWriter) add(image int, features []float32) error {
	w.images, w.labels = append(w.images, int64(image)), append(w.labels, int64(w.gallery.Label(image)))
	w.names.WriteString(w.gallery.Name(image) + "\n")
	return w.rows.Add(features)
}

// Table are the rows, to be searched.
func (x *Index) Table() nearest.Table {
	return nearest.Table{Rows: len(x.Images), Width: x.Width, Read: func(first int, dst []float32) error {
		return x.file.FloatsAt(featuresName, first*x.Width, dst)
	}}
}

// row reads one row.
func (x *Index) row(i int, dst []float32) error {
	return x.file.FloatsAt(featuresName, i*x.Width, dst)
}

// Close closes the file.
func (x *Index) Close() error { return x.file.Close() }
