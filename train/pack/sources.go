package pack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"alexnet/train/data"
)

// lister lists the images of sources: each is a line of the list of its part, so that
// a million of them take no more memory than a thousand.
type lister struct {
	ctx      context.Context
	lists    map[string]*listWriter // by part
	archives []string               // folders and tars that hold the images
	classes  []string               // as they were found, or in the order that is given
	number   map[string]int         // of each class in classes
	seen     map[string]bool        // classes of which there are images
	known    string                 // where all classes are named; "": those that are found count
	given    []givenClass           // classes in label order; nil: none were given
	labels   labels                 // of images whose place does not tell their class; nil
	asked    int                    // images whose class the labels told
	counts   []int                  // images that train or are to be dealt to parts, by class
	// sentences for the user.
	sentences []string
	ignored   int // files that are no images by their names
	links     []data.LeftOut
	loose     int // images beside the folders of classes
	images    int
	onImages  func(images int)
}

// origin is an image before it is prepared.
type origin struct {
	archive int   // in listed.Archives
	offset  int64 // in a tar; -1: a file of its own in a folder
	length  int64
	class   int // in listed.Labels
	name    string
}

// list lists a source: a tar or a folder, whose images are of a part unless the source
// itself has parts.
func (l *lister) list(source, part string) error {
	info, err := os.Stat(source)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("pack: there is no %s", source)
	}
	if err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	if source, err = filepath.Abs(source); err != nil { // preparing may go on in another directory
		return fmt.Errorf("pack: %w", err)
	}
	before := l.images
	if info.IsDir() && Is(source) {
		return fmt.Errorf("pack: %s is a pack already, from which none can be made: name what it was prepared from", source)
	}
	if info.IsDir() {
		err = l.folder(source, part)
	} else {
		err = l.tarFile(source, part, "")
	}
	if err == nil && l.images == before {
		err = fmt.Errorf("pack: %s holds no images", source)
	}
	return err
}

// add adds an image to the list of its part. Labels count where its place tells no class
// that there is.
func (l *lister) add(part, class string, o origin) (err error) {
	if _, known := l.number[class]; l.labels != nil && !known {
		if class, err = l.labels.class(o.name); err != nil {
			return err
		}
		l.asked++
	}
	if class == "" {
		return fmt.Errorf("pack: nothing tells the class of %s in %s: put the images of each class into a folder named after it, or name a file of their labels with --labels", o.name, l.archives[o.archive])
	}
	number, found := l.number[class]
	switch {
	case !found && l.known != "":
		return fmt.Errorf("pack: the class %s of %s in %s is not in %s", class, o.name, l.archives[o.archive], l.known)
	case !found:
		if err := data.CheckClass(class); err != nil {
			return fmt.Errorf("pack: %s holds %w", l.archives[o.archive], err)
		}
		number = len(l.classes)
		l.classes, l.number[class] = append(l.classes, class), number
	}
	o.class, o.archive = number, len(l.archives)-1
	l.seen[class] = true
	if part == Train {
		l.counts = append(l.counts, make([]int, max(0, number+1-len(l.counts)))...)
		l.counts[number]++
	}
	if l.images++; l.images%1000 == 0 {
		if err := l.ctx.Err(); err != nil {
			return err
		}
		if l.onImages != nil {
			l.onImages(l.images)
		}
	}
	return l.lists[part].write(o)
}

// folder lists a folder that holds folders of classes, or train, val and test with
// such, or tars in the place of those folders, or images alone.
func (l *lister) folder(dir, part string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("pack: list the images: %w", err)
	}
	var folders, tars, images []string
	top := data.Listing{Dir: dir}
	for _, e := range entries {
		name := e.Name()
		switch info, err := os.Stat(filepath.Join(dir, name)); {
		case data.Hidden(name):
		case err != nil:
			top.LeaveOut("", e)
		case info.IsDir():
			folders = append(folders, name)
		case path.Ext(name) == tarExtension:
			tars = append(tars, strings.TrimSuffix(name, tarExtension))
		case data.IsImage(name):
			images = append(images, name)
		default:
			top.LeaveOut("", e)
		}
	}
	if len(folders) == 0 {
		return l.flat(&top, tars, images, part)
	}
	parts, err := partsOf(dir, folders, part)
	if err != nil {
		return err
	}
	if parts == nil {
		return l.classFolders(dir, "", part) // which counts what is left out, too
	}
	l.leftOut(&top)
	for _, p := range Parts {
		if parts[p] != "" {
			if err := l.classFolders(dir, parts[p], p); err != nil {
				return err
			}
		}
	}
	return nil
}

// flat lists a folder without folders: of a tar for each part or class, or of images.
func (l *lister) flat(top *data.Listing, tars, images []string, part string) error {
	l.leftOut(top)
	if len(tars) == 0 {
		l.archives = append(l.archives, top.Dir)
		return l.files(top.Dir, images, part, "")
	}
	parts, err := partsOf(top.Dir, tars, part)
	if err != nil {
		return err
	}
	for _, p := range Parts {
		if parts[p] != "" {
			if err := l.tarFile(filepath.Join(top.Dir, parts[p]+tarExtension), p, ""); err != nil {
				return err
			}
		}
	}
	if parts != nil {
		return nil
	}
	for _, class := range tars {
		if err := l.tarFile(filepath.Join(top.Dir, class+tarExtension), part, class); err != nil {
			return err
		}
	}
	return nil
}

// partsOf is data.FindParts of a source to train on. A source of another part has none itself.
func partsOf(dir string, names []string, part string) (map[string]string, error) {
	if part != Train {
		return nil, nil
	}
	return data.FindParts(dir, names)
}

// classFolders lists a folder of folders of classes, and where there are labels the images
// beside them; folders inside a class belong to it.
func (l *lister) classFolders(dir, inside, part string) error {
	l.archives = append(l.archives, dir)
	listing := data.Listing{Dir: dir}
	classes, err := listing.Classes(inside)
	if err != nil {
		return err
	}
	before := l.images
	for _, class := range classes {
		names, err := listing.Images(path.Join(inside, class))
		if err != nil {
			return err
		}
		if len(names) == 0 && part == Train {
			return listing.NoImages(path.Join(inside, class))
		}
		if err = l.files(dir, names, part, class); err != nil {
			return err
		}
	}
	if l.labels != nil {
		if err := l.files(dir, listing.Loose, part, ""); err != nil {
			return err
		}
	} else {
		l.loose += len(listing.Loose)
	}
	l.leftOut(&listing)
	if l.images == before && part != Train {
		return empty(filepath.Join(dir, inside), part == Val && len(listing.Loose) > 0)
	}
	return nil
}

// leftOut counts what a listing has left out.
func (l *lister) leftOut(from *data.Listing) {
	l.ignored += from.Ignored
	l.links = append(l.links, from.Links...)
}

// empty is what is wrong with a folder of a part that gives no image. Images that lie in
// it, and in no folder of a class, may have labels.
func empty(dir string, flat bool) error {
	if flat {
		return fmt.Errorf("pack: %s holds images and no folders of classes: name it with --val, the folder to train on as SRC, and a file of the labels with --labels or --devkit", dir)
	}
	return fmt.Errorf("pack: %s holds no images in folders named after their classes: add some, or remove the folder", dir)
}

// files adds files of a folder.
func (l *lister) files(dir string, names []string, part, class string) error {
	for _, name := range names {
		if err := l.add(part, class, origin{archive: len(l.archives) - 1, offset: -1, name: name}); err != nil {
			return err
		}
	}
	return nil
}
