package monitor

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Rate writes a rate without the last bits of what it was multiplied from.
func Rate(v float64) string {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	if v != 0 && v < 1e-5 {
		return strings.Replace(strconv.FormatFloat(v, 'e', -1, 64), "e-0", "e-", 1)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// RateChange describes a step of the rate, short for marks and as a sentence.
func RateChange(from, to float64) (short, text string) {
	text = fmt.Sprintf(rateText, Rate(from), Rate(to))
	switch ratio := from / to; {
	case ratio > 1 && math.Abs(ratio-math.Round(ratio)) < 1e-6*ratio:
		short = fmt.Sprintf("rate ÷ %.0f", ratio)
	case ratio < 1 && math.Abs(1/ratio-math.Round(1/ratio)) < 1e-6/ratio:
		short = fmt.Sprintf("rate × %.0f", 1/ratio)
	default:
		short = "rate " + Rate(to)
	}
	return short, text
}

// rateText is the sentence of a log, too.
const rateText = "Rate %s → %s"

// Rates are the rates before and behind a change of the rate, by its sentence.
func (e Event) Rates() (from, to float64, ok bool) {
	var a, b string
	if n, err := fmt.Sscanf(e.Text, rateText, &a, &b); n < 2 || err != nil {
		return 0, 0, false
	}
	from, err := strconv.ParseFloat(a, 64)
	if err != nil {
		return 0, 0, false
	}
	to, err = strconv.ParseFloat(b, 64)
	return from, to, err == nil && from > 0 && to > 0
}
