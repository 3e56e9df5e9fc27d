package viewer

import "time"

// frameTime is how long a stop is shown in playing.
const frameTime = 125 * time.Millisecond

// playOn shows the next stop when it is time to and the one before was read, and says
// when to come again.
func (a *App) playOn(now time.Time) time.Duration {
	if a.memory.reading != nil {
		return time.Second // what was read wakes the window
	}
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
