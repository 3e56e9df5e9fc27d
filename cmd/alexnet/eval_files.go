package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
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
		mistakes = drawMistakes(f.mistakes, o, classes)
	}
	return errors.Join(predictions, confusion, mistakes)
}

func drawMistakes(path string, o *train.Outputs, classes []string) error {
	wrong, err := o.Mistakes(mistakesMost, sheetTop)
	if err != nil {
		return err
	}
	if len(wrong) == 0 {
		fmt.Fprintf(os.Stderr, "no image is wrong: %s is not written\n", path)
		return nil
	}
	return launch.WritePNG(path, figure.Sheet(draw.NewFonts(), theme.Light, 1, readable(wrong), func(class int) string { return classes[class] }))
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
