package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"alexnet/cmd/internal/launch"
	"alexnet/engine/whole"
	"alexnet/train"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/theme"
)

const mistakesMost = 40 // on a sheet

// seenFile is a file of predictions with the images as a network sees them, which are
// written while it is tested. The zero value is none.
type seenFile struct {
	file        *whole.File
	predictions *train.Predictions
}

func createSeen(path string, t *train.Test) (s seenFile, err error) {
	mean, err := t.Mean()
	if err != nil {
		return s, err
	}
	if s.file, err = whole.Create(path); err != nil {
		return s, err
	}
	if s.predictions, err = train.NewPredictions(s.file, t.Config, mean); err != nil {
		s.file.Drop()
	}
	return s, err
}

// commit gives the file its name.
func (s seenFile) commit() error {
	if s.file == nil {
		return nil
	}
	if err := s.predictions.Finish(); err != nil {
		return err
	}
	return s.file.Commit()
}

// write writes the files that eval was asked for, but for predictions with their inputs.
// One that cannot be written keeps none of the others from it.
func (f *evalFlags) write(o *train.Outputs, list []*train.Test) error {
	var predictions, confusion, mistakes error
	if f.out != "" && !f.oneInput(list) {
		predictions = train.WriteTensors(f.out, o.Tensors(), nil)
	}
	classes := list[0].Classes
	if f.confusion != "" {
		confusion = drawConfusion(f.confusion, o.Confusion(), classes)
	}
	if f.mistakes != "" {
		mistakes = f.drawMistakes(o, list)
	}
	return errors.Join(predictions, confusion, mistakes)
}

func (f *evalFlags) drawMistakes(o *train.Outputs, list []*train.Test) error {
	sheet, err := f.sheetOfMistakes(o, list)
	if err != nil {
		return err
	}
	if len(sheet.List) == 0 {
		fmt.Fprintf(os.Stderr, "no image is wrong: %s is not written\n", f.mistakes)
		return nil
	}
	return launch.WritePNG(f.mistakes, sheet.Draw(draw.NewFonts(), theme.Light, 1))
}

// sheetOfMistakes are the images that are most surely wrong, and says how many others are and
// what of its file each picture is.
func (f *evalFlags) sheetOfMistakes(o *train.Outputs, list []*train.Test) (*figure.Sheet, error) {
	wrong, err := o.Mistakes(mistakesMost, sheetTop)
	if err != nil {
		return nil, err
	}
	all := 0
	for _, one := range o.Outcomes() {
		if one.Rank > 0 {
			all++
		}
	}
	heading := fmt.Sprintf("All %d mistakes, the surest first", all)
	if all > len(wrong) {
		heading = fmt.Sprintf("The surest %d of %d mistakes", len(wrong), all)
	}
	classes := list[0].Classes
	return &figure.Sheet{List: readable(wrong), Name: func(class int) string { return classes[class] },
		Heading: heading, Note: f.whatIsSeen(list), Files: true}, nil
}

// whatIsSeen says what the pictures of the first network's images are, and what of them the
// networks see.
func (f *evalFlags) whatIsSeen(list []*train.Test) string {
	size, crop := list[0].Images.Size(), list[0].Config.Crop
	out := fmt.Sprintf("Each picture is the middle square of its image, scaled to %d × %[1]d pixels", size)
	other := func(t *train.Test) bool { return t.Images.Size() != size || t.Config.Crop != crop }
	switch {
	case slices.ContainsFunc(list, other):
		return out + fmt.Sprintf(" for %s; the networks see crops of several sizes.", list[0].Path)
	case f.crops == 10 && crop < size:
		return out + fmt.Sprintf("; the network sees ten crops of it, %d × %[1]d.", crop)
	case crop < size:
		return out + fmt.Sprintf("; the network sees its centre, %d × %[1]d.", crop)
	}
	return out + ", as the network sees it."
}

func drawConfusion(path string, counts [][]int, classes []string) error {
	if extension(path) == ".csv" {
		return writeConfusion(path, counts, classes)
	}
	return launch.WritePNG(path, figure.Confusion(draw.NewFonts(), theme.Light, counts, func(class int) string { return classes[class] }))
}

// writeConfusion writes a table with a row for each true class and a column for each
// class that is predicted.
func writeConfusion(path string, counts [][]int, classes []string) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(append([]string{"true class"}, classes...))
	for row, columns := range counts {
		cells := []string{classes[row]}
		for _, n := range columns {
			cells = append(cells, strconv.Itoa(n))
		}
		w.Write(cells)
	}
	w.Flush()
	return whole.WriteBytes(path, b.Bytes())
}
