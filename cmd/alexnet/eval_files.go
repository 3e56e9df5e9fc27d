package main

import (
	"bytes"
	"encoding/csv"
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

// write writes the files that eval was asked for, but for predictions with their inputs.
func (f *evalFlags) write(o *train.Outputs, list []*train.Test) error {
	if f.out != "" && !f.oneInput(list) {
		if err := train.WriteTensors(f.out, o.Tensors(), nil); err != nil {
			return err
		}
	}
	classes := list[0].Classes
	if f.confusion != "" {
		if err := drawConfusion(f.confusion, o.Confusion(), classes); err != nil {
			return err
		}
	}
	if f.mistakes == "" {
		return nil
	}
	wrong, err := o.Mistakes(mistakesMost, sheetTop)
	if err != nil {
		return err
	}
	if len(wrong) == 0 {
		fmt.Fprintf(os.Stderr, "no image is wrong: %s is not written\n", f.mistakes)
		return nil
	}
	return launch.WritePNG(f.mistakes, figure.Sheet(draw.NewFonts(), theme.Light, 1, readable(wrong), func(class int) string { return classes[class] }))
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
