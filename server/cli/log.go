package cli

import (
	"io"
	"io/fs"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/lmittmann/tint"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// logFlags say what is logged, and how. Logs go to stderr; stdout belongs to the
// protocol.
type logFlags struct {
	LogLevel  string `enum:"debug,info,warn,error" default:"info" help:"How much is logged: debug, info, warn or error."`
	LogFormat string `enum:"text,json" default:"text" help:"Log as text or json."`
}

// logger writes to w, without secrets; in colours if it leads to a terminal.
func (f logFlags) logger(getenv func(string) string, w io.Writer, terminal bool) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(f.LogLevel)) // its enum holds nothing else
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(redactor{w}, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(tint.NewTextHandler(redactor{w}, &tint.Options{
		Level:       level,
		TimeFormat:  time.TimeOnly,
		NoColor:     getenv("NO_COLOR") != "" || !terminal || runtime.GOOS == "windows",
		ReplaceAttr: plain,
	}))
}

// reportDropped logs how many lines were dropped, as an error, so that every
// --log-level shows it: the lines may have been errors.
func reportDropped(logger *slog.Logger) func(lines int) {
	return func(lines int) {
		logger.Error("lines of the log were dropped: stderr did not take them", "lines", lines)
	}
}

// isTerminal reports whether w is a terminal. Tint checks neither that nor NO_COLOR,
// nor does it enable a Windows console's colours.
func isTerminal(w io.Writer) bool {
	f, ok := w.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}

// plain escapes line breaks in messages, which would forge lines of the log, and
// escape sequences in values, which a terminal would obey. Tint prints both as they
// are.
func plain(groups []string, a slog.Attr) slog.Attr {
	if kind := a.Value.Kind(); kind != slog.KindString && kind != slog.KindAny {
		return a
	}
	text := a.Value.String()
	switch {
	case len(groups) == 0 && a.Key == slog.MessageKey:
		if quoted := strconv.Quote(text); quoted != `"`+text+`"` {
			a.Value = slog.StringValue(quoted)
		}
	case strings.ContainsRune(text, '\x1b'):
		a.Value = slog.StringValue(strings.ReplaceAll(text, "\x1b", "␛"))
	}
	return a
}

// A redactor removes secrets from what is written through it, a line a write as slog's
// handlers do: there every value has its final form.
type redactor struct{ w io.Writer }

func (r redactor) Write(line []byte) (int, error) {
	if _, err := io.WriteString(r.w, sanitize.Secrets(string(line))); err != nil {
		return 0, err
	}
	return len(line), nil
}
