package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"unicode/utf8"

	"alexnet/train"
	"alexnet/train/monitor"
)

const (
	textBar  = 30 // characters of a bar of 100 %
	textName = 32 // of a class's name, at most
)

// predictionText writes predictions as bars of text, those of all images below each
// other.
type predictionText struct {
	to      io.Writer
	classes []string
	top     int
	names   int // characters of the longest class name
	colours bool
}

// newPredictionText makes one that colours the true classes on a terminal, unless
// NO_COLOR is set.
func newPredictionText(to *os.File, list []train.Predicted, classes []string, top int) *predictionText {
	t := &predictionText{to: to, classes: classes, top: top, colours: newBar(to).terminal && os.Getenv("NO_COLOR") == ""}
	for _, p := range list {
		for _, g := range t.shown(p) {
			t.names = max(t.names, min(textName, utf8.RuneCountInString(classes[g.Class])))
		}
	}
	return t
}

func (t *predictionText) shown(p train.Predicted) []monitor.Guess {
	return p.Guesses[:min(t.top, len(p.Guesses))]
}

func (t *predictionText) print(list []train.Predicted) {
	for _, p := range list {
		switch {
		case p.Err != nil:
			fmt.Fprintf(t.to, "\n%s cannot be read: %s\n", p.Image, whyUnreadable(p.Err))
			continue
		case p.Label >= 0:
			fmt.Fprintf(t.to, "\n%s (%s)\n", p.Image, t.classes[p.Label])
		default:
			fmt.Fprintf(t.to, "\n%s\n", p.Image)
		}
		for _, g := range t.shown(p) {
			fmt.Fprintln(t.to, t.line(g, g.Class == p.Label))
		}
	}
}

// line is one class: its name, bar and percentage, with a mark if it is the right one.
func (t *predictionText) line(g monitor.Guess, right bool) string {
	name := []rune(t.classes[g.Class])
	if len(name) > textName {
		name = append(name[:textName-1], '…')
	}
	mark := ' '
	if right {
		mark = '*'
	}
	line := fmt.Sprintf("%c %-*s  %s  %5.1f %%", mark, t.names, string(name), textOf(g.Probability), 100*g.Probability)
	if right && t.colours {
		line = "\x1b[32m" + line + "\x1b[0m"
	}
	return line
}

// textOf is a bar of a probability, padded to that of 100 %, in eighths of a character.
func textOf(probability float64) string {
	eighths := int(math.Round(min(1, max(0, probability)) * 8 * textBar))
	bar := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		bar += string(rune('█' + 8 - rest)) // the blocks of 7/8 to 1/8 follow the whole one
	}
	return bar + strings.Repeat(" ", textBar-utf8.RuneCountInString(bar))
}
