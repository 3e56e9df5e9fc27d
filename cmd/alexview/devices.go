package main

import (
	"fmt"
	"runtime"
	"strings"

	"alexnet/cmd/internal/launch"
	"alexnet/engine"
	"alexnet/viewer"
	"alexnet/viewer/theme"
)

// devices lists what there is to compute on, the best first, and tests each. Like
// whatever compiles for Vulkan it waits until the window is shown.
func devices(shown <-chan struct{}) ([]viewer.Device, error) {
	<-shown
	list, err := engine.Devices()
	if err != nil {
		return nil, err
	}
	var out []viewer.Device
	count := map[string]int{}
	for _, info := range list {
		d := viewer.Device{ID: info.UUID, Name: info.Name, Type: kind(info), Memory: theme.Memory(int64(info.Memory)), Driver: info.DriverInfo}
		if count[info.Name]++; count[info.Name] > 1 {
			d.Name = fmt.Sprintf("%s #%d", info.Name, count[info.Name])
		}
		d.Driver, _, _ = strings.Cut(d.Driver, " (") // behind it Mesa names its compiler
		if d.Driver == "" {
			d.Driver = info.Driver
		}
		if err := launch.TestDevice(info); err != nil {
			d.Problem = viewer.Sentence(err)
		}
		out = append(out, d)
	}
	return out, nil
}

// kind is what kind of device it is, in words.
func kind(info engine.Info) string {
	switch info.Type {
	case "cpu":
		return fmt.Sprintf("CPU, %d threads", runtime.NumCPU())
	case "other":
		return "unknown type"
	}
	return info.Type + " GPU"
}
