package launch

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// UnknownCommand is the mistake of a command that a program does not have, with those of
// similar names.
func UnknownCommand(program *cobra.Command, name string) error {
	program.SuggestionsMinimumDistance = 2
	hint := ""
	if similar := program.SuggestionsFor(name); len(similar) > 0 {
		hint = fmt.Sprintf(" (did you mean %s?)", strings.Join(similar, " or "))
	}
	return Usagef("unknown command %q%s", name, hint)
}

// helpCommand is cobra's, but that a command that is not there is a mistake.
func helpCommand(program *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := program.Find(args)
			if err != nil || len(rest) > 0 {
				return UnknownCommand(program, strings.Join(args, " "))
			}
			c.InitDefaultHelpFlag()
			c.InitDefaultVersionFlag()
			return c.Help()
		},
	}
}

// version is the revision that a program was built from.
func version(settings []debug.BuildSetting) string {
	set := map[string]string{}
	for _, s := range settings {
		set[s.Key] = s.Value
	}
	revision := set["vcs.revision"]
	if revision == "" {
		return "unknown: built without one"
	}
	text := revision[:min(12, len(revision))]
	if when, _, ok := strings.Cut(set["vcs.time"], "T"); ok {
		text += " of " + when
	}
	if set["vcs.modified"] == "true" {
		text += ", modified since"
	}
	return text
}
