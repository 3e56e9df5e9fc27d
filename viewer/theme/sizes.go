package theme

// Type sizes in pixels at scale 1. 36 is 7 mm of digit on a 24-inch screen of
// 1920 x 1080: readable from two metres.
const (
	Small  = 13 // labels, values, text
	Medium = 16 // names, tabs
	Large  = 36 // the header's five numbers, always SemiBold

	SmallLine = 18 // from one baseline of small text to the next
)

// Distances and heights in pixels at scale 1.
const (
	Unit   = 8
	Margin = 16
	Group  = 24 // between groups

	Control  = 28 // tool bar, fields
	Control2 = 32
	Control3 = 40 // the main buttons

	HeaderHeight   = 80
	TabsHeight     = 40
	TimeHeight     = 72
	SteeringWidth  = 272
	SteeringLeast  = 240
	SteeringMost   = 360
	MinimumWidth   = 1024
	MinimumHeight  = 640
	CompactWidth   = 1280 // below it, or
	CompactHeight  = 760  // below this, the frame is compact
	StandardWidth  = 1440
	StandardHeight = 900
)
