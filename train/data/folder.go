package data

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// FolderOptions say how OpenFolder reads a folder of photographs.
type FolderOptions struct {
	Size int    // height and width of the images in pixels
	Seed uint64 // of the split, if one is made
	// Classes are the class names in label order that the folder must have: those
	// of an earlier run. nil: the names of its folders in sorted order.
	Classes []string
	// Split are the validation images of an earlier run, as Folder.Split returned
	// them. nil: make a split if the folder has none; empty: all images train.
	Split []string
}

// Folder is a folder of photographs.
type Folder struct {
	Train, Val Set // Val is empty only where FolderOptions.Split asks for it
	// Split are the paths of the validation images under the folder, with
	// slashes and sorted, if they were split off; nil if they have a folder.
	Split []string
	// Note is a sentence for the user if a split was made; else empty.
	Note string
	// Ignored is the number of files that are left out: that are not images by their
	// names, lie beside the folders of classes, or are links that are not followed. Hidden
	// files are not counted.
	Ignored int
}

// extensions are those of files that count as images; ReadImage looks at what
// is in them.
var extensions = []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp"}

// OpenFolder lists a folder of photographs, one folder for each class:
//
//	dir/train/CLASS/*.jpg and dir/val/CLASS/*.jpg (or test if there is no val)
//	dir/CLASS/*.jpg (or dir/train/CLASS/*.jpg alone)
//
// In the second form a tenth of each class is set aside for validation, by seed
// and file names only. The folders of the first form may have other names, such as
// validation and Train: see FindParts. Folders inside a class belong to it; a class may be
// absent from val. Images are read when they are asked for, as ReadImage says,
// and named by their path under dir. Errors name the folder and say what to do.
func OpenFolder(dir string, o FolderOptions) (*Folder, error) {
	if o.Size < 1 {
		return nil, fmt.Errorf("data: images of %d pixels; the size is at least 1", o.Size)
	}
	train, val, err := layout(dir)
	if err != nil {
		return nil, err
	}
	l := &Listing{Dir: dir}
	classes, err := l.inOrder(train, o.Classes)
	if err != nil {
		return nil, err
	}
	f := &Folder{}
	all := newPhotos(dir, o.Size, classes)
	for label, class := range classes {
		files, err := l.Images(path.Join(train, class))
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, l.NoImages(path.Join(train, class))
		}
		all.add(label, files)
	}
	if val == "" {
		err = f.split(all, o)
	} else {
		f.Train = all
		f.Val, err = l.validation(all, train, val, o)
	}
	f.Ignored = l.Ignored + len(l.Loose) + len(l.Links)
	return f, err
}

// FolderClasses are the classes of a folder of photographs in label order, as OpenFolder
// finds them, without a look into them.
func FolderClasses(dir string) ([]string, error) {
	train, _, err := layout(dir)
	if err != nil {
		return nil, err
	}
	return (&Listing{Dir: dir}).inOrder(train, nil)
}

// layout finds the folders that hold the classes of training and validation,
// relative to dir; val is empty if it has to be split off.
func layout(dir string) (train, val string, err error) {
	if info, err := os.Stat(dir); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return "", "", fmt.Errorf("data: there is no folder %s; check --data (data.dir in the recipe)", dir)
		}
		return "", "", fmt.Errorf("data: open the folder of images: %w", err)
	} else if !info.IsDir() {
		return "", "", fmt.Errorf("data: %s is a file; name the folder that holds a folder for each class", dir)
	}
	names, err := (&Listing{Dir: dir}).Classes("")
	if err != nil {
		return "", "", err
	}
	parts, err := FindParts(dir, names)
	return parts["train"], cmp.Or(parts["val"], parts["test"]), err
}

// inOrder are the classes of a folder in label order; want is as FolderOptions.Classes.
func (l *Listing) inOrder(folder string, want []string) ([]string, error) {
	names, err := l.Classes(folder)
	if err != nil {
		return nil, err
	}
	return labelOrder(l.under(folder), names, want)
}

