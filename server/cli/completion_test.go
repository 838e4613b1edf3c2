package cli_test

import (
	"strings"
	"testing"
)

// TestAWordBecomesWhatMayStandThere completes command lines; words are kept apart
// by a bar, and the last one is being typed.
func TestAWordBecomesWhatMayStandThere(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ words, want string }{
		// Commands and what they take.
		{"uninst", "uninstall"},
		{"comp", "completion"},
		{"completion|", "bash zsh fish powershell"},
		{"install|claude-", "claude-desktop claude-code"},
		{"uninstall|claude-d", "claude-desktop"},
		{"install|cursor|", ""},
		{"fly|inst", ""},
		{"__", ""},
		// Flags: those for all commands, and those of this one.
		{"--log-", "--log-level --log-format"},
		{"http|--tls", "--tls-cert --tls-key"},
		{"install|--key", "--key-env"},
		{"install|--|--key", ""},
		{"install|--|curs", "cursor"},
		// Their values.
		{"--log-level|", "debug info warn error"},
		{"--log-level|w", "warn"},
		{"--log-level=", "--log-level=debug --log-level=info --log-level=warn --log-level=error"},
		{"--log-level=w", "--log-level=warn"},
		{"--ledger|", ""},
		{"--ledger=", ""},
		{"--none=", ""},
		{"--simulator|uninst", "uninstall"},
		{"--log-level|debug|uninst", "uninstall"},
		{"install|-y|curs", "cursor"},
		// As bash splits them.
		{"--log-level|=", "debug info warn error"},
		{"--log-level|=|w", "warn"},
		{"--log-level|=|warn|uninst", "uninstall"},
		{"=", ""},
	} {
		t.Run(tt.words, func(t *testing.T) {
			t.Parallel()
			out := run(t.Context(), environment{}, "", append([]string{"__complete", "--"}, strings.Split(tt.words, "|")...)...)
			var words []string
			for line := range strings.Lines(out.stdout) {
				word, _, _ := strings.Cut(line, "\t")
				words = append(words, word)
			}
			if got := strings.Join(words, " "); got != tt.want || out.err != nil {
				t.Errorf("got %q, %v, want %q", got, out.err, tt.want)
			}
		})
	}
}

func TestAnOfferSaysWhatItMeans(t *testing.T) {
	t.Parallel()
	out := run(t.Context(), environment{}, "", "__complete", "--", "demo")
	if want := "demo\tWatch an agent's job: find a template, run it, wait, read its rows.\n"; out.stdout != want {
		t.Errorf("got %q, want %q", out.stdout, want)
	}
}
