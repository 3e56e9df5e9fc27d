package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"alexnet/train"
)

// printSimilar lists images and those similar to them.
func printSimilar(to io.Writer, list []train.Similar, classes []string) error {
	for _, s := range list {
		if s.Err != nil {
			fmt.Fprintf(to, "\n%s cannot be read: %s\n", s.Image, whyUnreadable(s.Err))
			continue
		}
		if s.Label >= 0 {
			fmt.Fprintf(to, "\n%s (%s)\n", s.Image, classes[s.Label])
		} else {
			fmt.Fprintf(to, "\n%s\n", s.Image)
		}
		w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
		for _, n := range s.Near {
			mark, class := ' ', ""
			if n.Label >= 0 {
				class = classes[n.Label]
			}
			if n.Label >= 0 && n.Label == s.Label {
				mark = '*'
			}
			fmt.Fprintf(w, "%c %.4g\t%s\t%s\n", mark, n.Distance, class, n.Image)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// similarJSON is an image in what similar --json prints: those similar to it, or an error.
type similarJSON struct {
	Image   string          `json:"image"`
	Class   string          `json:"class,omitempty"`
	Similar []neighbourJSON `json:"similar,omitempty"`
	Error   string          `json:"error,omitempty"`
}

type neighbourJSON struct {
	Image    string  `json:"image"`
	Class    string  `json:"class,omitempty"`
	Distance float64 `json:"distance"`
}

func printSimilarJSON(to io.Writer, list []train.Similar, classes []string) error {
	name := func(class int) string {
		if class < 0 {
			return ""
		}
		return classes[class]
	}
	out := make([]similarJSON, len(list))
	for i, s := range list {
		out[i] = similarJSON{Image: s.Image, Class: name(s.Label)}
		if s.Err != nil {
			out[i].Error = whyUnreadable(s.Err)
		}
		for _, n := range s.Near {
			out[i].Similar = append(out[i].Similar, neighbourJSON{n.Image, name(n.Label), n.Distance})
		}
	}
	e := json.NewEncoder(to)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
