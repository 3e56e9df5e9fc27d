package main

import (
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/engine"
)

func devicesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "devices",
		Short: "List the Vulkan devices, their limits and whether they compute right",
		Args:  exactly(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			list, err := engine.Devices()
			if err != nil {
				return err
			}
			for _, info := range list {
				printDevice(info)
			}
			return nil
		},
	}
}

func printDevice(info engine.Info) {
	fmt.Println(info.Name)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	v := info.APIVersion
	fmt.Fprintf(w, "  driver\t%s %s\n", info.Driver, info.DriverInfo)
	fmt.Fprintf(w, "  Vulkan\t%d.%d.%d\n", v>>22, v>>12&0x3FF, v&0xFFF)
	fmt.Fprintf(w, "  type\t%s\n", info.Type)
	fmt.Fprintf(w, "  UUID\t%s\n", info.UUID)
	fmt.Fprintf(w, "  memory\t%s\n", engine.Megabytes(info.Memory))
	fmt.Fprintf(w, "  largest buffer of a kernel\t%s\n", engine.Megabytes(info.MaxStorageRange))
	fmt.Fprintf(w, "  workgroup\t%d invocations, %d bytes shared\n", info.MaxInvocations, info.MaxShared)
	fmt.Fprintf(w, "  subgroup\t%d (%d to %d)\n", info.SubgroupSize, info.SubgroupMin, info.SubgroupMax)
	fmt.Fprintf(w, "  64-bit integers, half floats, buffer addresses\t%s, %s, %s\n", yes(info.Int64), yes(info.Float16), yes(info.BufferAddress))
	fmt.Fprintf(w, "  cooperative matrices\t%s\n", matrices(info))
	fmt.Fprintf(w, "  self-test\t%s\n", selfTest(info))
	w.Flush()
}

// matrices is the shape of a device's float16 fragments for mixed precision.
func matrices(info engine.Info) string {
	m := info.Matrix
	if m == [3]uint32{} {
		return "no"
	}
	return fmt.Sprintf("%dx%dx%d", m[0], m[1], m[2])
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func selfTest(info engine.Info) string {
	if err := launch.TestDevice(info); err != nil {
		return err.Error()
	}
	return "passed"
}
