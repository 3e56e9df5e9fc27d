package pack

import (
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Entry is an image of a shard, a line of its index.
type Entry struct {
	Offset int64 // in the tar
	Length int
	CRC    uint32 // CRC-32C of its bytes
	Label  int
	Shape  image.Point // width and height of the original
	Name   string      // of the original, under its source
}

const indexHead = "offset\tlength\tcrc32c\tlabel\twidth\theight\tname\n"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendLine appends an entry as a line of the index.
func (e *Entry) appendLine(to []byte) []byte {
	return fmt.Appendf(to, "%d\t%d\t%08x\t%d\t%d\t%d\t%s\n", e.Offset, e.Length, e.CRC, e.Label, e.Shape.X, e.Shape.Y, escape(e.Name))
}

// names in lines of text: tabs and ends of lines are part of some.
var (
	escaper   = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)
	unescaper = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")
)

func escape(name string) string { return escaper.Replace(name) }

func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	return unescaper.Replace(text)
}

// parseEntry reads a line of an index, without its end.
func parseEntry(line string) (e Entry, err error) {
	f := strings.SplitN(line, "\t", 7)
	if len(f) != 7 {
		return e, errors.New("a line has no seven fields")
	}
	var numbers [6]uint64
	for i := range numbers {
		base := 10
		if i == 2 {
			base = 16
		}
		n, err := strconv.ParseUint(f[i], base, 62)
		if err != nil {
			return e, err
		}
		numbers[i] = n
	}
	return Entry{
		Offset: int64(numbers[0]), Length: int(numbers[1]), CRC: uint32(numbers[2]), Label: int(numbers[3]),
		Shape: image.Pt(int(numbers[4]), int(numbers[5])), Name: unescape(f[6]),
	}, nil
}

// Entries reads the index of a shard and compares it with its checksum, and the shard's
// size with what it was.
func (p *Pack) Entries(s Shard) ([]Entry, error) {
	path := filepath.Join(p.dir, s.Name+indexExtension)
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, p.unreadable(path, err)
	}
	if checksum(raw) != s.IndexHash {
		return nil, damaged(path)
	}
	info, err := os.Stat(p.tar(s))
	if err != nil {
		return nil, p.unreadable(p.tar(s), err)
	}
	if info.Size() != s.Bytes {
		return nil, fmt.Errorf("pack: %s has %d bytes and was written with %d: copy it again or prepare the pack again", p.tar(s), info.Size(), s.Bytes)
	}
	text, found := strings.CutPrefix(string(raw), indexHead)
	if !found {
		return nil, damaged(path)
	}
	entries := make([]Entry, 0, s.Images)
	for line := range strings.Lines(text) {
		e, err := parseEntry(strings.TrimSuffix(line, "\n"))
		if err != nil || e.Label >= len(p.Classes) || e.Offset+int64(e.Length) > s.Bytes {
			return nil, damaged(path)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// tar is the path of a shard.
func (p *Pack) tar(s Shard) string { return filepath.Join(p.dir, s.Name+tarExtension) }
