package viewer

import (
	"strconv"
	"time"
)

// frameTime is how long a shot is shown in playing.
const frameTime = 125 * time.Millisecond

// playOn shows the next shot when it is time to, and says when to come again.
func (a *App) playOn(now time.Time) time.Duration {
	if wait := frameTime - now.Sub(a.played); wait > 0 {
		return wait
	}
	a.played = now
	a.lookBack(1)
	if a.past < 0 {
		a.playing = false
		a.redraw(timePart)
		return time.Second
	}
	return frameTime
}

// plainNumber writes a tick.
func plainNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
