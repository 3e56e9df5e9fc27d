package follow

import (
	"fmt"
	"time"

	"alexnet/train/monitor"
)

func plural(n int, what string) string {
	if n == 1 {
		return "One " + what
	}
	return monitor.Count(n) + " " + what + "s"
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// minutes writes a silence: in full minutes, from an hour on in hours.
func minutes(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d h %02d min", d/time.Hour, d%time.Hour/time.Minute)
}
