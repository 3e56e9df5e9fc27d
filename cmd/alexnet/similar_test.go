package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
)

// similar lists the images of the training set that are nearest to others, each of its own
// nearest to itself, keeps what the network makes of them, and draws them.
func TestSimilar(t *testing.T) {
	enginetest.Open(t)
	dir := t.TempDir()
	photos, run, sheet := filepath.Join(dir, "photos"), filepath.Join(dir, "run"), filepath.Join(dir, "sheet.png")
	photographs(t, photos, map[string]int{"cat": 10, "horse": 10, "ant": 10})
	alexnet(t, 0, append([]string{"train", "demo", "--data", photos, "--run", run, "--set", "layer.fc5.units=3", "--set", "solver.max_steps=3"}, small...)...)
	bad := filepath.Join(dir, "bad.jpg")
	if err := os.WriteFile(bad, []byte("\xff\xd8\xffnot a photograph"), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"similar", run, filepath.Join(photos, "ant"), bad, "--top", "4"}
	out, errs := alexnet(t, 1, append(args, "--json", "--png", sheet)...)
	has(t, errs, "fc4 makes 128 numbers of each of 27 images: 14 kB in "+filepath.Join(run, "index", "fc4.safetensors"), "1 of 11 images cannot be read")
	var list []struct {
		Image, Class, Error string
		Similar             []struct {
			Image, Class string
			Distance     float64
		}
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 11 {
		t.Fatalf("%v: %s", err, out)
	}
	own := 0
	for _, image := range list[:10] {
		if len(image.Similar) != 4 || image.Class != "ant" || image.Similar[0].Distance > image.Similar[3].Distance {
			t.Fatalf("%+v", image)
		}
		if near := image.Similar[0]; strings.HasSuffix(image.Image, filepath.FromSlash(near.Image)) && near.Class == "ant" && near.Distance < 1e-3*image.Similar[3].Distance {
			own++
		}
	}
	if own != 9 { // one was set aside for validation
		t.Errorf("%d of 9 training images are nearest to themselves: %+v", own, list)
	}
	if list[10].Error == "" || list[10].Similar != nil {
		t.Errorf("of the bad image: %+v", list[10])
	}
	isPNG(t, sheet)

	out, errs = alexnet(t, 1, args...)
	has(t, out, filepath.Join(photos, "ant", "a.jpg")+" (ant)\n* ", bad+" cannot be read: ")
	if strings.Contains(errs, "makes 128 numbers") || strings.Count(out, "\n  ")+strings.Count(out, "\n* ") != 40 {
		t.Errorf("the index was made again, or not four images of ten are listed:\n%s%s", errs, out)
	}
	out, errs = alexnet(t, 0, "similar", run, filepath.Join(photos, "cat", "a.jpg"), "--index", filepath.Join(photos, "horse"), "--layer", "conv3", "--index-file", filepath.Join(dir, "x.safetensors"))
	has(t, errs, "conv3 makes ", "of each of 10 images", "x.safetensors")
	if strings.Count(out, ".jpg") != 7 {
		t.Errorf("expected six horses:\n%s", out)
	}
	_, errs = alexnet(t, 1, "similar", run, filepath.Join(photos, "cat", "a.jpg"), "--index", filepath.Join(photos, "horse"), "--index-file", onFullDisk(t, "y.safetensors"))
	has(t, errs, "y.safetensors: the disk is full; make room and try again")
	similarInPack(t, run, photos)
	_, errs = alexnet(t, 1, "similar", run, filepath.Join(photos, "cat", "a.jpg"), "--codes", "64")
	has(t, errs, "codes of 64 bits: there are none; make them first", "on what fc4 makes", "alexnet codes "+run, ".safetensors --bits 64\n")
	_, errs = alexnet(t, 1, "similar", run, filepath.Join(photos, "cat", "a.jpg"), "--codes", "64", "--index", photos, "--layer", "conv3")
	has(t, errs, " --bits 64 --index "+photos+" --layer conv3\n")
	out, _ = alexnet(t, 0, "codes", run, "--bits", "64", "--set", "data.batch=8", "--set", "solver.max_epochs=3")
	has(t, out, "fc4-64.safetensors: codes of 64 bits of 27 images, 216 B, which explain ", "100 % among the first 100 (of 27 images)")
	out, errs = alexnet(t, 0, "similar", run, filepath.Join(photos, "ant", "b.jpg"), "--codes=64")
	has(t, errs, "codes of 64 bits of 27 images", "of the 10 images nearest by distance")
	has(t, out, " (ant)\n")
	if strings.Count(out, ".jpg") != 7 {
		t.Errorf("expected six images:\n%s", out)
	}
	alexnet(t, 0, "figure", "4", run, "--similar", "--out", sheet)
	isPNG(t, sheet)
}

// similarInPack looks in a pack: in its training images, one class of which the network does
// not know.
func similarInPack(t *testing.T, run, photos string) {
	t.Helper()
	dir := t.TempDir()
	images, packed := filepath.Join(dir, "images"), filepath.Join(dir, "pack")
	photographs(t, images, map[string]int{"ant": 10, "horse": 10, "zebra": 10})
	alexnet(t, 0, "prepare", images, packed, "--encoding", "raw", "--size", "64")
	args := []string{"similar", run, filepath.Join(photos, "ant", "b.jpg"), "--index", packed, "--top", "30"}
	out, errs := alexnet(t, 0, args...)
	has(t, errs, "fc4 makes 128 numbers of each of 27 images")
	has(t, out, "* ", "ant    ant/", "horse  horse/", "zebra/")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); len(lines) != 28 || !strings.Contains(lines[1], " ant/b.jpg") {
		t.Errorf("expected the 27 images of the pack, ant/b.jpg first:\n%s", out)
	}
	if _, errs = alexnet(t, 0, args...); strings.Contains(errs, "makes 128 numbers") {
		t.Errorf("the index was made again: %s", errs)
	}
}
