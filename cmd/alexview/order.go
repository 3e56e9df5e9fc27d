package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"alexnet/assets"
	"alexnet/cmd/internal/launch"
	"alexnet/engine"
	"alexnet/net"
	"alexnet/train"
	"alexnet/train/monitor"
	"alexnet/viewer"
	"alexnet/viewer/theme"
)

// What the form begins with.
const (
	theDemo = "demo"
	forFew  = "photos"
	forMany = "alexnet"
	// So many images are many: of fewer the paper's network learns the images by heart
	// sooner than what they show. It has some 50 weights for each image of ILSVRC, and
	// would have thousands for each of these.
	many   = 20000
	passes = 90 // the paper's, where a recipe counts steps
	// A small folder is validated after so many steps: few of its passes teach
	// enough for the plateau rule to go by.
	leastSteps = 100
)

// order is an order of the start page that is being checked.
type order struct {
	viewer.Checked
	images *train.Sets // nil: none is named yet
	config *train.Config
	keys   []string // of the recipe, that the form changes
}

// blame is an error of one of the form's fields.
type blame struct {
	field string
	err   error
}

func (b blame) Error() string { return b.err.Error() }

// check looks whether an order of the start page can be trained, and fills in what it
// leaves open. Nothing is made but for the network's plan.
func (s *sessions) check(o viewer.Order) viewer.Checked {
	<-s.shown // devices are opened
	c := &order{Checked: viewer.Checked{Order: o}}
	err := c.fill()
	var b blame
	switch {
	case errors.As(err, &b):
		c.Problem, c.Field = viewer.Sentence(b.err), b.field
	case c.images != nil:
		c.Begin = func() (viewer.Source, error) { return s.order(c.Order, append(c.keys, o.Set...)) }
	}
	return c.Checked
}

// fill fails with a blame.
func (c *order) fill() error {
	list, err := engine.Devices()
	if err != nil {
		return blame{viewer.DevicesField, err}
	}
	open := c.Order.Recipe == ""
	if open {
		c.Order.Recipe = forFew
	}
	folder, err := c.open()
	if err == nil && open {
		if c.Order.Recipe, c.Why = propose(c.count(), list[0].CPU()); c.Order.Recipe != forFew {
			folder, err = c.open()
		}
	}
	if err != nil {
		return blame{viewer.RecipeField, err}
	}
	c.Recipes = recipes(c.classes())
	c.numbers()
	wrong := c.set()
	c.Settings = lister(home(c.Order.Folder), c.Order.Recipe, c.keys)
	if wrong == nil {
		c.Order.Batch, c.Order.Passes = c.config.Batch, c.config.Solver.MaxEpochs // settings may say otherwise
	}
	err = c.devices(list)
	if folder != nil {
		return folder // first: it is the form's first field
	}
	if err == nil && wrong != nil {
		err = blame{viewer.SettingsField, wrong}
	}
	if c.images == nil || err != nil {
		return err
	}
	if outputs := c.config.Net.Classes(); outputs != c.classes() {
		return blame{viewer.SettingsField, fmt.Errorf("reset the last layer's outputs: they are %d, and the folder has %d classes", outputs, c.classes())}
	}
	if n := c.images.Train.Len(); c.Order.Batch > n {
		return blame{viewer.BatchField, fmt.Errorf("there are %[1]s images to train on: take a batch of at most %[1]s", monitor.Count(n))}
	}
	c.Length = monitor.Count(c.steps()) + " steps"
	return c.memory(list)
}

// propose is the recipe for so many images, 0: it is not known, and why it is that. The
// processor is what there is to train on where there is no card.
func propose(images int, processor bool) (recipe, why string) {
	n := monitor.Count(images)
	switch {
	case images == 0 && processor:
		return forFew, "A small network, which suits a processor."
	case images == 0:
		return forFew, "For fewer than " + monitor.Count(many) + " images."
	case images < many:
		return forFew, n + " images are few for " + forMany + "."
	case processor:
		return forFew, forMany + " takes a processor seconds a step."
	}
	return forMany, "The paper's, for " + n + " images are many."
}

// open reads the recipe for the folder and looks into it: what is wrong with the folder,
// and with the recipe.
func (c *order) open() (folder, recipe error) {
	if err := c.load(); err != nil {
		return nil, err
	}
	return c.look(), nil
}

