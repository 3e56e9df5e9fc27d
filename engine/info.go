package engine

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/cpu"

	"alexnet/engine/internal/vk"
	"alexnet/engine/whole"
)

// Info describes a physical device: what Vulkan calls its name, driver and
// limits. Sizes are in bytes.
type Info struct {
	Name       string // "NVIDIA GeForce RTX 3060"
	Driver     string // "llvmpipe"
	DriverInfo string // the driver's own version text: "Mesa 25.0.7 (LLVM 15.0.6)"
	Type       string // "discrete", "integrated", "virtual", "cpu", "other"
	UUID       string // 32 hexadecimal digits
	Memory     uint64 // of the largest device-local heap
	Free       uint64 // what the driver says this process may still take of it

	vk.Properties
	physical vk.PhysicalDevice
}

var typeNames = []string{"other", "integrated", "discrete", "virtual", "cpu"}

// Numbers of VkDriverId for the drivers that people call by another name than
// the one they report.
var driverAliases = map[uint32]string{10: "swiftshader", 13: "lavapipe"}

func newInfo(p vk.PhysicalDevice) Info {
	info := Info{
		Name: p.Name, Driver: p.DriverName, DriverInfo: p.DriverInfo, Type: "other",
		UUID: hex.EncodeToString(p.DeviceUUID[:]), Properties: p.Properties, physical: p,
	}
	if alias, ok := driverAliases[p.DriverID]; ok {
		info.Driver = alias
	}
	if int(p.Type) < len(typeNames) {
		info.Type = typeNames[p.Type]
	}
	for _, h := range p.MemoryHeaps {
		if h.DeviceLocal && h.Size > info.Memory {
			info.Memory, info.Free = h.Size, h.Budget
		}
	}
	return info
}

// Key names the kind of device that a tuning decision holds for. That of a software
// driver is the processor and its cores.
func (i *Info) Key() string {
	build := fnv.New32a() // software drivers count their versions in words only
	fmt.Fprint(build, i.Name, i.DriverInfo)
	if i.CPU() {
		fmt.Fprint(build, processor(), runtime.NumCPU())
	}
	return fmt.Sprintf("%04x-%04x-%d-%x-%08x-%d", i.VendorID, i.DeviceID, i.DriverID, i.DriverVersion, build.Sum32(), i.SubgroupSize)
}

// processor is the processor's name as the system has it, "" where it has none.
var processor = sync.OnceValue(func() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
})

// MatrixLanes is the size of the subgroups that multiply fragments of Matrix.
func (i *Info) MatrixLanes() uint32 {
	if i.Matrix[0] == 8 && i.SubgroupControl { // such a fragment is that of the smallest
		return uint32(i.SubgroupMin)
	}
	return uint32(i.SubgroupSize)
}

// seesAll says whether the host can write anywhere in a discrete device's memory (a
// "resizable BAR"), not only in a window of some 256 MB that programs share.
func (i *Info) seesAll() bool {
	const host = vk.MemoryHostVisible | vk.MemoryHostCoherent
	main := slices.IndexFunc(i.MemoryTypes, func(t vk.MemoryType) bool { return t.Flags&vk.MemoryDeviceLocal != 0 })
	return i.Type == "discrete" && main >= 0 && slices.ContainsFunc(i.MemoryTypes, func(t vk.MemoryType) bool {
		return t.Heap == i.MemoryTypes[main].Heap && t.Flags&(host|vk.MemoryDeviceLocal) == host|vk.MemoryDeviceLocal
	})
}

// CPU says whether the device is a software driver on the processor.
func (i *Info) CPU() bool { return i.Type == "cpu" }

// Lanes is the size of subgroups for the kernels that need to know it: that of a
// processor's vectors, 8 or 16 floats; 0 if the device has neither.
func (i *Info) Lanes() uint32 {
	switch {
	case i.SubgroupSize == 16 && i.CPU():
		return 16
	case i.SubgroupMin <= 8 && i.SubgroupMax >= 8:
		return 8
	}
	return 0
}

// ErrNoDevice is returned where no Vulkan device is installed.
var ErrNoDevice = errors.New("no Vulkan device: install your GPU's driver, or a software driver " +
	"(Debian 13, Ubuntu: mesa-vulkan-drivers; Debian 12: the same from bookworm-backports)")

