package data

import (
	"fmt"
	"strings"
	"testing"
)

func TestParts(t *testing.T) {
	for names, want := range map[string]string{
		"train":                   "map[train:train]",
		"Training":                "map[train:Training]",
		"train valid":             "map[train:train val:valid]",
		"Train Val":               "map[train:Train val:Val]",
		"testing training":        "map[test:testing train:training]",
		"TEST train validation":   "map[test:TEST train:train val:validation]",
		"notes train val":         "map[train:train val:val]",
		"plane train":             "map[]",
		"plane test":              "map[]",
		"test val":                "map[]",
		"testing Testing":         "map[]",
		"training testing diving": "map[]", // classes of what people do
		"":                        "map[]",
		"train Train":             "data: photos holds both train and Train, which are names of one part, train: put the images of both into one of them",
		"train val valid":         "data: photos holds both val and valid, which are names of one part, val: put the images of both into one of them",
	} {
		parts, err := FindParts("photos", strings.Fields(names))
		got := fmt.Sprint(parts)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", names, got, want)
		}
	}
}

// Folders of parts are found by whatever their parts are called, to train and to test on.
func TestFoldersOfParts(t *testing.T) {
	for _, parts := range [][3]string{{"train", "valid", "test"}, {"Train", "Validation", "Test"}, {"training", "", "testing"}} {
		training, val, test := parts[0], parts[1], parts[2]
		paths := []string{training + "/ant/1.jpg", training + "/bee/2.jpg", test + "/ant/3.jpg"}
		validation := test
		if val != "" {
			paths, validation = append(paths, val+"/ant/3.jpg"), val
		}
		dir := tree(t, paths...)
		f, err := OpenFolder(dir, FolderOptions{Size: 4})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "classes", f.Train.Classes(), []string{"ant", "bee"})
		same(t, "training", names(f.Train), paths[:2])
		same(t, "validation", names(f.Val), []string{validation + "/ant/3.jpg"})
		for part, want := range map[string]string{"": validation + "/ant/3.jpg", "test": test + "/ant/3.jpg", "train": training + "/ant/1.jpg"} {
			s, err := OpenTestFolder(dir, 4, []string{"ant", "bee"}, part)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "tested on "+part, names(s)[:1], []string{want})
		}
	}
	_, err := OpenTestFolder(tree(t, "train/ant/1.jpg", "valid/ant/1.jpg"), 4, []string{"ant"}, "test")
	wantError(t, err, "no folder test to test on")
	// A class that is called as a part is one where the network knows it.
	s, err := OpenTestFolder(tree(t, "plane/1.jpg", "test/1.jpg"), 4, []string{"plane", "test"}, "")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "tested on", names(s), []string{"plane/1.jpg", "test/1.jpg"})
}
