#include <X11/Xlib.h>
#include "_cgo_export.h"

static int lost(Display *display)
{
	displayLost();
	return 0;
}

void watchDisplay(void) { XSetIOErrorHandler(lost); }
