package main

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"alexnet/cmd/internal/launch"
	"alexnet/train"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/theme"
)

// draw writes the files that eval was asked for.
func (f *evalFlags) draw(o *train.Outputs, classes []string) error {
	if f.confusion == "" {
		return nil
	}
	counts := o.Confusion()
	if strings.ToLower(filepath.Ext(f.confusion)) == ".csv" {
		return writeConfusion(f.confusion, counts, classes)
	}
	return launch.WritePNG(f.confusion, figure.Confusion(draw.NewFonts(), theme.Light, counts, func(class int) string { return classes[class] }))
}

// writeConfusion writes a table with a row for each true class and a column for each
// class that is predicted.
func writeConfusion(path string, counts [][]int, classes []string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(file)
	w.Write(append([]string{"true class"}, classes...))
	for row, columns := range counts {
		cells := []string{classes[row]}
		for _, n := range columns {
			cells = append(cells, strconv.Itoa(n))
		}
		w.Write(cells)
	}
	w.Flush()
	return errors.Join(w.Error(), file.Close())
}
