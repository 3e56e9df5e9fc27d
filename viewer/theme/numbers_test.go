package theme

import (
	"math"
	"testing"
	"time"
)

func TestNumbers(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct{ name, got, want string }{
		{"loss", Loss(2.0521), "2.052"},
		{"loss above ten", Loss(12.346), "12.35"},
		{"loss below one", Loss(0.12344), "0.1234"},
		{"loss of nothing", Loss(0), "0.0000"},
		{"large loss", Loss(12345.6), "12346"},
		{"loss of a dead network", Loss(473613898), "4.7e8"},
		{"tick", Tick(0.1 + 0.2), "0.3"},
		{"large tick", Tick(1.5e8), "1.5e8"},
		{"tick below", Tick(50000), "50000"},
		{"small tick", Tick(1e-6), "1e-6"},
		{"tick of nothing", Tick(0), "0"},
		{"negative", Loss(-2.0521), "−2.052"},
		{"NaN", Loss(nan), "NaN"},
		{"infinite", Loss(inf), "∞"},
		{"error", Percent(0.221), "22.1 %"},
		{"error of all", Percent(1), "100.0 %"},
		{"no error known", Percent(nan), "NaN"},
		{"images/s", Whole(639.6), "640"},
		{"many images/s", Whole(12345.4), "12,345"},
		{"steps", Count(382344), "382,344"},
		{"steps below a thousand", Count(999), "999"},
		{"a million", Count(1000000), "1,000,000"},
		{"negative count", Count(-1234), "−1,234"},
		{"epochs", Epoch(38.24), "38.2"},
		{"rate", Rate(0.0001), "0.0001"},
		{"rate of the paper", Rate(0.01), "0.01"},
		{"rate at the border", Rate(0.00001), "0.00001"},
		{"rate of products", Rate(0.003 * 0.1 * 0.1), "0.00003"},
		{"tiny rate", Rate(1e-6), "1e-6"},
		{"tiny rate with digits", Rate(2.5e-7), "2.5e-7"},
		{"no rate", Rate(0), "0"},
		{"ratio", Ratio(0.00094), "9.4e-4"},
		{"ratio above one", Ratio(12.2), "1.2e1"},
		{"weight", Signed(0.0612), "+0.0612"},
		{"negative weight", Signed(-0.1124), "−0.112"},
		{"tiny weight", Signed(-0.000612), "−6.1e-4"},
		{"norm", Digits(13.92), "13.9"},
		{"days", Duration(29*time.Hour + 10*time.Minute), "1 d 05 h"},
		{"hours", Duration(90 * time.Minute), "1 h 30 min"},
		{"minutes", Duration(12*time.Minute + 4*time.Second), "12 min 04 s"},
		{"seconds", Duration(41 * time.Second), "41 s"},
		{"few seconds", Duration(1500 * time.Millisecond), "1.5 s"},
		{"milliseconds", Duration(200100 * time.Microsecond), "200.1 ms"},
		{"rounds up to a day", Duration(24*time.Hour - time.Second), "1 d 00 h"},
		{"no time", Duration(-1), "–"},
		{"GB", Memory(1_110_000_000), "1.11 GB"},
		{"many GB", Memory(12_000_000_000), "12.0 GB"},
		{"MB", Memory(122_400_000), "122 MB"},
		{"almost a GB", Memory(999_600_000), "1.00 GB"},
		{"no memory known", Memory(-1), "–"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}
