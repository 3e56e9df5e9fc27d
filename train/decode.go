package train

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"

	"alexnet/net"
)

// table is a decoded TOML table.
type table = map[string]any

// head holds a recipe's top-level keys.
type head struct {
	Name        string `toml:"name" help:"Name of the recipe, which new runs are called by."`
	Seed        int64  `toml:"seed" help:"Number that initial weights, the order of images, crops and dropout are drawn from; the same again repeats a run."`
	Columns     int    `toml:"columns" help:"Columns that the network is split in, each on a device; 2 in the paper (section 3.2)."`
	Dropout     bool   `toml:"dropout" help:"Layers of type dropout drop units (section 4.2); otherwise they pass all on."`
	Convolution string `toml:"convolution" help:"How convolutions are summed: auto (the fastest way here) or direct (rounding errors of 3e-7 instead of 3e-6)."`
	Precision   string `toml:"precision" help:"Of products: float32, or mixed (multiplied in float16, summed in float32)."`
}

// sections holds a recipe's sections with their defaults.
type sections struct {
	head
	data       Data
	solver     Solver
	validate   Validate
	checkpoint Checkpoint
	snapshots  Snapshots
	log        Log
}

// parts are the sections by their names.
func (s *sections) parts() map[string]any {
	return map[string]any{"data": &s.data, "solver": &s.solver, "validate": &s.validate, "checkpoint": &s.checkpoint, "snapshots": &s.snapshots, "log": &s.log}
}

func defaults() sections {
	return sections{
		head:       head{Seed: 1, Columns: 1, Dropout: true, Convolution: "auto", Precision: "float32"},
		data:       Data{Set: "folder", Batch: 128, Size: 256, Crop: 224, Mean: "image", Scale: 1, ColourScale: "deviation", MaxBad: 0.05, TrainImages: 20000, ValImages: 1000},
		solver:     Solver{Rate: 0.01, Momentum: 0.9, Decay: 0.0005, Schedule: "plateau", Factor: 0.1, Milestones: []int{}, DropEpochs: []float64{}, Patience: 5, Drops: 3, MaxEpochs: 90},
		checkpoint: Checkpoint{Keep: 3},
		snapshots:  Snapshots{Every: 50, Budget: 200, Image: 1},
		log:        Log{Every: 20},
	}
}

// layerType makes a layer with its defaults, and says what it does.
type layerType struct {
	make func() any
	help string
}

// layerTypes are the types that a recipe's layers may have.
var layerTypes = map[string]layerType{
	"conv":    {func() any { return &net.Conv{Stride: 1, ParamOptions: net.DefaultParamOptions} }, "convolution of the maps of its own column, or of all columns behind a gather (section 3.5)"},
	"local":   {func() any { return &net.Local{Stride: 1, ParamOptions: net.DefaultParamOptions} }, "convolution whose every output pixel has kernels and biases of its own: locally connected"},
	"dense":   {func() any { return &net.Dense{ParamOptions: net.DefaultParamOptions} }, "fully connected to all of its own column, or of all columns behind a gather (section 3.5)"},
	"relu":    {func() any { return &net.Activation{Function: net.ReLU} }, "max(x, 0) of every value (section 3.1)"},
	"tanh":    {func() any { return &net.Activation{Function: net.Tanh} }, "tanh(x) of every value, which the paper compares with relu (section 3.1)"},
	"sigmoid": {func() any { return &net.Activation{Function: net.Sigmoid} }, "1 / (1 + exp(-x)) of every value (section 3.1)"},
	"abstanh": {func() any { return &net.Activation{Function: net.AbsTanh} }, "|tanh(x)| of every value (section 3.1)"},
	"lrn":     {func() any { l := net.DefaultLRN; return &l }, "local response normalisation across neighbouring maps of a column (section 3.3)"},
	"maxpool": {func() any { return &net.Pool{} }, "the largest value of each window (section 3.4)"},
	"avgpool": {func() any { return &net.Pool{Average: true} }, "the mean of each window"},
	"gather":  {func() any { return &net.Gather{} }, "gives every column the maps of all columns: where devices exchange (section 3.2)"},
	"dropout": {func() any { return &net.Dropout{Probability: 0.5} }, "sets values to 0 at random in training (section 4.2)"},
	"binary":  {func() any { return &net.Activation{Function: net.Binary} }, "1 where x > 0, otherwise 0, with the gradient of sigmoid: units of codes"},
	"squares": {func() any { return &net.Squares{} }, "half the squared differences from targets: ends the auto-encoder of alexnet codes"},
	"softmax": {func() any { return &net.Softmax{} }, "probabilities of the classes, and the loss of the right one (section 3.5)"},
}

// DecodeConfig decodes a recipe's text; name is the file that errors speak of, and
// beside which those that it extends lie.
func DecodeConfig(name, text string, set []string) (*Config, error) {
	d, err := readDocument(name, text)
	if err != nil {
		return nil, err
	}
	for _, s := range set {
		if err := d.override(s); err != nil {
			return nil, err
		}
	}
	return d.config()
}

// canonical decodes the text of a Config.
func canonical(text string) table {
	doc := table{}
	toml.Decode(text, &doc) // encode has written it
	return doc
}

