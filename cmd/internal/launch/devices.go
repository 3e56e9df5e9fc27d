package launch

import (
	"fmt"
	"os"

	"alexnet/engine"
)

// OpenDevices opens what the user asked for, or the best there is for so many
// columns. Devices opened twice are numbered.
func OpenDevices(words []string, columns int) ([]*engine.Device, error) {
	chosen, err := choose(words, columns)
	if err != nil {
		return nil, err
	}
	if len(chosen) > columns {
		fmt.Fprintf(os.Stderr, "warning: %d devices for %d columns: %d of them stay idle\n", len(chosen), columns, len(chosen)-columns)
	}
	var out []*engine.Device
	count := map[string]int{}
	for _, info := range chosen {
		d, err := engine.Open(info, engine.Options{})
		if err != nil {
			CloseDevices(out)
			return nil, err
		}
		if count[info.Name]++; count[info.Name] > 1 {
			d.SetName(fmt.Sprintf("%s #%d", info.Name, count[info.Name]))
		}
		out = append(out, d)
	}
	return out, nil
}

func choose(words []string, columns int) ([]engine.Info, error) {
	list, err := engine.Devices()
	if err != nil {
		return nil, err
	}
	return engine.Select(list, words, columns)
}

// CloseDevices closes them all.
func CloseDevices(devices []*engine.Device) {
	for _, d := range devices {
		d.Close()
	}
}

// TestDevice opens a device, which tests whether it computes right, and closes it.
func TestDevice(info engine.Info) error {
	d, err := engine.Open(info, engine.Options{})
	if err != nil {
		return err
	}
	d.Close()
	return nil
}