// count is the number of the folder's images; 0: it is not known.
func (c *order) count() int {
	if c.images == nil {
		return 0
	}
	return c.images.Train.Len() + c.images.Val.Len()
}

// load reads the recipe for the folder. If it cannot, the one before stays.
func (c *order) load(set ...string) error {
	config, err := train.LoadConfigFor(home(c.Order.Folder), c.Order.Recipe, set...)
	if err == nil {
		c.config = config
	}
	return err
}

// look looks into the folder.
func (c *order) look() error {
	if c.Order.Folder == "" {
		return nil
	}
	dir := filepath.Clean(home(c.Order.Folder))
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return blame{viewer.FolderField, fmt.Errorf("there is no folder %s", dir)}
	}
	f, err := train.OpenFolder(c.config, "")
	if err != nil {
		return blame{viewer.FolderField, within(c.config.Dir, err)}
	}
	c.images = f
	n := monitor.Count(c.count())
	c.Found = fmt.Sprintf("%s images in %d folders, one for each class", n, c.classes())
	switch {
	case f.Packed:
		c.Found = fmt.Sprintf("A pack of %s images in %d classes, %s of them to validate on", n, c.classes(), monitor.Count(f.Val.Len()))
	case f.Split == nil:
		c.Found = fmt.Sprintf("%s images in %d classes, %s of them to validate on", n, c.classes(), monitor.Count(f.Val.Len()))
	}
	return nil
}

// within takes the folder out of an error about it or what is in it: it is said below
// the field that names it.
func within(dir string, err error) error {
	rest, is := strings.CutPrefix(err.Error(), "data: "+dir)
	switch {
	case is && strings.HasPrefix(rest, " "):
		return errors.New("it" + rest)
	case is && strings.HasPrefix(rest, "/"):
		return errors.New(rest[1:])
	}
	return errors.New(strings.ReplaceAll(err.Error(), " "+strings.TrimSuffix(dir, "/")+"/", " "))
}

// classes are those of the folder; 0: it is not known.
func (c *order) classes() int {
	if c.images == nil {
		return 0
	}
	return len(c.images.Train.Classes())
}

// numbers fills in batch and passes.
func (c *order) numbers() {
	if c.Order.Batch == 0 {
		c.Order.Batch = c.config.Batch
		if c.images != nil {
			c.Order.Batch = min(c.Order.Batch, c.images.Train.Len())
		}
	}
	if c.Order.Passes == 0 {
		c.Order.Passes = c.config.Solver.MaxEpochs
		if c.Order.Passes == 0 {
			c.Order.Passes = passes
		}
	}
}

// devices fills in the devices, as many as there are columns.
func (c *order) devices(list []engine.Info) error {
	if len(c.Order.Devices) == 0 {
		chosen, err := engine.Select(list, []string{strconv.Itoa(c.config.Net.Columns)}, 0)
		if err != nil {
			return blame{viewer.DevicesField, err}
		}
		for _, d := range chosen {
			c.Order.Devices = append(c.Order.Devices, d.UUID)
		}
	}
	return nil
}

// settings are the keys of the recipe as it is that the form changes. Recipes that count
// steps are made for images of their own number: they get the plateau rule instead.
func (c *order) settings() []string {
	set := []string{fmt.Sprintf("data.batch=%d", c.Order.Batch), fmt.Sprintf("solver.max_epochs=%g", c.Order.Passes)}
	plateau := c.config.Solver.Schedule == "plateau"
	if c.config.Solver.MaxSteps > 0 {
		set, plateau = append(set, "solver.schedule=plateau", "solver.max_steps=0"), true
	}
	if c.images == nil {
		return set
	}
	set = append(set, c.config.ForClasses(c.classes()))
	if plateau {
		every := 0 // once a pass
		if n := c.images.Train.Len(); n < leastSteps*c.Order.Batch {
			every = leastSteps
		}
		set = append(set, fmt.Sprintf("validate.every=%d", every))
	}
	return set
}

// set reads the recipe with the keys that the form changes and what the order sets.
func (c *order) set() error {
	recipe := c.config.Solver
	c.keys = slices.Clip(c.settings())
	if err := c.load(append(c.keys, c.Order.Set...)...); err != nil {
		return err
	}
	more := c.rescale(recipe)
	if len(more) == 0 {
		return nil
	}
	c.keys = slices.Clip(append(c.keys, more...))
	return c.load(append(c.keys, c.Order.Set...)...)
}

