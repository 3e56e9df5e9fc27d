package engine

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
)

// mapFlags returns the kernel's flags of the mapping in which an address lies.
func mapFlags(t *testing.T, address uintptr) string {
	t.Helper()
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	defer file.Close()
	within := false
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var first, last uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &first, &last); n == 2 {
			within = first <= address && address < last
		}
		if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && within {
			return flags
		}
	}
	t.Fatalf("%#x is not mapped", address)
	return ""
}

// TestProcessorsMemoryIsOnHugePages looks where the buffers of processors lie; a driver that
// refuses the pages is asked for its own memory.
func TestProcessorsMemoryIsOnHugePages(t *testing.T) {
	eachDevice(t, func(t *testing.T, d *Device) {
		if !d.importsPages() {
			t.Skip("not a processor that imports memory")
		}
		before := mappedPages.Load()
		small, large := mustBuffer(t, d, "small", 1000, Local), mustBuffer(t, d, "large", blockSize/4, Local)
		for _, b := range []*Buffer{small, large} {
			address := uintptr(b.home.host)
			if flags := mapFlags(t, address); address%hugePage != 0 || !strings.Contains(flags, " hg") {
				t.Errorf("%s lies at %#x, flags %s", b.name, address, flags)
			}
		}
		large.Free()
		small.Free()
		if n := mappedPages.Load(); n > before {
			t.Errorf("%d host allocations are left, before %d", n, before)
		}

		if _, err := d.newHugeBlock(blockSize, 31); err == nil || mappedPages.Load() > before {
			t.Errorf("a type of memory that there is not: %v, %d host allocations, before %d", err, mappedPages.Load(), before)
		}
		d.info.HostAlignment = 1 << 50 // more than can be mapped
		refused := mustBuffer(t, d, "refused", blockSize/4, Upload)
		defer refused.Free()
		if refused.Floats()[blockSize/4-1] = 1; refused.home.pages != nil {
			t.Error("a buffer lies on pages that cannot be mapped")
		}
	})
}
