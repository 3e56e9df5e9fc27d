package window

// #cgo LDFLAGS: -lX11
// void watchDisplay(void);
import "C"

import "sync"

// onLost is what Options.Lost says.
var onLost struct {
	once sync.Once
	act  func()
}

// watchDisplay has act called when the connection to the display breaks. Without it Xlib
// ends the process there and then.
func watchDisplay(act func()) {
	onLost.act = act
	if act != nil {
		C.watchDisplay()
	}
}

// displayLost is called by Xlib, which would end the process if it returned, on whichever
// thread finds that the connection is broken. Others wait for Xlib's lock.
//
//export displayLost
func displayLost() {
	onLost.once.Do(onLost.act)
	select {}
}