// Devices lists the physical devices of all installed drivers, best first:
// discrete, integrated, virtual, then software. Drivers in the folder
// alexnet/drivers of the user's data folder are listed too.
func Devices() ([]Info, error) {
	hint := ""
	if name := driverVariable(); name != "" && name != "VK_ADD_DRIVER_FILES" {
		hint = fmt.Sprintf(" (the variable %s is set, to %s: unset it to see the drivers of the system alone)", name, os.Getenv(name))
	}
	addPrivateDrivers()
	wideVectors()
	found, err := vk.PhysicalDevices()
	if err != nil && !errors.Is(err, vk.IncompatibleDriver) && !errors.Is(err, vk.InitializationFailed) {
		if errors.Is(err, vk.NoLoader) {
			return nil, fmt.Errorf("engine: %w: install it (Debian, Ubuntu: libvulkan1) and a driver", err)
		}
		return nil, fmt.Errorf("engine: %w: a driver or its manifest (*.json) may be broken: install it again%s", err, hint)
	}
	var list []Info
	for _, p := range found {
		if p.HasCompute && p.APIVersion >= 1<<22|1<<12 { // Vulkan 1.1
			list = append(list, newInfo(p))
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("engine: %w%s", ErrNoDevice, hint)
	}
	rank := map[string]int{"discrete": 0, "integrated": 1, "virtual": 2, "other": 3, "cpu": 4}
	slices.SortStableFunc(list, func(a, b Info) int {
		return cmp.Or(cmp.Compare(rank[a.Type], rank[b.Type]), cmp.Compare(softwareRank(a), softwareRank(b)), cmp.Compare(b.Memory, a.Memory))
	})
	return list, nil
}

// softwareRank puts lavapipe before slower software drivers.
func softwareRank(i Info) int {
	if i.CPU() && i.Driver != "lavapipe" {
		return 1
	}
	return 0
}

// driverVariable is the first of the loader's variables that is set and names
// drivers.
func driverVariable() string {
	for _, name := range []string{"VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES"} {
		if os.Getenv(name) != "" {
			return name
		}
	}
	return ""
}

// addPrivateDrivers tells the loader of drivers that the set-up unpacked for
// tests, unless the user chose drivers through the loader's own variables.
func addPrivateDrivers() {
	if driverVariable() != "" {
		return
	}
	data := os.Getenv("XDG_DATA_HOME")
	if data == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return
		}
		data = filepath.Join(home, ".local", "share")
	}
	if files := whole.Glob(filepath.Join(data, "alexnet", "drivers"), "*.json"); len(files) > 0 {
		os.Setenv("VK_ADD_DRIVER_FILES", strings.Join(files, string(os.PathListSeparator)))
	}
}

// wideVectors has lavapipe compile for 512-bit vectors where the processor has
// them: it takes 256 by itself, and the kernels of products run 1.4 times faster.
// The user's own choice stays.
func wideVectors() {
	const variable = "LP_NATIVE_VECTOR_WIDTH"
	x := cpu.X86
	if os.Getenv(variable) == "" && x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL {
		os.Setenv(variable, "512")
	}
}

// minUUID is the length from which digits are a UUID prefix and not a number of
// devices.
const minUUID = 4

// Select picks devices from a list of Devices by the user's words: parts of a
// name, driver or type, UUID prefixes, or a number alone for so many logical
// devices on the best kind. One word repeated opens the device again. No words
// pick the best device, or as many of one kind of GPU as want says.
func Select(list []Info, words []string, want int) ([]Info, error) {
	if len(list) == 0 {
		return nil, fmt.Errorf("engine: %w", ErrNoDevice)
	}
	if len(words) == 1 {
		if n, err := strconv.Atoi(words[0]); err == nil && len(words[0]) < minUUID {
			if n < 1 || n > 16 {
				return nil, fmt.Errorf("engine: %d devices asked for; 1 to 16 can be opened", n)
			}
			best := sameKind(list)
			var out []Info
			for i := range n {
				out = append(out, best[i%len(best)])
			}
			return out, nil
		}
	}
	if len(words) == 0 {
		best := sameKind(list)
		if list[0].CPU() || want < 1 {
			want = 1
		}
		return best[:min(want, len(best))], nil
	}
	var out []Info
	used := map[string]int{}
	for _, word := range words {
		matches := match(list, word)
		if len(matches) == 0 {
			return nil, fmt.Errorf("engine: no device matches %q; there are %s", word, names(list))
		}
		// The same word twice takes the next device that it matches, if any.
		out = append(out, matches[used[word]%len(matches)])
		used[word]++
	}
	return out, nil
}

// sameKind returns the devices like the best one. Another card of the same maker, such as a
// small one for the display, would hold every step up: who wants it names it.
func sameKind(list []Info) []Info {
	var out []Info
	for _, i := range list {
		if i.Type == list[0].Type && i.Driver == list[0].Driver && i.Name == list[0].Name {
			out = append(out, i)
		}
	}
	return out
}

func match(list []Info, word string) []Info {
	w := strings.ToLower(strings.TrimSpace(word))
	if w == "" {
		return nil
	}
	var out []Info
	for _, i := range list {
		text := strings.ToLower(i.Name + "\n" + i.Driver + "\n" + i.DriverName + "\n" + i.Type)
		if strings.Contains(text, w) || strings.HasPrefix(i.UUID, strings.ReplaceAll(w, "-", "")) {
			out = append(out, i)
		}
	}
	return out
}

func names(list []Info) string {
	var out []string
	for _, i := range list {
		out = append(out, fmt.Sprintf("%q (%s, %s…)", i.Name, i.Driver, i.UUID[:8]))
	}
	return strings.Join(out, ", ")
}