// config decodes all tables.
func (d *document) config() (*Config, error) {
	s := defaults()
	places := s.parts()
	known := append(sorted(places), extendsKey, removeKey)
	for _, name := range sorted(d.sections) {
		to, is := places[name]
		if !is {
			return nil, d.at(d.sections[name], "", unknownKey(name, "the recipe", append(sorted(fieldsOf(&s.head)), known...)))
		}
		if err := d.fill(d.sections[name], to, "["+name+"]"); err != nil {
			return nil, err
		}
	}
	for _, key := range sorted(d.top.values) {
		if _, is := places[key]; is {
			return nil, d.at(d.top, key, fmt.Errorf("expected a section [%s]", key))
		}
	}
	if err := d.fill(d.top, &s.head, "the recipe", known...); err != nil {
		return nil, err
	}
	c := &Config{Name: s.Name, Seed: uint64(s.Seed), Data: s.data, Solver: s.solver, Validate: s.validate, Checkpoint: s.checkpoint, Snapshots: s.snapshots, Log: s.log}
	c.Net = net.Spec{Columns: s.Columns, Dropout: s.Dropout, Convolution: s.Convolution, Precision: s.Precision, Input: net.Shape{C: 3, H: s.data.Crop, W: s.data.Crop}}
	for i := range d.layers {
		layer, err := d.decodeLayer(i)
		if err != nil {
			return nil, err
		}
		c.Net.Layers = append(c.Net.Layers, layer)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("train: %s: %w", d.name, err)
	}
	c.text = encode(&s, d.layers, c.Net.Layers)
	return c, nil
}

// decodeLayer decodes the i-th [[layer]] table.
func (d *document) decodeLayer(i int) (net.Layer, error) {
	l := d.layers[i]
	kind, _ := l.values["type"].(string)
	known, ok := layerTypes[kind]
	if !ok {
		names := sorted(layerTypes)
		return nil, d.at(l, "type", fmt.Errorf("layer %d (%v) has type %q; expected one of %s%s", i+1, l.values["name"], kind, strings.Join(names, ", "), guess(kind, names)))
	}
	rest := *l
	rest.values = maps.Clone(l.values)
	delete(rest.values, "type")
	to := known.make()
	if err := d.fill(&rest, to, fmt.Sprintf("layer %v of type %v", l.values["name"], kindOf(to))); err != nil {
		return nil, err
	}
	return reflect.ValueOf(to).Elem().Interface().(net.Layer), nil
}

// fill decodes a section, called so in errors, into a struct whose toml tags are the
// keys it may have.
func (d *document) fill(s *section, to any, called string, extra ...string) error {
	fields := fieldsOf(to)
	for _, key := range sorted(s.values) {
		field, ok := fields[key]
		if !ok {
			return d.at(s, key, unknownKey(key, called, append(sorted(fields), extra...)))
		}
		if err := assign(field, s.values[key]); err != nil {
			return d.at(s, key, fmt.Errorf("%s: %w", key, err))
		}
	}
	return nil
}

func unknownKey(key, where string, known []string) error {
	return fmt.Errorf("unknown key %q in %s%s; it has %s", key, where, guess(key, known), strings.Join(known, ", "))
}

func kindOf(to any) string { return reflect.ValueOf(to).Elem().Interface().(net.Layer).Kind() }

// collect lists the fields of a struct and its embedded structs by toml key.
func collect(v reflect.Value, into map[string]reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			collect(v.Field(i), into)
		} else if key := f.Tag.Get("toml"); key != "" && key != "-" {
			into[key] = v.Field(i)
		}
	}
}

// assign stores a TOML value where its type fits: a whole number is a float, too.
func assign(field reflect.Value, value any) error {
	switch v := value.(type) {
	case int64:
		if field.Kind() == reflect.Int || field.Kind() == reflect.Int64 {
			field.SetInt(v)
			return nil
		}
		if field.Kind() == reflect.Float64 {
			field.SetFloat(float64(v))
			return nil
		}
	case float64:
		if field.Kind() == reflect.Float64 {
			field.SetFloat(v)
			return nil
		}
	case bool:
		if field.Kind() == reflect.Bool {
			field.SetBool(v)
			return nil
		}
	case string:
		if field.Kind() == reflect.String {
			field.SetString(v)
			return nil
		}
	case []any:
		if field.Kind() == reflect.Slice {
			return assignList(field, v)
		}
	}
	return fmt.Errorf("expected %s, not %v", called(field.Type()), value)
}

// called is what a value of a type is called.
func called(t reflect.Type) string {
	if t.Kind() == reflect.Slice {
		return map[reflect.Kind]string{reflect.Int: "a list of whole numbers", reflect.Float64: "a list of numbers"}[t.Elem().Kind()]
	}
	return map[reflect.Kind]string{reflect.Int: "a whole number", reflect.Int64: "a whole number", reflect.Float64: "a number",
		reflect.Bool: "true or false", reflect.String: "a text"}[t.Kind()]
}

func assignList(field reflect.Value, list []any) error {
	out := reflect.MakeSlice(field.Type(), len(list), len(list))
	for i, e := range list {
		if assign(out.Index(i), e) != nil {
			return fmt.Errorf("expected %s, not %v in it", called(field.Type()), e)
		}
	}
	field.Set(out)
	return nil
}

func sorted[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// encode writes a recipe with every key.
func encode(s *sections, sections []*section, layers []net.Layer) string {
	var b bytes.Buffer
	e := toml.NewEncoder(&b)
	e.Indent = ""
	e.Encode(s.head)
	for _, part := range []struct {
		name  string
		value any
	}{{"data", s.data}, {"solver", s.solver}, {"validate", s.validate}, {"checkpoint", s.checkpoint}, {"snapshots", s.snapshots}, {"log", s.log}} {
		e.Encode(table{part.name: part.value})
	}
	var list []table
	for i, l := range layers {
		fields := map[string]reflect.Value{}
		v := reflect.New(reflect.TypeOf(l)).Elem()
		v.Set(reflect.ValueOf(l))
		collect(v, fields)
		t := table{"type": sections[i].values["type"]}
		for k, f := range fields {
			t[k] = f.Interface()
		}
		list = append(list, t)
	}
	e.Encode(table{"layer": list})
	return b.String()
}
