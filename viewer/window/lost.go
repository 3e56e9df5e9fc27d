package window

// #cgo LDFLAGS: -lX11
// void watchDisplay(void);
import "C"

import (
	"errors"
	"fmt"
	"sync"
)

// onLost is what Options.Lost says.
var onLost struct {
	once sync.Once
	act  func(why error)
}

// watchDisplay has act called when the connection to the display breaks, or the display
// refuses a request, as for a window that another program has destroyed. Without it Xlib
// ends the process there and then.
func watchDisplay(act func(why error)) {
	onLost.act = act
	if act != nil {
		C.watchDisplay()
	}
}

// displayLost is called by Xlib, which would end the process if it returned from a broken
// connection, on whichever thread finds that it is broken or that the display has refused a
// request; refusal says what, nil: the connection is broken. Others wait for Xlib's lock.
//
//export displayLost
func displayLost(refusal *C.char) {
	why := errors.New("the display is gone")
	if refusal != nil {
		why = fmt.Errorf("the display refused what the window asked for: %s", C.GoString(refusal))
	}
	onLost.once.Do(func() { onLost.act(why) })
	select {}
}