// rescale sets what goes with the length of a run, now that it is known. The rate drops
// behind the same shares of the passes as in the recipe. A warm-up takes a tenth of the
// run at most: recipes have one for more steps than a small folder makes.
func (c *order) rescale(recipe train.Solver) (set []string) {
	if by := c.config.Solver.MaxEpochs / recipe.MaxEpochs; len(recipe.DropEpochs) > 0 && recipe.MaxEpochs > 0 && by > 0 && by != 1 {
		var drops []string
		for _, e := range recipe.DropEpochs {
			drops = append(drops, fmt.Sprintf("%.4g", e*by))
		}
		set = append(set, "solver.drop_epochs=["+strings.Join(drops, ", ")+"]")
	}
	if c.images == nil {
		return set
	}
	if most := c.steps() / 10; recipe.Warmup > most {
		set = append(set, fmt.Sprintf("solver.warmup=%d", most))
	}
	return set
}

// steps are those of the run.
func (c *order) steps() int {
	return train.PlannedSteps(c.config, &train.Sets{Train: c.images.Train})
}

// memory says what the batch takes, and fails if that is too much.
func (c *order) memory(list []engine.Info) error {
	chosen, err := engine.Select(list, c.Order.Devices, 0)
	if err != nil {
		return blame{viewer.DevicesField, err}
	}
	var devices []*engine.Device
	defer func() { launch.CloseDevices(devices) }()
	for _, info := range chosen {
		d, err := engine.Open(info, engine.Options{})
		if err != nil {
			return blame{viewer.DevicesField, err}
		}
		devices = append(devices, d)
	}
	o := net.Options{Batch: c.config.Batch, Training: true, ImageHeight: c.config.Size, ImageWidth: c.config.Size}
	each, err := net.Memory(c.config.Net, devices, o)
	if err == nil {
		err = net.CheckMemory(c.config.Net, devices, o)
	}
	var short *net.MemoryError
	switch {
	case errors.As(err, &short) && short.Fits > 0:
		return blame{viewer.BatchField, fmt.Errorf("a batch of %d fits: %d needs %s, and %s has %s", short.Fits, short.Batch, theme.Memory(int64(short.Need)), short.Device, theme.Memory(int64(short.Capacity)))}
	case err != nil:
		return blame{viewer.BatchField, err}
	}
	most := uint64(0)
	for _, bytes := range each {
		most = max(most, bytes)
	}
	c.Memory = theme.Memory(int64(most)) + " for each column: fits"
	return nil
}

// recipes are those that train on a folder, for so many classes; 0: their own.
func recipes(classes int) []viewer.Recipe {
	var out []viewer.Recipe
	for _, name := range assets.Names() {
		c, err := train.LoadConfig(name)
		if err != nil || c.Set == "cifar10" {
			continue // that is a format of its own
		}
		if classes > 0 {
			if c, err = train.LoadConfig(name, c.ForClasses(classes)); err != nil {
				continue
			}
		}
		rows, err := c.Net.Plan()
		if err != nil {
			continue
		}
		parameters := 0
		for _, r := range rows {
			parameters += r.Weights + r.Biases
		}
		columns := fmt.Sprintf("%d columns", c.Net.Columns)
		if c.Net.Columns == 1 {
			columns = "1 column"
		}
		out = append(out, viewer.Recipe{Name: name, Text: fmt.Sprintf("%s, %s (%.3g M parameters)", name, columns, float64(parameters)/1e6)})
	}
	return out
}

// order begins what was checked, in a run named after the folder.
func (s *sessions) order(o viewer.Order, settings []string) (viewer.Source, error) {
	dir := home(o.Folder)
	if full, err := filepath.Abs(dir); err == nil {
		dir = full
	}
	flags := launch.Flags{Data: dir, Devices: o.Devices, Set: settings, Run: launch.NewRun(filepath.Base(dir), time.Now())}
	config, err := flags.Config(o.Recipe)
	if err != nil {
		return nil, err
	}
	s.kept.remember(flags.Run)
	return s.begin(flags, config, nil), nil
}

// home is a path whose ~ is the user's folder, as shells have it.
func home(path string) string {
	if rest, is := strings.CutPrefix(path, "~"); is && (rest == "" || strings.HasPrefix(rest, "/")) {
		if dir, err := os.UserHomeDir(); err == nil {
			return dir + rest
		}
	}
	return path
}