// labelOrder puts classes into the order of want and compares both.
func labelOrder(dir string, names, want []string) ([]string, error) {
	switch {
	case len(names) == 0:
		return nil, fmt.Errorf("data: %s has no class folders; put the images of each class into a folder of its own there, named after the class", dir)
	case want == nil && len(names) == 1:
		return nil, fmt.Errorf("data: %s has one class only, %s; a network needs at least two to tell apart", dir, names[0])
	case want == nil:
		for _, n := range names {
			if err := CheckClass(n); err != nil {
				return nil, fmt.Errorf("data: %s holds %w", dir, err)
			}
		}
		return names, nil
	}
	for _, w := range want {
		if !slices.Contains(names, w) {
			return nil, fmt.Errorf("data: %s has no folder of the class %s, which the network was trained on; add it", dir, w)
		}
	}
	for _, n := range names {
		if !slices.Contains(want, n) {
			return nil, fmt.Errorf("data: %s has a folder %s, which is not among the %d classes the network was trained on; remove or rename it", dir, n, len(want))
		}
	}
	return want, nil
}

// Listing lists what is under a folder and counts what it leaves out.
type Listing struct {
	Dir     string
	Ignored int // files that are not images by their names
	// Links are the symbolic links that are not followed.
	Links []LeftOut
	// Loose are images beside the folders of classes, by their paths under Dir with
	// slashes.
	Loose []string
}

// LeftOut is what a listing finds and does without.
type LeftOut struct {
	Path string // under Listing.Dir, with slashes
	Why  string
}

// LeaveOut notes an entry of a folder that is neither an image nor a folder to look into.
func (l *Listing) LeaveOut(folder string, e fs.DirEntry) {
	if e.Type()&fs.ModeSymlink == 0 {
		l.Ignored++
		return
	}
	name := path.Join(folder, e.Name())
	switch info, err := os.Stat(l.under(name)); {
	case err != nil:
		to, _ := os.Readlink(l.under(name))
		l.Links = append(l.Links, LeftOut{name, "the link leads nowhere: " + to})
	case info.IsDir():
		l.Links = append(l.Links, LeftOut{name, "a link to a folder, which is followed only where it is the folder of a class"})
	default:
		l.Ignored++
	}
}

// NoImages is what is wrong with the folder of a class in which Images has found none. It
// names a link there that is left out.
func (l *Listing) NoImages(folder string) error {
	why := ""
	for _, link := range l.Links {
		if strings.HasPrefix(link.Path, folder+"/") {
			why = fmt.Sprintf(", and %s is left out: %s", link.Path, link.Why)
			break
		}
	}
	return fmt.Errorf("data: the class folder %s holds no image (%s)%s; add some or remove the folder", l.under(folder), strings.Join(extensions, " "), why)
}

// under is a path for messages.
func (l *Listing) under(parts ...string) string {
	return filepath.Join(l.Dir, filepath.Join(parts...))
}

// IsImage says whether a file is an image by its name, and one that people see.
func IsImage(name string) bool {
	return !hidden(name) && slices.Contains(extensions, strings.ToLower(path.Ext(name)))
}

// Hidden says whether a path with slashes is of a file that people do not see: dot files,
// what macOS puts into archives, and what lies in such folders.
func Hidden(path string) bool { return slices.ContainsFunc(strings.Split(path, "/"), hidden) }

func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || name == "__MACOSX"
}

// kind is what an entry is, behind a symbolic link what the link leads to.
func kind(dir string, e fs.DirEntry) fs.FileMode {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Type()
	}
	info, err := os.Stat(filepath.Join(dir, e.Name()))
	if err != nil {
		return fs.ModeIrregular // leads nowhere
	}
	return info.Mode().Type()
}

