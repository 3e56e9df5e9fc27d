package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"alexnet/train/data"
	"alexnet/train/monitor"
	"alexnet/train/pack"
	"alexnet/viewer/theme"
)

// inspected is what inspect --json prints.
type inspected struct {
	Path     string         `json:"path"`
	Size     int            `json:"size"`             // of the images in pixels
	Layout   *pack.Layout   `json:"layout,omitempty"` // of a pack
	Images   map[string]int `json:"images"`           // by part
	Skipped  int            `json:"skipped"`          // that could not be read
	Shards   int            `json:"shards,omitempty"`
	Bytes    int64          `json:"bytes,omitempty"`
	Verified bool           `json:"verified,omitempty"`
	// The originals of a pack's images: width and height.
	Smallest *dimensions `json:"smallest,omitempty"` // by pixels
	Median   *dimensions `json:"median,omitempty"`
	Largest  *dimensions `json:"largest,omitempty"`
	Longest  *dimensions `json:"longest,omitempty"` // by the ratio of its sides

	Colour  *data.ColourPCA  `json:"colour,omitempty"`
	Classes []inspectedClass `json:"classes"`
	Note    string           `json:"note,omitempty"`

	pack  *pack.Pack  // nil: a folder
	stats *data.Stats // nil: not known
	sets  []data.Set  // parts, and
	names []string    // theirs
}

type inspectedClass struct {
	Class  string         `json:"class"`
	Words  string         `json:"words,omitempty"`
	Images map[string]int `json:"images"` // by part
}

type dimensions struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

func (d *dimensions) String() string { return fmt.Sprintf("%dx%d", d.Width, d.Height) }

// count counts the images of each class and part.
func (r *inspected) count(classes, words []string) {
	r.Images, r.Classes = map[string]int{}, make([]inspectedClass, len(classes))
	for i, class := range classes {
		r.Classes[i] = inspectedClass{Class: class, Images: map[string]int{}}
		if words != nil {
			r.Classes[i].Words = words[i]
		}
	}
	for i, set := range r.sets {
		r.Images[r.names[i]] = set.Len()
		for k := range set.Len() {
			r.Classes[set.Label(k)].Images[r.names[i]]++
		}
	}
}

// shapes finds the remarkable sizes of originals.
func (r *inspected) shapes(entries []pack.Entry) {
	if len(entries) == 0 {
		return
	}
	longer := func(e pack.Entry) float64 {
		return float64(max(e.Shape.X, e.Shape.Y)) / float64(min(e.Shape.X, e.Shape.Y))
	}
	of := func(e pack.Entry) *dimensions { return &dimensions{e.Shape.X, e.Shape.Y} }
	r.Longest = of(slices.MaxFunc(entries, func(a, b pack.Entry) int { return cmp.Compare(longer(a), longer(b)) }))
	slices.SortStableFunc(entries, func(a, b pack.Entry) int { return cmp.Compare(a.Shape.X*a.Shape.Y, b.Shape.X*b.Shape.Y) })
	r.Smallest, r.Median, r.Largest = of(entries[0]), of(entries[len(entries)/2]), of(entries[len(entries)-1])
}

// classesListed are how many are listed where there are more.
const classesListed = 20

func (r *inspected) print(all bool) error {
	var parts []string
	for _, name := range r.names {
		parts = append(parts, monitor.Count(r.Images[name])+" "+name)
	}
	fmt.Printf("%s: %s images in %d classes\n", r.Path, strings.Join(parts, ", "), len(r.Classes))
	if r.Note != "" {
		fmt.Println(r.Note)
	}
	if r.pack != nil {
		r.printPack()
	}
	if r.Colour != nil {
		printColour(r.Colour)
	}
	fmt.Println()
	return r.printClasses(all)
}

func (r *inspected) printPack() {
	shape := fmt.Sprintf("centre %dx%[1]d", r.Size)
	if r.Layout.Whole {
		shape = fmt.Sprintf("whole, shorter side %d", r.Size)
	}
	encoding := r.Layout.Encoding
	if r.Layout.Encoding == pack.JPEG {
		encoding = fmt.Sprintf("JPEG of quality %d", r.Layout.Quality)
	}
	fmt.Printf("%s, %s, filter: %s\n", encoding, shape, r.Layout.Filter)
	fmt.Printf("%d shards, %s", r.Shards, theme.Memory(r.Bytes))
	if r.Verified {
		fmt.Print(", all as they were written")
	}
	fmt.Println()
	if r.Median != nil {
		fmt.Printf("originals: median %s, smallest %s, largest %s, longest %s\n", r.Median, r.Smallest, r.Largest, r.Longest)
	}
	if r.Skipped > 0 {
		fmt.Println(unread(r.pack))
	}
}

func printColour(p *data.ColourPCA) {
	fmt.Printf("mean colour: red %.2f, green %.2f, blue %.2f\n", p.Mean[0], p.Mean[1], p.Mean[2])
	fmt.Println("principal components of colour:")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "deviation\teigenvalue\tred\tgreen\tblue\t")
	for j, d := range p.Direction {
		fmt.Fprintf(w, "%.2f\t%.5f\t%.4f\t%.4f\t%.4f\t\n", p.Deviation[j], p.Eigenvalue[j], d[0], d[1], d[2])
	}
	w.Flush()
}

func (r *inspected) printClasses(all bool) error {
	words := r.pack != nil && r.pack.Words != nil
	head := "class\t"
	if words {
		head += "words\t"
	}
	for i, name := range r.names {
		head += name + "\t"
		least, most := r.spread(name)
		if r.sets[i].Len() > 0 {
			fmt.Printf("%s: %s to %s images of a class\n", name, monitor.Count(least), monitor.Count(most))
		}
	}
	shown := r.Classes
	if len(shown) > classesListed && !all {
		shown = shown[:classesListed]
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, head)
	for _, c := range shown {
		fmt.Fprintf(w, "%s\t", c.Class)
		if words {
			fmt.Fprintf(w, "%s\t", shortened(c.Words, 40))
		}
		for _, name := range r.names {
			fmt.Fprintf(w, "%d\t", c.Images[name])
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if left := len(r.Classes) - len(shown); left > 0 {
		fmt.Printf("and %d more: --classes lists all\n", left)
	}
	return nil
}

// spread is the smallest and largest number of a class's images in a part.
func (r *inspected) spread(part string) (least, most int) {
	least = r.Classes[0].Images[part]
	for _, c := range r.Classes {
		least, most = min(least, c.Images[part]), max(most, c.Images[part])
	}
	return least, most
}

func shortened(text string, runes int) string {
	if r := []rune(text); len(r) > runes {
		return string(r[:runes-1]) + "…"
	}
	return text
}
