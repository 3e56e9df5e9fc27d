package theme

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Unknown stands for a number that is not known.
const Unknown = "–"

// minus is the true minus sign, as wide as a plus.
const minus = "−"

// trueMinus replaces hyphens at the beginning of numbers, but not in exponents:
// 9.4e-4 is how the viewer's users type it.
func trueMinus(s string) string {
	if strings.HasPrefix(s, "-") {
		return minus + s[1:]
	}
	return s
}

// odd is the text of a value that is not finite.
func odd(v float64) (string, bool) {
	switch {
	case math.IsNaN(v):
		return "NaN", true
	case math.IsInf(v, 1):
		return "∞", true
	case math.IsInf(v, -1):
		return minus + "∞", true
	}
	return "", false
}

// large is from where on numbers are written with an exponent: what has so many
// digits before its point is read by their count alone, and has no room on an axis.
const large = 1e5

// Loss writes a loss with four digits: 2.052, 0.1234, 12.35; a large one as 4.7e8.
func Loss(v float64) string {
	if s, is := odd(v); is {
		return s
	}
	if math.Abs(v) >= large {
		return exponent(strconv.FormatFloat(v, 'e', 1, 64))
	}
	decimals := 3
	if a := math.Abs(v); a >= 1 {
		decimals = max(0, 3-int(math.Floor(math.Log10(a)+1e-9)))
	} else {
		decimals = 4
	}
	return trueMinus(strconv.FormatFloat(v, 'f', decimals, 64))
}

// Percent writes a fraction with one decimal and " %".
func Percent(v float64) string { return unit(PercentValue(v), " %") }

// PercentValue is Percent without its unit.
func PercentValue(v float64) string {
	if s, is := odd(v); is {
		return s
	}
	return trueMinus(strconv.FormatFloat(100*v, 'f', 1, 64))
}

func unit(value, unit string) string {
	if value == "NaN" || value == Unknown {
		return value
	}
	return value + unit
}

// Whole writes a rounded number with commas: 382,344.
func Whole(v float64) string {
	if s, is := odd(v); is {
		return s
	}
	return Count(int(math.Round(v)))
}

// Count writes a whole number with commas.
func Count(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = minus, s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Epoch writes an epoch with one decimal.
func Epoch(v float64) string {
	if s, is := odd(v); is {
		return s
	}
	return trueMinus(strconv.FormatFloat(v, 'f', 1, 64))
}

// Rate writes a learning rate plainly, below 0.00001 with an exponent: 1e-6.
func Rate(v float64) string {
	if s, is := odd(v); is {
		return s
	}
	// Rates are products of floats: 0.003 / 100 shall not show its last bits.
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	if a := math.Abs(v); a != 0 && a < 1e-5 {
		return exponent(strconv.FormatFloat(v, 'e', -1, 64))
	}
	return trueMinus(strconv.FormatFloat(v, 'f', -1, 64))
}

// Tick writes the value of a tick, without the last bits of what it was multiplied
// from: 0.25, 40, 5e8.
func Tick(v float64) string {
	if s, is := odd(v); is {
		return s
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 9, 64), 64)
	if a := math.Abs(v); a >= large || a != 0 && a < 1e-4 {
		return exponent(strconv.FormatFloat(v, 'e', -1, 64))
	}
	return trueMinus(strconv.FormatFloat(v, 'f', -1, 64))
}

// Ratio writes a small ratio with two digits: 9.4e-4.
func Ratio(v float64) string {
	if s, is := odd(v); is {
		return s
	}
	if v == 0 {
		return "0"
	}
	return exponent(strconv.FormatFloat(v, 'e', 1, 64))
}

// exponent takes leading zeros and the plus off an exponent: 1e-06 is 1e-6.
func exponent(s string) string {
	mantissa, e, found := strings.Cut(s, "e")
	if !found {
		return trueMinus(s)
	}
	sign := ""
	if e[0] == '-' {
		sign = "-"
	}
	return trueMinus(mantissa) + "e" + sign + strings.TrimLeft(e[1:], "0")
}

// Signed writes a value with three digits and always a sign: +0.0612, −0.112.
func Signed(v float64) string {
	if s, is := odd(v); is {
		return s
	}
	s := Digits(v)
	if v >= 0 {
		return "+" + s
	}
	return s
}

// Digits writes a value with three digits, with an exponent below 0.001.
func Digits(v float64) string {
	if s, is := odd(v); is {
		return s
	}
	a := math.Abs(v)
	switch {
	case a == 0:
		return "0"
	case a < 1e-3 || a >= 1e6:
		return exponent(strconv.FormatFloat(v, 'e', 1, 64))
	}
	return trueMinus(strconv.FormatFloat(v, 'f', max(0, 2-int(math.Floor(math.Log10(a)))), 64))
}

// Duration writes a time by its two largest units: 1 d 05 h, 12 min 04 s, 9.2 s,
// 200.1 ms.
func Duration(d time.Duration) string {
	if d < 0 {
		return Unknown
	}
	switch s := d.Round(time.Second); {
	case d < time.Second:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case s < time.Minute:
		return fmt.Sprintf("%d s", s/time.Second)
	case s < time.Hour:
		return fmt.Sprintf("%d min %02d s", s/time.Minute, s%time.Minute/time.Second)
	case d.Round(time.Minute) < 24*time.Hour:
		m := d.Round(time.Minute)
		return fmt.Sprintf("%d h %02d min", m/time.Hour, m%time.Hour/time.Minute)
	default:
		h := d.Round(time.Hour)
		return fmt.Sprintf("%d d %02d h", h/(24*time.Hour), h%(24*time.Hour)/time.Hour)
	}
}

// Memory writes a number of bytes in powers of ten: 1.11 GB, 122 MB.
func Memory(bytes int64) string {
	if bytes < 0 {
		return Unknown
	}
	v := float64(bytes)
	for _, u := range []string{"B", "kB", "MB", "GB", "TB"} {
		if v < 999.5 || u == "TB" {
			return memoryDigits(v, u) + " " + u
		}
		v /= 1000
	}
	return Unknown
}

// memoryDigits gives gigabytes decimals, for a device has few of them.
func memoryDigits(v float64, unit string) string {
	if unit != "GB" && unit != "TB" {
		return strconv.Itoa(int(math.Round(v)))
	}
	return strconv.FormatFloat(v, 'f', max(0, 2-int(math.Floor(math.Log10(max(v, 1))))), 64)
}