// Classes are the folders in a folder under Dir, in sorted order.
func (l *Listing) Classes(folder string) ([]string, error) {
	entries, err := os.ReadDir(l.under(folder))
	if err != nil {
		return nil, fmt.Errorf("data: list the class folders: %w", err)
	}
	var names []string
	for _, e := range entries {
		switch {
		case hidden(e.Name()):
		case kind(l.under(folder), e).IsDir():
			names = append(names, e.Name())
		case IsImage(e.Name()) && kind(l.under(folder), e).IsRegular():
			l.Loose = append(l.Loose, path.Join(folder, e.Name()))
		default:
			l.LeaveOut(folder, e)
		}
	}
	return names, nil
}

// Images are the paths of the images in a folder and the folders inside it,
// under dir, with slashes, in sorted order of names.
func (l *Listing) Images(folder string) ([]string, error) {
	entries, err := os.ReadDir(l.under(folder))
	if err != nil {
		return nil, fmt.Errorf("data: list a class folder: %w", err)
	}
	var files []string
	for _, e := range entries {
		name := path.Join(folder, e.Name())
		switch {
		case hidden(e.Name()):
		case e.IsDir(): // a link to a folder could lead in a circle
			inside, err := l.Images(name)
			if err != nil {
				return nil, err
			}
			files = append(files, inside...)
		case IsImage(e.Name()) && kind(l.under(folder), e).IsRegular():
			files = append(files, name)
		default:
			l.LeaveOut(folder, e)
		}
	}
	return files, nil
}

// validation lists the validation images beside a training folder.
func (l *Listing) validation(all *photos, train, folder string, o FolderOptions) (*photos, error) {
	if len(o.Split) > 0 {
		return nil, fmt.Errorf("data: the earlier run split its validation images off, and now %s has a folder %s; remove it or start a new run", l.Dir, folder)
	}
	names, err := l.Classes(folder)
	if err != nil {
		return nil, err
	}
	val := newPhotos(l.Dir, o.Size, all.classes)
	for _, class := range names {
		if !slices.Contains(all.classes, class) {
			return nil, fmt.Errorf("data: %s is a class without training images; add %s or remove it", l.under(folder, class), l.under(train, class))
		}
	}
	for label, class := range all.classes {
		if !slices.Contains(names, class) {
			continue
		}
		files, err := l.Images(path.Join(folder, class))
		if err != nil {
			return nil, err
		}
		val.add(label, files)
	}
	if val.Len() == 0 {
		return nil, fmt.Errorf("data: %s holds no images; add some in folders named after the classes, or remove it and a tenth of the training images is split off", l.under(folder))
	}
	return val, nil
}

// photos is a Set of image files.
type photos struct {
	dir     string
	size    int
	classes []string
	paths   []string // under dir, with slashes
	labels  []int32
}

func newPhotos(dir string, size int, classes []string) *photos {
	return &photos{dir: dir, size: size, classes: classes}
}

func (p *photos) add(label int, paths []string) {
	for _, name := range paths {
		p.paths = append(p.paths, name)
		p.labels = append(p.labels, int32(label))
	}
}

// Len, Size, Classes, Label, Name and Pixels make it a Set.
func (p *photos) Len() int          { return len(p.paths) }
func (p *photos) Size() int         { return p.size }
func (p *photos) Classes() []string { return p.classes }
func (p *photos) Label(i int) int   { return int(p.labels[i]) }
func (p *photos) Name(i int) string { return p.paths[i] }
func (p *photos) Pixels(i int, dst []byte) error {
	return ReadImage(p.file(i), p.size, dst)
}

// Stamp is the file's size and time, for Contents.
func (p *photos) Stamp(i int) string {
	info, err := os.Stat(p.file(i))
	if err != nil {
		return "" // it cannot be read either
	}
	return fmt.Sprintln(info.Size(), info.ModTime().UnixNano())
}

func (p *photos) file(i int) string { return filepath.Join(p.dir, filepath.FromSlash(p.paths[i])) }
