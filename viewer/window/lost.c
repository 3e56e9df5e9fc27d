#include <X11/Xlib.h>
#include <sys/socket.h>
#include "_cgo_export.h"

static int lost(Display *display)
{
	displayLost(0);
	return 0;
}

// An error that the server reports of a request leaves the connection whole. It is broken
// here, so that the server takes away what is left of the window, which nobody draws any
// more.
static int refused(Display *display, XErrorEvent *error)
{
	char text[256];
	XGetErrorText(display, error->error_code, text, sizeof text);
	shutdown(ConnectionNumber(display), SHUT_RDWR);
	displayLost(text);
	return 0;
}

void watchDisplay(void)
{
	XSetIOErrorHandler(lost);
	XSetErrorHandler(refused);
}
